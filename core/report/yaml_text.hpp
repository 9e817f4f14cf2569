// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mapctl::report {

// `text` as a YAML scalar that every reader takes for that string.
std::string yaml_scalar(std::string_view text);

}  // namespace mapctl::report
