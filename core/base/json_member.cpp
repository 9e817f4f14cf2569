// SPDX-License-Identifier: Apache-2.0
#include "core/base/json_member.hpp"

#include <nlohmann/json.hpp>

#include <limits>

namespace mapctl {

const Json* find_member(const Json& document, const char* key) noexcept {
  if (!document.is_object()) {
    return nullptr;
  }
  const auto found = document.find(key);
  return found == document.end() ? nullptr : &*found;
}

std::string text_member(const Json& document, const char* key) {
  const Json* found = find_member(document, key);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string{};
}

bool flag_member(const Json& document, const char* key, bool fallback) {
  const Json* found = find_member(document, key);
  return found != nullptr && found->is_boolean() ? found->get<bool>() : fallback;
}

std::optional<std::int64_t> whole_member(const Json& document, const char* key) {
  const Json* found = find_member(document, key);
  if (found == nullptr || !found->is_number_integer() ||
      (found->is_number_unsigned() &&
       found->get<std::uint64_t>() >
           static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))) {
    return std::nullopt;
  }
  return found->get<std::int64_t>();
}

}  // namespace mapctl
