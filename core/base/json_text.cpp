// SPDX-License-Identifier: Apache-2.0
#include "core/base/json_text.hpp"

#include <nlohmann/json.hpp>

#include <utility>

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

void NestingWatch::end_line() noexcept {
  ++line_;
  in_text_ = false;
  if (documents_ == Documents::one_a_line) {
    depth_ = 0;
  }
}

bool NestingWatch::passes_limit_with(std::string_view block) noexcept {
  for (std::size_t i = 0; i < block.size(); ++i) {
    const char c = block[i];
    if (in_text_) {
      if (std::exchange(escaped_, false) && c != '\n') {
        continue;
      }
      switch (c) {
        case '\\': escaped_ = true; break;
        case '"': in_text_ = false; break;
        case '\n': end_line(); break;
        default: break;
      }
      continue;
    }
    switch (c) {
      case '"': in_text_ = true; break;
      case '\n': end_line(); break;
      case '[':
      case '{':
        if (++depth_ > most_json_depth) {
          return true;
        }
        break;
      case ']':
      case '}': depth_ -= depth_ > 0 ? 1U : 0U; break;
      default: break;
    }
  }
  return false;
}

bool is_nested_too_deeply(std::string_view text) noexcept {
  return NestingWatch{}.passes_limit_with(text);
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
