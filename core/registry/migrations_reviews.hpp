// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mapctl::registry {

// Statements of the migration that keeps what reviewers wrote, what was exported for them, and who
// signed it.
extern const std::string_view reviews_up;
extern const std::string_view reviews_down;

}  // namespace mapctl::registry
