// SPDX-License-Identifier: Apache-2.0
#include "connectors/salesforce/describe.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/catalog/code_lists.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace mapctl::connectors::salesforce {
namespace {

using catalog::LogicalType;

// A polymorphic reference that leads to more objects than these says so in words only: nobody
// loads tables in the order of fifty references of one field.
constexpr std::size_t target_limit = 4;

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

bool is_set(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::int64_t number_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

bool is_compound(const std::string& type) {
  return type == "address" || type == "location";
}

catalog::DataType read_type(const Json& field, const std::string& type) {
  catalog::DataType made;
  made.native = type;
  const auto length = number_at(field, "length");
  const auto set_length = [&] {
    if (length > 0) {
      made.length = length;
      made.native = fmt::format("{}({})", type, length);
    }
  };
  if (type == "boolean") {
    made.logical = LogicalType::boolean;
  } else if (type == "int" || type == "long") {
    made.logical = LogicalType::integer;
    made.bits = type == "int" ? 32 : 64;
  } else if (type == "double" || type == "currency" || type == "percent") {
    made.logical = LogicalType::decimal;
    if (const auto precision = number_at(field, "precision"); precision > 0) {
      made.precision = static_cast<int>(precision);
      made.scale = static_cast<int>(number_at(field, "scale"));
      made.native = fmt::format("{}({},{})", type, *made.precision, *made.scale);
    }
  } else if (type == "date") {
    made.logical = LogicalType::date;
  } else if (type == "datetime") {
    made.logical = LogicalType::timestamp;
    made.time_zone = true;
  } else if (type == "time") {
    made.logical = LogicalType::time;
  } else if (type == "base64") {
    made.logical = LogicalType::binary;
  } else if (type == "multipicklist") {
    made.logical = LogicalType::array;
    made.element = LogicalType::string;
    made.native = fmt::format("multipicklist({})", length);
  } else if (type == "anyType" || type == "complexvalue" || type == "json") {
    made.logical = LogicalType::json;
  } else {
    made.logical = LogicalType::string;
    set_length();
  }
  return made;
}

void read_picklist(const Json& field, catalog::Column& column) {
  const auto values = field.find("picklistValues");
  if (values == field.end() || !values->is_array()) {
    return;
  }
  for (const Json& value : *values) {
    // Retired values are still in old rows, but must not be loaded.
    if (value.is_object() && is_set(value, "active")) {
      column.allowed_values.push_back(text_at(value, "value"));
    }
  }
  if (column.allowed_values.empty()) {
    return;
  }
  static constexpr std::pair<std::string_view, const char*> lists[] = {
      {"CountryCode", "iso3166_alpha2"}, {"CurrencyIsoCode", "iso4217"}};
  for (const auto& [ending, list] : lists) {
    if (column.name.text.ends_with(ending) &&
        std::all_of(column.allowed_values.begin(), column.allowed_values.end(),
                    [&, name = list](const std::string& code) {
                      return catalog::in_code_list(name, code);
                    })) {
      column.code_list = list;
    }
  }
}

void read_default(const Json& field, catalog::Column& column) {
  if (const std::string formula = text_at(field, "defaultValueFormula"); !formula.empty()) {
    column.default_value = formula;
  } else if (const auto value = field.find("defaultValue"); value != field.end()) {
    if (value->is_boolean()) {
      column.default_value = value->get<bool>() ? "true" : "false";
    } else if (value->is_string()) {
      column.default_value = value->get<std::string>();
    }
  }
}

std::string comment_of(const Json& field, const std::vector<std::string>& targets) {
  std::string comment = text_at(field, "label");
  if (const std::string help = text_at(field, "inlineHelpText"); !help.empty()) {
    comment += (comment.empty() ? "" : ": ") + help;
  }
  if (targets.size() > target_limit) {
    const std::vector<std::string> first{targets.begin(), targets.begin() + target_limit};
    comment += fmt::format("{}refers to {} and {} more objects", comment.empty() ? "" : "; ",
                           join(first, ", "), targets.size() - target_limit);
  }
  return comment;
}

void read_references(const Json& field, const std::vector<std::string>& targets,
                     catalog::Table& table) {
  if (targets.empty() || targets.size() > target_limit) {
    return;
  }
  std::string key = text_at(field, "referenceTargetField");
  if (key.empty()) {
    key = "Id";
  }
  const std::string relation = text_at(field, "relationshipName");
  for (const std::string& target : targets) {
    catalog::ForeignKey reference;
    reference.name =
        targets.size() > 1 && !relation.empty() ? fmt::format("{}:{}", relation, target) : relation;
    reference.columns.push_back(catalog::ColumnName{text_at(field, "name")});
    reference.references.table = catalog::TableName{target};
    reference.referenced_columns.push_back(catalog::ColumnName{key});
    table.foreign_keys.push_back(std::move(reference));
  }
}

std::vector<std::string> targets_of(const Json& field) {
  std::vector<std::string> targets;
  if (const auto list = field.find("referenceTo"); list != field.end() && list->is_array()) {
    for (const Json& target : *list) {
      if (target.is_string()) {
        targets.push_back(target.get<std::string>());
      }
    }
  }
  return targets;
}

void read_field(const Json& field, Description& made) {
  const std::string type = text_at(field, "type");
  const std::string name = text_at(field, "name");
  if (name.empty() || is_compound(type) || is_set(field, "deprecatedAndHidden")) {
    return;
  }
  catalog::Table& table = made.table;
  catalog::Column column;
  column.name = catalog::ColumnName{name};
  column.position = static_cast<int>(table.columns.size()) + 1;
  column.type = read_type(field, type);
  column.nullable = is_set(field, "nillable");
  const bool is_written = is_set(field, "createable") || is_set(field, "updateable");
  column.generated = is_set(field, "calculated") || is_set(field, "autoNumber") || !is_written;
  column.required = !column.nullable && !column.generated && is_set(field, "createable") &&
                    !is_set(field, "defaultedOnCreate");
  column.unique = is_set(field, "unique");
  read_picklist(field, column);
  read_default(field, column);
  const auto targets = targets_of(field);
  column.comment = comment_of(field, targets);
  read_references(field, targets, table);
  if (type == "id") {
    column.unique = true;
    table.primary_key.push_back(column.name);
  }
  made.has_files = made.has_files || type == "base64";
  made.has_deleted = made.has_deleted || name == "IsDeleted";
  made.fields.push_back({name, column.type.logical});
  table.columns.push_back(std::move(column));
}

}  // namespace

Description read_description(const Json& body) {
  const auto fields = body.is_object() ? body.find("fields") : body.end();
  if (!body.is_object() || fields == body.end() || !fields->is_array()) {
    throw Error{ErrorCode::invalid_data, "what Salesforce describes has no fields",
                "check option 'api_version'"};
  }
  Description made;
  made.table.name = catalog::TableName{text_at(body, "name")};
  made.table.comment = text_at(body, "label");
  made.queryable = is_set(body, "queryable");
  made.tells_deleted = is_set(body, "replicateable");
  for (const Json& field : *fields) {
    if (field.is_object()) {
      read_field(field, made);
    }
  }
  return made;
}

}  // namespace mapctl::connectors::salesforce
