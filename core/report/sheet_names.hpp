// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

namespace mapctl::report {

// Length as Excel counts: UTF-16 units of well-formed UTF-8.
std::size_t utf16_length(std::string_view text) noexcept;
// As many whole characters as fit into `units`.
std::string_view utf16_prefix(std::string_view text, std::size_t units) noexcept;

// Names of the sheets of one workbook: legal, at most 31 units, different in any case.
class SheetNames {
 public:
  // `wanted` itself where it can be had, else the nearest free name.
  std::string take(std::string_view wanted);
  // "001 Account→account", both sides shortened when it does not fit.
  std::string take_pair(std::size_t number, std::string_view source, std::string_view target);
  // "name (2)" for the piece behind the first.
  std::string take_continuation(std::string_view name, std::size_t piece);

 private:
  std::string claim(std::string name);

  std::unordered_set<std::string> taken_{};
};

// "internal:'It''s a sheet'!A7"; row and column from 0.
std::string link_to(std::string_view sheet, std::uint32_t row = 0, std::uint16_t column = 0);
// "'Sheet'!$A$2:$A$9" with a leading '='.
std::string range_of(std::string_view sheet, std::uint32_t first_row, std::uint16_t first_column,
                     std::uint32_t last_row, std::uint16_t last_column);
std::string column_letters(std::uint16_t column);

}  // namespace mapctl::report
