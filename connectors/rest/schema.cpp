// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/schema.hpp"

#include "core/base/json_text.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace mapctl::connectors::rest {
namespace {

using catalog::LogicalType;
using catalog::RecordColumn;
using catalog::Shape;

constexpr std::size_t column_limit = 5'000;

// A pointer such as "#/components/schemas/user"; null when it leads nowhere.
const Json* follow(const Json& document, std::string_view reference) {
  if (!reference.starts_with("#/")) {
    return nullptr;
  }
  const Json* at = &document;
  for (const std::string_view part : split(reference.substr(2), '/')) {
    const std::string key = replace_all(replace_all(part, "~1", "/"), "~0", "~");
    const auto found = at->is_object() ? at->find(key) : at->end();
    if (!at->is_object() || found == at->end()) {
      return nullptr;
    }
    at = &*found;
  }
  return at;
}

const Json* resolved(const Json& document, const Json* schema) {
  for (int hops = 0; schema != nullptr && schema->is_object() && schema->contains("$ref"); ++hops) {
    const Json& reference = (*schema)["$ref"];
    if (hops > 20 || !reference.is_string()) {
      return nullptr;
    }
    schema = follow(document, reference.get<std::string>());
  }
  return schema;
}

std::string text_at(const Json& schema, const char* key) {
  const auto found = schema.find(key);
  return found != schema.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

struct Types {
  std::vector<std::string> names{};  // without null
  bool nullable = false;
};

Types types_of(const Json& schema) {
  Types types;
  const auto add = [&](const Json& name) {
    if (name == "null") {
      types.nullable = true;
    } else if (name.is_string()) {
      types.names.push_back(name.get<std::string>());
    }
  };
  if (const auto type = schema.find("type"); type != schema.end()) {
    if (type->is_array()) {
      std::for_each(type->begin(), type->end(), add);
    } else {
      add(*type);
    }
  }
  if (const auto nullable = schema.find("nullable"); nullable != schema.end()) {
    types.nullable = types.nullable || is_truthy(*nullable);
  }
  if (types.names.empty() && schema.contains("properties")) {
    types.names.emplace_back("object");
  }
  return types;
}

catalog::DataType scalar_type(const std::string& name, const std::string& format,
                              const std::string& airbyte) {
  catalog::DataType type;
  type.native = format.empty() ? name : fmt::format("{}({})", name, format);
  if (name == "integer") {
    type.logical = LogicalType::integer;
    type.bits = format == "int32" ? 32 : 64;
  } else if (name == "number") {
    type.logical = airbyte == "integer" ? LogicalType::integer : LogicalType::floating;
    type.bits = 64;
  } else if (name == "boolean") {
    type.logical = LogicalType::boolean;
  } else if (name == "array") {
    type.logical = LogicalType::array;
  } else if (name == "object") {
    type.logical = LogicalType::object;
  } else if (name == "string") {
    type.logical = format == "date-time"                    ? LogicalType::timestamp
                   : format == "date"                       ? LogicalType::date
                   : format == "time"                       ? LogicalType::time
                   : format == "uuid"                       ? LogicalType::uuid
                   : format == "binary" || format == "byte" ? LogicalType::binary
                                                            : LogicalType::string;
    type.time_zone =
        type.logical == LogicalType::timestamp && airbyte != "timestamp_without_timezone";
  } else {
    type.native = "any";
    type.logical = LogicalType::json;
  }
  return type;
}

class Walker {
 public:
  explicit Walker(const Json& document) : document_{document} {}

  Shape take() { return std::move(shape_); }

  void object(const Json& schema, const JsonPath& prefix, bool parent_required) {
    std::set<const Json*> seen;
    add_object(schema, prefix, parent_required, seen);
  }

 private:
  // `seen` are the parts of this object so far: a schema may consist of itself.
  void add_object(const Json& schema, const JsonPath& prefix, bool parent_required,
                  std::set<const Json*>& seen) {
    if (!seen.insert(&schema).second) {
      return;
    }
    std::set<std::string> required;
    if (const auto list = schema.find("required"); list != schema.end() && list->is_array()) {
      for (const Json& name : *list) {
        required.insert(to_text(name));
      }
    }
    if (const auto properties = schema.find("properties");
        properties != schema.end() && properties->is_object()) {
      for (const auto& [name, property] : properties->items()) {
        JsonPath path = prefix;
        path.push_back(name);
        field(property, path, parent_required && required.contains(name));
      }
    }
    if (const auto all = schema.find("allOf"); all != schema.end()) {
      for (const Json& part : *all) {
        if (const Json* one = resolved(document_, &part); one != nullptr && one->is_object()) {
          add_object(*one, prefix, parent_required, seen);
        }
      }
    }
  }

  void field(const Json& given, const JsonPath& path, bool required) {
    const Json* schema = resolved(document_, &given);
    if (schema == nullptr || !schema->is_object()) {
      add(Json::object(), {}, path, false);
      return;
    }
    // Of alternatives, the first one that is not null stands for all of them.
    bool nullable = false;
    for (const char* key : {"anyOf", "oneOf"}) {
      const auto choices = schema->find(key);
      if (choices == schema->end() || !choices->is_array() || schema->contains("properties")) {
        continue;
      }
      const Json* chosen = nullptr;
      for (const Json& choice : *choices) {
        const Json* one = resolved(document_, &choice);
        if (one == nullptr || !one->is_object()) {
          continue;
        }
        if (text_at(*one, "type") == "null") {
          nullable = true;
        } else if (chosen == nullptr) {
          chosen = one;
        }
      }
      if (chosen != nullptr) {
        schema = chosen;
      }
    }
    Types types = types_of(*schema);
    if (types.names.empty() && schema->contains("allOf")) {
      types.names.emplace_back("object");
    }
    const bool mandatory = required && !nullable && !types.nullable;
    const bool has_fields = schema->contains("properties") || schema->contains("allOf");
    const bool is_object = types.names.size() == 1 && types.names[0] == "object" && has_fields;
    const bool is_open = std::find(open_.begin(), open_.end(), schema) != open_.end();
    if (is_object && !is_open && path.size() < catalog::nesting_limit) {
      open_.push_back(schema);
      const std::size_t before = shape_.columns.size();
      object(*schema, path, mandatory);
      open_.pop_back();
      if (shape_.columns.size() > before) {
        return;
      }
    }
    add(*schema, types.names, path, mandatory);
  }

  void add(const Json& schema, const std::vector<std::string>& names, const JsonPath& path,
           bool mandatory) {
    const std::string dotted = join(path, ".");
    if (!known_.insert(dotted).second || shape_.columns.size() >= column_limit) {
      return;
    }
    RecordColumn made;
    made.path = path;
    catalog::Column& column = made.column;
    column.name = catalog::ColumnName{dotted};
    column.position = static_cast<int>(shape_.columns.size()) + 1;
    const std::string format = text_at(schema, "format");
    if (names.size() == 2 && std::set<std::string>(names.begin(), names.end()) ==
                                 std::set<std::string>{"integer", "number"}) {
      column.type = scalar_type("number", format, {});
    } else if (names.size() == 1) {
      column.type = scalar_type(names[0], format, text_at(schema, "airbyte_type"));
    } else if (names.empty()) {
      column.type = scalar_type("any", {}, {});
    } else {
      column.type.native = join(names, "|");
      column.type.logical = LogicalType::string;
    }
    if (column.type.logical == LogicalType::array) {
      if (const auto items = schema.find("items"); items != schema.end()) {
        const Json* item = resolved(document_, &*items);
        const Types types = item != nullptr && item->is_object() ? types_of(*item) : Types{};
        if (types.names.size() == 1) {
          column.type.element = scalar_type(types.names[0], text_at(*item, "format"), {}).logical;
        }
      }
    }
    if (const auto length = schema.find("maxLength");
        length != schema.end() && length->is_number_integer()) {
      column.type.length = length->get<std::int64_t>();
    }
    if (const auto values = schema.find("enum"); values != schema.end() && values->is_array()) {
      for (const Json& value : *values) {
        if (!value.is_null()) {
          column.allowed_values.push_back(to_text(value));
        }
      }
    }
    column.comment = text_at(schema, "description");
    if (column.comment.empty()) {
      column.comment = text_at(schema, "title");
    }
    for (const auto& [key, bound] : {std::pair{"minimum", &catalog::Column::minimum},
                                     std::pair{"maximum", &catalog::Column::maximum}}) {
      if (const auto value = schema.find(key); value != schema.end() && value->is_number()) {
        column.*bound = value->get<double>();
      }
    }
    column.nullable = !mandatory;
    column.required = mandatory;
    shape_.columns.push_back(std::move(made));
  }

  const Json& document_;
  Shape shape_;
  std::set<std::string> known_;
  std::vector<const Json*> open_;
};

// "/v1/users/{id}" and "/users/{{ partition.id }}" by their segments; "{}" for what is filled in.
std::vector<std::string> segments(std::string_view path) {
  std::string plain;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '{') {
      const bool is_double = path.substr(i).starts_with("{{");
      const auto close = path.find(is_double ? "}}" : "}", i);
      if (close == std::string_view::npos) {
        break;
      }
      plain += "{}";
      i = close + (is_double ? 1 : 0);
    } else {
      plain += path[i];
    }
  }
  std::vector<std::string> parts;
  plain.resize(std::min(plain.size(), plain.find('?')));
  for (const std::string_view part : split(plain, '/')) {
    if (!part.empty()) {
      parts.push_back(part.find("{}") == std::string_view::npos ? std::string{part} : "{}");
    }
  }
  return parts;
}

// One ends with the other: base_url may hold the first part of the path.
bool match(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  const std::size_t count = std::min(one.size(), other.size());
  return count > 0 && std::equal(one.rbegin(), one.rbegin() + static_cast<std::ptrdiff_t>(count),
                                 other.rbegin());
}

const Json* find_operation(const Json& document, const Stream& stream) {
  const auto paths = document.is_object() ? document.find("paths") : document.end();
  if (!document.is_object() || paths == document.end() || !paths->is_object()) {
    return nullptr;
  }
  const std::string method = to_lower(stream.method);
  const auto wanted = segments(stream.path.source());
  const Json* best = nullptr;
  std::size_t best_length = 0;
  for (const auto& [path, item] : paths->items()) {
    if (!item.is_object() || !item.contains(method)) {
      continue;
    }
    const Json& operation = item[method];
    if (!stream.operation.empty()) {
      if (text_at(operation, "operationId") == stream.operation) {
        return &operation;
      }
      continue;
    }
    const auto parts = segments(path);
    const std::size_t common = std::min(parts.size(), wanted.size());
    const bool is_exact = parts.size() == wanted.size();
    if (match(parts, wanted) && common * 2 + (is_exact ? 1 : 0) > best_length) {
      best = &operation;
      best_length = common * 2 + (is_exact ? 1 : 0);
    }
  }
  return best;
}

}  // namespace

catalog::Shape shape_of_schema(const Json& schema, const Json& document) {
  Walker walker{document};
  if (const Json* start = resolved(document, &schema); start != nullptr && start->is_object()) {
    walker.object(*start, {}, true);
  }
  return walker.take();
}

const Json* find_record_schema(const Json& document, const Stream& stream) {
  const Json* operation = find_operation(document, stream);
  if (operation == nullptr) {
    return nullptr;
  }
  const Json* schema = nullptr;
  for (const char* status : {"200", "201", "2XX", "default"}) {
    const Json* responses = find_at(*operation, {"responses", status});
    const Json* response = resolved(document, responses);
    if (response == nullptr) {
      continue;
    }
    const auto content = response->find("content");
    if (content == response->end() || !content->is_object()) {
      continue;
    }
    for (const auto& [kind, media] : content->items()) {
      if (kind.find("json") != std::string::npos && media.contains("schema")) {
        schema = resolved(document, &media["schema"]);
      }
    }
    break;
  }
  const auto into_items = [&] {
    constexpr int most_lists = 20;  // within each other; a list of itself has no end
    for (int lists = 0; schema != nullptr && schema->is_object() &&
                        text_at(*schema, "type") == "array" && schema->contains("items");
         ++lists) {
      schema = lists == most_lists ? nullptr : resolved(document, &(*schema)["items"]);
    }
  };
  for (const Template& key : stream.records) {
    if (key.source() == "*") {
      into_items();
      continue;
    }
    const Json* property =
        schema == nullptr ? nullptr : find_at(*schema, {"properties", key.source()});
    schema = resolved(document, property);
  }
  into_items();
  return schema != nullptr && schema->is_object() ? schema : nullptr;
}

}  // namespace mapctl::connectors::rest
