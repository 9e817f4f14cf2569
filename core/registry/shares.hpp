// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/registry/changes.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

// An active mapping as a share of its look-ups sees it, beside the version in force (A/B).
struct MappingShare {
  mapping::FieldMapping mapping{};  // as it is served, with the version that it stands beside
  int percent = 0;
  std::string reason{}, created_at{}, created_by{};
};

// Sets or replaces the share of a mapping; `edit` takes the rule, the target's data type and the
// notes. Takes an approver; audited. Throws Error::denied where the tenant's policy wants a second
// person for what is served, conflict when the mapping is not active or has another version,
// not_found, and usage for another percentage than 1 to 100, or when nothing would differ.
void set_share(Registry& registry, const MappingAt& at, const MappingEdit& edit, int percent,
               std::string_view reason);
bool stop_share(Registry& registry, const mapping::MappingId& id, std::string_view reason);
std::vector<MappingShare> shares(Registry& registry);  // by connector, table, field; active ones

// Whether `subject` (a user, a customer, a run) is among the percentage: always on the same side of
// one mapping, on sides of their own of different ones.
bool is_in_share(const mapping::MappingId& id, std::string_view subject, int percent) noexcept;

// Puts what `subject` is to see in the place of looked-up mappings; returns which, by index.
std::vector<std::size_t> serve_shares(Registry& registry, std::string_view subject,
                                      std::vector<mapping::FieldMapping>& mappings);

}  // namespace mapctl::registry
