// SPDX-License-Identifier: Apache-2.0
#include "core/report/sheet_names.hpp"

#include "core/base/text.hpp"
#include "core/ports/sheet_sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mapctl::report {
namespace {

constexpr std::string_view ellipsis = "…";
constexpr std::string_view arrow = "→";

std::size_t sequence_length(unsigned char lead) noexcept {
  return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

std::string legal(std::string_view wanted) {
  std::string name = to_valid_utf8(wanted);
  for (char& c : name) {
    if (static_cast<unsigned char>(c) < 0x20 ||
        std::string_view{":\\/?*[]"}.find(c) != std::string_view::npos) {
      c = '_';
    }
  }
  name = std::string{trim(name)};
  if (!name.empty() && name.front() == '\'') {
    name.front() = '_';
  }
  if (!name.empty() && name.back() == '\'') {
    name.back() = '_';
  }
  // Excel keeps "History" for itself.
  if (name.empty() || equal_ignoring_case(name, "history")) {
    name += '_';
  }
  return name;
}

std::string shortened(std::string_view text, std::size_t units) {
  if (utf16_length(text) <= units) {
    return std::string{text};
  }
  return std::string{utf16_prefix(text, units - 1)} + std::string{ellipsis};
}

}  // namespace

std::size_t utf16_length(std::string_view text) noexcept {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += byte >= 0xF0 ? 2 : (byte & 0xC0) != 0x80 ? 1 : 0;
  }
  return units;
}

std::string_view utf16_prefix(std::string_view text, std::size_t units) noexcept {
  std::size_t used = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(text[at]));
    const std::size_t width = length == 4 ? 2 : 1;
    if (used + width > units) {
      break;
    }
    used += width;
    at += length;
  }
  return text.substr(0, at);
}

std::string SheetNames::claim(std::string name) {
  return taken_.insert(fold(name)).second ? std::move(name) : std::string{};
}

std::string SheetNames::take(std::string_view wanted) {
  const std::string base = legal(wanted);
  std::string name = claim(shortened(base, ports::sheet_name_characters));
  for (int number = 2; name.empty(); ++number) {
    const std::string suffix = fmt::format("~{}", number);
    name = claim(shortened(base, ports::sheet_name_characters - suffix.size()) + suffix);
  }
  return name;
}

std::string SheetNames::take_pair(std::size_t number, std::string_view source,
                                  std::string_view target) {
  const std::string index = fmt::format("{:03} ", number);
  const std::size_t room = ports::sheet_name_characters - index.size() - 1;
  const std::string left = legal(source), right = legal(target);
  std::size_t left_units = utf16_length(left), right_units = utf16_length(right);
  if (left_units + right_units > room) {
    const std::size_t half = room / 2;
    if (left_units <= half) {
      right_units = room - left_units;
    } else if (right_units <= room - half) {
      left_units = room - right_units;
    } else {
      left_units = half;
      right_units = room - half;
    }
  }
  return take(index + shortened(left, left_units) + std::string{arrow} +
              shortened(right, right_units));
}

std::string SheetNames::take_continuation(std::string_view name, std::size_t piece) {
  const std::string suffix = fmt::format(" ({})", piece);
  return take(shortened(name, ports::sheet_name_characters - suffix.size()) + suffix);
}

std::string column_letters(std::uint16_t column) {
  std::string letters;
  for (unsigned rest = column + 1U; rest > 0; rest = (rest - 1) / 26) {
    letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % 26));
  }
  return letters;
}

std::string link_to(std::string_view sheet, std::uint32_t row, std::uint16_t column) {
  return fmt::format("internal:'{}'!{}{}", replace_all(sheet, "'", "''"), column_letters(column),
                     row + 1);
}

std::string range_of(std::string_view sheet, std::uint32_t first_row, std::uint16_t first_column,
                     std::uint32_t last_row, std::uint16_t last_column) {
  return fmt::format("='{}'!${}${}:${}${}", replace_all(sheet, "'", "''"),
                     column_letters(first_column), first_row + 1, column_letters(last_column),
                     last_row + 1);
}

}  // namespace mapctl::report
