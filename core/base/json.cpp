// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.hpp"

#include "core/base/error.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iterator>

namespace mapctl {

std::string to_document(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string to_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json parse_json(std::string_view text, std::string_view what) {
  if (is_nested_too_deeply(text)) {
    throw Error{ErrorCode::invalid_data,
                fmt::format("'{}': nested more than {} levels deep", what, most_json_depth),
                "no document that mapctl reads is like this; check where it comes from"};
  }
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::out_of_range&) {
    throw Error{ErrorCode::invalid_data, fmt::format("'{}' holds a number that is too large", what),
                "write numbers of more than 300 digits as texts"};
  } catch (const nlohmann::json::parse_error& problem) {
    const auto end = std::min(text.size(), problem.byte);
    const auto before = text.substr(0, end);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto column = end - (before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1);
    throw Error{ErrorCode::invalid_data,
                fmt::format("'{}' line {}, column {}: not valid JSON", what, line, column),
                "check the document with a JSON tool"};
  }
}

namespace {

enum : unsigned char { needs_escape = 1, is_multibyte = 2 };

constexpr std::array<unsigned char, 256> character_classes = [] {
  std::array<unsigned char, 256> classes{};
  for (std::size_t c = 0; c < classes.size(); ++c) {
    classes[c] = c < 0x20 || c == '"' || c == '\\' ? needs_escape : c >= 0x80 ? is_multibyte : 0;
  }
  return classes;
}();

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      if (static_cast<unsigned char>(c) < 0x20) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
      } else {
        out += c;
      }
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  unsigned char classes = 0;
  for (const char c : text) {
    classes |= character_classes[static_cast<unsigned char>(c)];
  }
  if ((classes & is_multibyte) != 0 && first_invalid_utf8(text)) {
    append_json_string(out, to_valid_utf8(text));
    return;
  }
  out += '"';
  if ((classes & needs_escape) == 0) {
    out += text;
  } else {
    for (const char c : text) {
      append_escaped(out, c);
    }
  }
  out += '"';
}

}  // namespace mapctl
