// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mapctl::report::page {

// The fixed parts of the HTML report.
extern const std::string_view style;
extern const std::string_view body;
extern const std::string_view script;

}  // namespace mapctl::report::page
