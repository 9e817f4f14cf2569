// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace mapctl {

std::string to_document(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string to_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json parse_json(std::string_view text, std::string_view what) {
  try {
    return Json::parse(text);
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

void append_json_string(std::string& out, std::string_view text) {
  if (first_invalid_utf8(text)) {
    append_json_string(out, to_valid_utf8(text));
    return;
  }
  out += '"';
  for (const char c : text) {
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
  out += '"';
}

}  // namespace mapctl
