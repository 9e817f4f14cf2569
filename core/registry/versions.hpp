// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/mapping.hpp"
#include "core/registry/registry.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

// One version of a mapping, as it was or is. Ids of people are theirs in the registry; names are
// empty when nobody is known.
struct MappingVersion {
  mapping::FieldMapping mapping{};  // with its version
  bool active = false;              // the one in force
  std::string created_at{}, created_by{}, reason{};
  std::string approved_at{}, approved_by{}, approved_by_id{};
};

// Of the state's tenant.
std::optional<mapping::FieldMapping> find_mapping(RegistryState& state,
                                                  const mapping::MappingId& id);
// Throws Error::not_found.
MappingVersion load_version(RegistryState& state, const mapping::MappingId& id, int version);
// Oldest first; empty for an unknown mapping.
std::vector<MappingVersion> load_versions(RegistryState& state, const mapping::MappingId& id);

// One field that differs between two states of a mapping, as text.
struct Difference {
  std::string_view field{};  // "status", "transformation_rule" ...
  std::string before{};
  std::string after{};
};
std::vector<Difference> differences(const mapping::FieldMapping& before,
                                    const mapping::FieldMapping& after);

}  // namespace mapctl::registry
