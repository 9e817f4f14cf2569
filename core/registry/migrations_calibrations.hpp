// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mapctl::registry {

// Statements of the migration that keeps how a tenant's confidences are calibrated, every version.
extern const std::string_view calibrations_up;
extern const std::string_view calibrations_down;

}  // namespace mapctl::registry
