// SPDX-License-Identifier: Apache-2.0
#include "core/base/json_path.hpp"

#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <utility>

namespace mapctl {

JsonPath parse_path(std::string_view dotted) {
  JsonPath path;
  if (!dotted.empty() && dotted != ".") {
    for (const std::string_view part : split(dotted, '.')) {
      path.emplace_back(part);
    }
  }
  return path;
}

const Json* find_at(const Json& value, const JsonPath& path) {
  const Json* at = &value;
  for (const std::string& key : path) {
    if (at->is_object()) {
      const auto found = at->find(key);
      if (found == at->end()) {
        return nullptr;
      }
      at = &*found;
    } else if (at->is_array()) {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
      if (error != std::errc{} || end != key.data() + key.size() || index >= at->size()) {
        return nullptr;
      }
      at = &(*at)[index];
    } else {
      return nullptr;
    }
  }
  return at;
}

void put_at(Json& value, const JsonPath& path, Json item) {
  Json* at = &value;
  for (const std::string& key : path) {
    if (!at->is_object()) {
      *at = Json::object();
    }
    at = &(*at)[key];
  }
  *at = std::move(item);
}

void erase_at(Json& value, const JsonPath& path) {
  Json* at = &value;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (at->is_array() && path[i] == "*") {
      const JsonPath rest{path.begin() + static_cast<std::ptrdiff_t>(i) + 1, path.end()};
      for (Json& item : *at) {
        erase_at(item, rest);
      }
      return;
    }
    if (!at->is_object()) {
      return;
    }
    const auto found = at->find(path[i]);
    if (found == at->end()) {
      return;
    }
    if (i + 1 == path.size()) {
      at->erase(found);
      return;
    }
    at = &*found;
  }
}

}  // namespace mapctl
