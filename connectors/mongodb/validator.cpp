// SPDX-License-Identifier: Apache-2.0
#include "connectors/mongodb/validator.hpp"

#include "connectors/mongodb/client.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::connectors::mongodb {
namespace {

using catalog::LogicalType;

struct Word {
  std::string_view name{};
  LogicalType logical = LogicalType::unknown;
  int bits = 0;
};

// Words of bsonType and, after them, those of JSON Schema's type. Numbers from narrow to wide.
constexpr Word words[] = {
    {"int", LogicalType::integer, 32},     {"long", LogicalType::integer, 64},
    {"double", LogicalType::floating, 64}, {"decimal", LogicalType::decimal},
    {"string", LogicalType::string},       {"bool", LogicalType::boolean},
    {"objectId", LogicalType::string},     {"date", LogicalType::timestamp},
    {"timestamp", LogicalType::timestamp}, {"binData", LogicalType::binary},
    {"array", LogicalType::array},         {"object", LogicalType::object},
    {"regex", LogicalType::string},        {"javascript", LogicalType::string},
    {"symbol", LogicalType::string},       {"number", LogicalType::decimal},
    {"integer", LogicalType::integer, 64}, {"boolean", LogicalType::boolean},
};

const Json* member(const Json& of, const char* key) {
  const auto found = of.is_object() ? of.find(key) : of.end();
  return found == of.end() ? nullptr : &*found;
}

std::vector<std::string> words_of(const Json& property) {
  const Json* given = member(property, "bsonType");
  given = given == nullptr ? member(property, "type") : given;
  std::vector<std::string> found;
  if (given != nullptr && given->is_array()) {
    for (const Json& one : *given) {
      found.push_back(to_text(one));
    }
  } else if (given != nullptr) {
    found.push_back(to_text(*given));
  }
  return found;
}

LogicalType logical_of(const Json& property) {
  const std::vector<std::string> found = words_of(property);
  const auto word = std::find_if(std::begin(words), std::end(words), [&](const Word& one) {
    return !found.empty() && one.name == found.front();
  });
  return word == std::end(words) ? LogicalType::unknown : word->logical;
}

catalog::DataType type_of(const Json& property) {
  std::vector<std::string> found = words_of(property);
  std::erase(found, "null");
  catalog::DataType type;
  type.native = join(found, "|");
  const Word* widest = nullptr;
  bool are_numbers = true;
  for (const Word& word : words) {
    if (std::find(found.begin(), found.end(), word.name) != found.end()) {
      widest = &word;
      are_numbers = are_numbers && catalog::is_number(word.logical);
    }
  }
  if (widest == nullptr || (found.size() > 1 && !are_numbers)) {
    // Any value, or one of several types: read as text.
    type.logical = LogicalType::string;
    type.native = found.empty() ? "any" : type.native;
    return type;
  }
  type.logical = widest->logical;
  if (widest->bits > 0) {
    type.bits = widest->bits;
  }
  type.time_zone = widest->logical == LogicalType::timestamp;
  if (const Json* items = member(property, "items"); items != nullptr) {
    type.element = logical_of(*items);
  }
  return type;
}

std::optional<double> number_in(const Json& property, const char* key) {
  const Json* found = member(property, key);
  const std::string text = found == nullptr
                               ? std::string{}
                               : catalog::record_text(*found, catalog::RecordForm::extended_json);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional{value}
                                                                  : std::nullopt;
}

void describe(const Json& property, bool is_needed, catalog::Column& column) {
  const std::vector<std::string> types = words_of(property);
  const bool takes_null =
      types.empty() || std::find(types.begin(), types.end(), "null") != types.end();
  column.required = column.required || is_needed;
  column.nullable = column.nullable && (!is_needed || takes_null);
  std::string text = text_in(property, "description");
  text = text.empty() ? text_in(property, "title") : text;
  column.comment = text.empty() ? column.comment : text;
  if (const Json* values = member(property, "enum"); values != nullptr && values->is_array()) {
    for (const Json& value : *values) {
      if (!value.is_null()) {
        column.allowed_values.push_back(
            catalog::record_text(value, catalog::RecordForm::extended_json));
      }
    }
  }
  column.minimum = number_in(property, "minimum");
  column.maximum = number_in(property, "maximum");
  if (const auto length = number_in(property, "maxLength");
      length && column.type.logical == LogicalType::string) {
    column.type.length = static_cast<std::int64_t>(*length);
  }
}

void apply(const Json& schema, const JsonPath& prefix, bool is_needed, catalog::Shape& shape) {
  const Json* properties = member(schema, "properties");
  if (properties == nullptr || !properties->is_object() ||
      prefix.size() >= catalog::nesting_limit) {
    return;
  }
  std::vector<std::string> required;
  if (const Json* names = member(schema, "required"); names != nullptr && names->is_array()) {
    for (const Json& name : *names) {
      required.push_back(to_text(name));
    }
  }
  for (const auto& [name, property] : properties->items()) {
    JsonPath path = prefix;
    path.push_back(name);
    const bool needed =
        is_needed && std::find(required.begin(), required.end(), name) != required.end();
    const bool is_map = member(property, "properties") != nullptr;
    apply(property, path, needed, shape);
    const std::string dotted = join(path, ".");
    auto column = std::find_if(shape.columns.begin(), shape.columns.end(),
                               [&](const auto& one) { return one.path == path; });
    const bool is_taken =
        std::any_of(shape.columns.begin(), shape.columns.end(),
                    [&](const auto& one) { return one.column.name.text == dotted; });
    if (column == shape.columns.end()) {
      if (is_map || is_taken) {
        continue;
      }
      catalog::RecordColumn made;
      made.path = path;
      made.presence = 0;
      made.column.name = catalog::ColumnName{dotted};
      made.column.type = type_of(property);
      column = shape.columns.insert(column, std::move(made));
    } else if (column->column.type.logical == LogicalType::unknown) {
      column->column.type = type_of(property);  // all of its values are null
    }
    describe(property, needed, column->column);
  }
}

}  // namespace

Validator validator_of(const Json& options) {
  Validator made;
  const Json* rules = member(options, "validator");
  if (rules == nullptr || text_in(options, "validationLevel") == "off") {
    return made;
  }
  std::vector<const Json*> parts{rules};
  if (const Json* all = member(*rules, "$and"); all != nullptr && all->is_array()) {
    for (const Json& one : *all) {
      parts.push_back(&one);
    }
  }
  for (const Json* part : parts) {
    if (const Json* schema = member(*part, "$jsonSchema"); schema != nullptr) {
      made.schema = std::make_shared<const Json>(*schema);
    }
  }
  made.is_enforced = text_in(options, "validationLevel") != "moderate" &&
                     text_in(options, "validationAction") != "warn";
  return made;
}

void apply(const Validator& validator, catalog::Shape& shape) {
  if (validator.schema) {
    apply(*validator.schema, {}, validator.is_enforced, shape);
  }
}

}  // namespace mapctl::connectors::mongodb
