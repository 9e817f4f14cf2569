// SPDX-License-Identifier: Apache-2.0
#include "core/base/json_text.hpp"

#include <nlohmann/json.hpp>

namespace mapctl {

std::string to_text(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
    case Json::value_t::discarded: return {};
    case Json::value_t::string: return value.get<std::string>();
    case Json::value_t::boolean: return value.get<bool>() ? "true" : "false";
    default: return to_line(value);
  }
}

bool is_nested_too_deeply(std::string_view text) noexcept {
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '\\': i += in_text ? 1U : 0U; break;
      case '"': in_text = !in_text; break;
      case '[':
      case '{':
        if (!in_text && ++depth > most_json_depth) {
          return true;
        }
        break;
      case ']':
      case '}': depth -= !in_text && depth > 0 ? 1U : 0U; break;
      default: break;
    }
  }
  return false;
}

Json read_json(std::string_view text) {
  return is_nested_too_deeply(text) ? Json(Json::value_t::discarded)
                                    : Json::parse(text, nullptr, false);
}

bool is_truthy(const Json& value) noexcept {
  switch (value.type()) {
    case Json::value_t::null:
    case Json::value_t::discarded: return false;
    case Json::value_t::boolean: return value.get<bool>();
    case Json::value_t::string: return !value.get_ref<const std::string&>().empty();
    case Json::value_t::array:
    case Json::value_t::object: return !value.empty();
    default: return value.is_number() && value.get<double>() != 0;
  }
}

}  // namespace mapctl
