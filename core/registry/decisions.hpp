// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/decision.hpp"
#include "core/registry/registry.hpp"

#include <vector>

namespace mapctl::registry {

// What people of the tenant decided about its mappings and source fields, as it stands now, by key:
// three statements whatever their number. What a policy let pass without a person is no decision,
// nor is what waits for review again.
std::vector<mapping::Decision> decisions(Registry& registry);

}  // namespace mapctl::registry
