// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace mapctl::catalog {

// Sorted codes of a named list: "iso4217", "iso3166_alpha2", "iso3166_alpha3", "iso639_1".
// Empty for a name we do not know.
std::span<const std::string_view> code_list(std::string_view name) noexcept;
bool in_code_list(std::string_view list,
                  std::string_view code) noexcept;  // exact: languages are listed in lower case,
                                                    // the rest in upper

}  // namespace mapctl::catalog
