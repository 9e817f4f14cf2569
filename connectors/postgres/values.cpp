// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace mapctl::connectors::postgres {
namespace {

// "2026-02-02 02:40:00.12+00" as "2026-02-02T02:40:00.120Z"; years beyond 9999, infinity and other
// zones stay as they are.
std::string iso_time(std::string_view text) {
  constexpr std::size_t seconds_end = 19;
  std::string time{text};
  if (time.size() < seconds_end + 3 || time[10] != ' ' || !time.ends_with("+00")) {
    return time;
  }
  time.resize(time.size() - 3);
  time[10] = 'T';
  if (time.size() == seconds_end) {
    time += '.';
  }
  while (time.size() < seconds_end + 4) {
    time += '0';
  }
  return time + 'Z';
}

std::string compact_json(std::string_view text) {
  std::string compact;
  compact.reserve(text.size());
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\' && i + 1 < text.size()) {
      compact += c;
      compact += text[++i];
      continue;
    }
    in_string = c == '"' ? !in_string : in_string;
    if (in_string || c != ' ') {
      compact += c;
    }
  }
  return compact;
}

// The value of a hexadecimal digit; 0 for what is none.
constexpr std::array<unsigned char, 256> hex_digits = [] {
  std::array<unsigned char, 256> digits{};
  for (unsigned char value = 0; value < 10; ++value) {
    digits['0' + value] = value;
  }
  for (unsigned char value = 10; value < 16; ++value) {
    digits['a' + value - 10] = value;
  }
  return digits;
}();

}  // namespace

std::size_t count_parameters(std::string_view sql) noexcept {
  std::size_t count = 0;
  char quote = '\0';
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (quote != '\0') {
      quote = c == quote ? '\0' : quote;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '$') {
      std::size_t number = 0;
      std::from_chars(sql.data() + i + 1, sql.data() + sql.size(), number);
      count = std::max(count, number);
    }
  }
  return count;
}

bool needs_conversion(Oid type) noexcept {
  return type == bool_type || type == bytea_type || type == timestamptz_type || type == jsonb_type;
}

std::string to_portable(Oid type, std::string_view text) {
  switch (type) {
    case bool_type: return text == "t" ? "1" : "0";
    case bytea_type: return read_bytea(text);
    case timestamptz_type: return iso_time(text);
    case jsonb_type: return compact_json(text);
    default: return std::string{text};
  }
}

std::string read_bytea(std::string_view text) {
  if (!text.starts_with("\\x")) {
    return {};
  }
  std::string bytes(text.size() / 2 - 1, '\0');
  const auto digit = [&](std::size_t at) {
    return static_cast<unsigned>(hex_digits[static_cast<unsigned char>(text[at])]);
  };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(digit(2 * i + 2) << 4U | digit(2 * i + 3));
  }
  return bytes;
}

std::int64_t read_integer(std::string_view text) noexcept {
  if (text == "t") {
    return 1;
  }
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

double read_real(std::string_view text) noexcept {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace mapctl::connectors::postgres
