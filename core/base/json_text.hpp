// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"

#include <string>

namespace mapctl {

// How a value is printed: text as it is, null as nothing, true and false, maps and lists as JSON.
std::string to_text(const Json& value);
// As Python sees it: null, false, 0, "", [] and {} are not.
bool is_truthy(const Json& value) noexcept;

}  // namespace mapctl
