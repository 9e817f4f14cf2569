// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace mapctl::connectors::odbc {

inline constexpr std::size_t longest_real = 40;  // "-0.00000000000000" and 17 digits

// As MariaDB and MySQL spell a DOUBLE: as few digits as tell it from all others, with an exponent
// beyond fifteen places. Of numbers from 1e15 on they spell some without exponent and some with a
// digit too few; these are spelled here like all others. The text is in the buffer.
std::string_view real_text(double value, std::span<char, longest_real> buffer) noexcept;

}  // namespace mapctl::connectors::odbc
