// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/registry/versions.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

// Versions of one mapping, oldest first. Throws Error::not_found.
std::vector<MappingVersion> history(Registry& registry, const mapping::MappingId& id);
MappingVersion version_of(Registry& registry, const mapping::MappingId& id, int version);
// The mapping that people mean by its id or by six or more of its first characters; a whole id is
// taken as it is. Throws Error::not_found, and Error::usage where several begin so.
mapping::MappingId mapping_named(Registry& registry, std::string_view text);
// Mappings of a source field, by entity and field, whatever their status.
std::vector<mapping::FieldMapping> mappings_of(Registry& registry,
                                               const mapping::ConnectorName& connector,
                                               const catalog::TableName& table,
                                               const mapping::FieldPath& field);

// What is rolled back: one mapping, those of a connector, or all of the tenant.
struct RollbackScope {
  std::optional<mapping::MappingId> mapping{};
  std::optional<mapping::ConnectorName> connector{};
};
// To a version number (mappings that never had so many stay) or to what was in force at a moment
// (mappings that did not exist then are deprecated). A mapping that is already as it was then
// stays.
struct RollbackGoal {
  std::optional<int> version{};
  std::string moment{};  // as to_iso8601() writes it
};
struct RollbackStep {
  mapping::FieldMapping mapping{};  // as it is before
  int to_version = 0;               // 0: deprecated
};
struct RollbackResult {
  std::vector<RollbackStep> steps{};
  std::size_t unchanged = 0;
};
// New versions, in one transaction; an earlier state comes back, nothing is deleted. A dry run only
// says what would be done.
RollbackResult roll_back(Registry& registry, const RollbackScope& scope, const RollbackGoal& goal,
                         std::string_view reason, bool dry_run = false);

// Active mappings that contradict each other.
struct MappingConflict {
  enum class Kind : std::uint8_t {
    several_targets,  // one source field feeds two fields of one entity
    several_sources,  // two fields feed one target, and no rule says how they are combined
  };
  Kind kind = Kind::several_targets;
  std::vector<mapping::FieldMapping> mappings{};
};
std::string_view to_string(MappingConflict::Kind kind) noexcept;
std::vector<MappingConflict> find_conflicts(Registry& registry);

}  // namespace mapctl::registry
