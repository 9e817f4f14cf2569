// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mapctl::registry {

// Vectors of what public systems call the fields of our entities: of no tenant, for all of them.
extern const std::string_view baseline_up;
extern const std::string_view baseline_down;
// Rows that every transaction reads and only upkeep writes.
extern const std::string_view baseline_up_postgresql;

}  // namespace mapctl::registry
