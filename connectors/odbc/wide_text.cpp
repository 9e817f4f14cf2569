// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/wide_text.hpp"

#include "core/base/text.hpp"

#include <cstddef>

namespace mapctl::connectors::odbc {
namespace {

constexpr char32_t replacement = 0xFFFD;

bool is_high(char16_t unit) noexcept {
  return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low(char16_t unit) noexcept {
  return unit >= 0xDC00 && unit < 0xE000;
}

void append(std::string& text, char32_t point) {
  const auto part = [point](unsigned shift, unsigned mask, unsigned mark) {
    return static_cast<char>(((point >> shift) & mask) | mark);
  };
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += part(6, 0x1F, 0xC0);
    text += part(0, 0x3F, 0x80);
  } else if (point < 0x10000) {
    text += part(12, 0x0F, 0xE0);
    text += part(6, 0x3F, 0x80);
    text += part(0, 0x3F, 0x80);
  } else {
    text += part(18, 0x07, 0xF0);
    text += part(12, 0x3F, 0x80);
    text += part(6, 0x3F, 0x80);
    text += part(0, 0x3F, 0x80);
  }
}

// Of well-formed text; moves `at` behind the code point.
char32_t decode(std::string_view text, std::size_t& at) noexcept {
  const auto byte = [&](std::size_t place) { return static_cast<unsigned char>(text[place]); };
  const unsigned char first = byte(at++);
  if (first < 0x80) {
    return first;
  }
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  char32_t point = first & (0x3FU >> static_cast<unsigned>(more));
  for (int i = 0; i < more; ++i) {
    point = (point << 6U) | (byte(at++) & 0x3FU);
  }
  return point;
}

}  // namespace

std::u16string to_utf16(std::string_view text) {
  std::string repaired;
  if (first_invalid_utf8(text)) {
    repaired = to_valid_utf8(text);
    text = repaired;
  }
  std::u16string wide;
  wide.reserve(text.size() + 1);
  for (std::size_t at = 0; at < text.size();) {
    const char32_t point = decode(text, at);
    if (point < 0x10000) {
      wide += static_cast<char16_t>(point);
    } else {
      wide += static_cast<char16_t>(0xD800 + ((point - 0x10000) >> 10U));
      wide += static_cast<char16_t>(0xDC00 + ((point - 0x10000) & 0x3FFU));
    }
  }
  return wide;
}

void append_utf8(std::string& text, std::u16string_view wide) {
  for (std::size_t i = 0; i < wide.size(); ++i) {
    const char16_t unit = wide[i];
    if (is_high(unit) && i + 1 < wide.size() && is_low(wide[i + 1])) {
      append(text, 0x10000 + ((static_cast<char32_t>(unit) - 0xD800) << 10U) +
                       (static_cast<char32_t>(wide[i + 1]) - 0xDC00));
      ++i;
    } else {
      append(text, is_high(unit) || is_low(unit) ? replacement : unit);
    }
  }
}

}  // namespace mapctl::connectors::odbc
