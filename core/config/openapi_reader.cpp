// SPDX-License-Identifier: Apache-2.0
#include "core/config/openapi_reader.hpp"

#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace mapctl::config {
namespace {

constexpr int most_hops = 20;  // of references to references

// Each schema once: those of allOf may lead back to where they came from.
void add_properties(const OpenApiReader& reader, const Json* schema, std::set<const Json*>& visited,
                    std::vector<std::pair<std::string, const Json*>>& found) {
  if (schema == nullptr || !visited.insert(schema).second) {
    return;
  }
  if (const Json* properties = reader.at(schema, "properties");
      properties != nullptr && properties->is_object()) {
    for (const auto& [name, property] : properties->items()) {
      found.emplace_back(name, reader.resolved(&property));
    }
  }
  if (const Json* all = reader.at(schema, "allOf"); all != nullptr && all->is_array()) {
    for (const Json& part : *all) {
      add_properties(reader, reader.resolved(&part), visited, found);
    }
  }
}

}  // namespace

std::string openapi_text(const Json& object, std::string_view key) {
  const auto found = object.is_object() ? object.find(std::string{key}) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

const Json* OpenApiReader::resolved(const Json* value) const {
  for (int hops = 0; value != nullptr && value->is_object() && value->contains("$ref"); ++hops) {
    const std::string reference = openapi_text(*value, "$ref");
    if (hops > most_hops || !reference.starts_with("#/")) {
      return nullptr;
    }
    const Json* place = document_;
    for (const std::string_view part : split(std::string_view{reference}.substr(2), '/')) {
      const std::string key = replace_all(replace_all(part, "~1", "/"), "~0", "~");
      const auto found = place->is_object() ? place->find(key) : place->end();
      if (found == place->end()) {
        return nullptr;
      }
      place = &*found;
    }
    value = place;
  }
  return value;
}

const Json* OpenApiReader::at(const Json* object, std::string_view key) const {
  if (object == nullptr || !object->is_object()) {
    return nullptr;
  }
  const auto found = object->find(std::string{key});
  return found == object->end() ? nullptr : resolved(&*found);
}

std::vector<std::pair<std::string, const Json*>> OpenApiReader::properties(
    const Json* schema) const {
  std::vector<std::pair<std::string, const Json*>> found;
  std::set<const Json*> visited;
  add_properties(*this, schema, visited, found);
  return found;
}

const Json* OpenApiReader::property(const Json* schema, std::string_view name) const {
  for (const auto& [known, property] : properties(schema)) {
    if (known == name) {
      return property;
    }
  }
  return nullptr;
}

const Json* OpenApiReader::response(const Json& operation) const {
  const Json* responses = at(&operation, "responses");
  for (const char* status : {"200", "2XX", "206", "default"}) {
    if (const Json* found = at(responses, status)) {
      return found;
    }
  }
  return nullptr;
}

const Json* OpenApiReader::response_schema(const Json& operation) const {
  const Json* content = at(response(operation), "content");
  if (content == nullptr || !content->is_object()) {
    return nullptr;
  }
  for (const auto& [kind, media] : content->items()) {
    if (kind.find("json") != std::string::npos) {
      return at(&media, "schema");
    }
  }
  return nullptr;
}

bool OpenApiReader::has_header(const Json& operation, std::string_view lower_case_name) const {
  const Json* headers = at(response(operation), "headers");
  if (headers == nullptr || !headers->is_object()) {
    return false;
  }
  for (const auto& [name, header] : headers->items()) {
    if (to_lower(name) == lower_case_name) {
      return true;
    }
  }
  return false;
}

std::vector<const Json*> OpenApiReader::parameters(const Json& path_item,
                                                   const Json& operation) const {
  std::vector<const Json*> found;
  for (const Json* owner : {&operation, &path_item}) {
    const Json* list = at(owner, "parameters");
    if (list == nullptr || !list->is_array()) {
      continue;
    }
    for (const Json& one : *list) {
      const Json* parameter = resolved(&one);
      if (parameter == nullptr || !parameter->is_object()) {
        continue;
      }
      const bool is_known = std::any_of(found.begin(), found.end(), [&](const Json* other) {
        return openapi_text(*other, "name") == openapi_text(*parameter, "name") &&
               openapi_text(*other, "in") == openapi_text(*parameter, "in");
      });
      if (!is_known) {
        found.push_back(parameter);
      }
    }
  }
  return found;
}

// The schema of an array's records; null for what is no array of objects.
const Json* OpenApiReader::item_of(const Json* schema) const {
  if (schema == nullptr || openapi_text(*schema, "type") != "array") {
    return nullptr;
  }
  const Json* item = at(schema, "items");
  if (item == nullptr || !item->is_object()) {
    return nullptr;
  }
  const std::string type = openapi_text(*item, "type");
  const bool is_object = type == "object" || item->contains("properties") ||
                         item->contains("allOf") || item->contains("oneOf") ||
                         item->contains("anyOf");
  return is_object ? item : nullptr;
}

std::optional<OpenApiReader::Records> OpenApiReader::records(const Json& operation,
                                                             std::string_view last_segment) const {
  const Json* answer = response_schema(operation);
  if (const Json* item = item_of(answer)) {
    return Records{{}, item, answer};
  }
  std::vector<Records> found;
  const auto look_into = [&](const Json* schema, const std::string& prefix) {
    for (const auto& [name, property] : properties(schema)) {
      if (const Json* item = item_of(property)) {
        found.push_back({prefix + name, item, answer});
      }
    }
  };
  look_into(answer, "");
  if (found.empty()) {
    // {"data": {"items": [...]}} and the like.
    for (const char* wrapper : {"data", "result", "response", "_embedded"}) {
      look_into(property(answer, wrapper), std::string{wrapper} + ".");
    }
  }
  if (found.size() == 1) {
    return found.front();
  }
  static constexpr std::array usual{"data",  "items",  "results", "records",
                                    "value", "values", "entries"};
  for (const Records& one : found) {
    const std::string name = one.path.substr(one.path.rfind('.') + 1);
    if (equal_ignoring_case(name, last_segment)) {
      return one;
    }
  }
  for (const char* name : usual) {
    for (const Records& one : found) {
      if (one.path.substr(one.path.rfind('.') + 1) == name) {
        return one;
      }
    }
  }
  return std::nullopt;
}

}  // namespace mapctl::config
