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
