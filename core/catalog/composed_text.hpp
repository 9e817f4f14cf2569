// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mapctl::catalog {

// What stands between the parts of a composed text, such as an address, and which of these a text
// has: the first, as a part may have commas of its own; '\0' where there is none. value_parts()
// goes by it.
inline constexpr std::string_view part_separators = "|;\n,";
char part_separator(std::string_view text) noexcept;

}  // namespace mapctl::catalog
