// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/real_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace mapctl::connectors::odbc {

std::string_view real_text(double value, std::span<char, longest_real> buffer) noexcept {
  constexpr int most_places = 15;
  // "-1.2345e-07": the digits that are needed, and where the point belongs.
  std::array<char, 32> scientific{};
  const char* const end = std::to_chars(scientific.data(), scientific.data() + scientific.size(),
                                        value, std::chars_format::scientific)
                              .ptr;
  char* to = buffer.data();
  const char* from = scientific.data();
  if (*from == '-') {
    *to++ = *from++;
  }
  const char* const mark = std::find(from, end, 'e');
  if (mark == end) {
    return {buffer.data(), std::copy(from, end, to)};  // no number
  }
  std::array<char, 20> digits{};
  const char* const first = digits.data();
  const char* const last = std::remove_copy(from, mark, digits.data(), '.');
  const auto count = static_cast<int>(last - first);
  int exponent = 0;
  std::from_chars(mark + (mark[1] == '+' ? 2 : 1), end, exponent);
  const int places = exponent + 1;  // before the point
  if (places > most_places || places <= -most_places) {
    to = std::copy(from, mark, to);
    *to++ = 'e';
    to = std::to_chars(to, buffer.data() + buffer.size(), exponent).ptr;
  } else if (places <= 0 && count == 1 && digits[0] == '0') {
    *to++ = '0';
  } else if (places <= 0) {
    *to++ = '0';
    *to++ = '.';
    to = std::fill_n(to, -places, '0');
    to = std::copy(first, last, to);
  } else if (count <= places) {
    to = std::copy(first, last, to);
    to = std::fill_n(to, places - count, '0');
  } else {
    to = std::copy_n(first, places, to);
    *to++ = '.';
    to = std::copy(first + places, last, to);
  }
  return {buffer.data(), to};
}

}  // namespace mapctl::connectors::odbc
