// SPDX-License-Identifier: Apache-2.0
#include "connectors/salesforce/describe.hpp"

#include "core/base/error.hpp"
#include "core/base/json_member.hpp"
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

bool is_compound(const std::string& type) {
  return type == "address" || type == "location";
}

catalog::DataType read_type(const Json& field, const std::string& type) {
  catalog::DataType made;
  made.native = type;
  const auto length = whole_member(field, "length").value_or(0);
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
    if (const auto precision = whole_member(field, "precision").value_or(0); precision > 0) {
      made.precision = static_cast<int>(precision);
      made.scale = static_cast<int>(whole_member(field, "scale").value_or(0));
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
    if (value.is_object() && flag_member(value, "active")) {
      column.allowed_values.push_back(text_member(value, "value"));
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
  if (const std::string formula = text_member(field, "defaultValueFormula"); !formula.empty()) {
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
  std::string comment = text_member(field, "label");
  if (const std::string help = text_member(field, "inlineHelpText"); !help.empty()) {
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
  std::string key = text_member(field, "referenceTargetField");
  if (key.empty()) {
    key = "Id";
  }
  const std::string relation = text_member(field, "relationshipName");
  for (const std::string& target : targets) {
    catalog::ForeignKey reference;
    reference.name =
        targets.size() > 1 && !relation.empty() ? fmt::format("{}:{}", relation, target) : relation;
    reference.columns.push_back(catalog::ColumnName{text_member(field, "name")});
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
  const std::string type = text_member(field, "type");
  const std::string name = text_member(field, "name");
  if (name.empty() || is_compound(type) || flag_member(field, "deprecatedAndHidden")) {
    return;
  }
  catalog::Table& table = made.table;
  catalog::Column column;
  column.name = catalog::ColumnName{name};
  column.position = static_cast<int>(table.columns.size()) + 1;
  column.type = read_type(field, type);
  column.nullable = flag_member(field, "nillable");
  const bool is_written = flag_member(field, "createable") || flag_member(field, "updateable");
  column.generated =
      flag_member(field, "calculated") || flag_member(field, "autoNumber") || !is_written;
  column.required = !column.nullable && !column.generated && flag_member(field, "createable") &&
                    !flag_member(field, "defaultedOnCreate");
  column.unique = flag_member(field, "unique");
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
  made.table.name = catalog::TableName{text_member(body, "name")};
  made.table.comment = text_member(body, "label");
  made.queryable = flag_member(body, "queryable");
  made.tells_deleted = flag_member(body, "replicateable");
  for (const Json& field : *fields) {
    if (field.is_object()) {
      read_field(field, made);
    }
  }
  return made;
}

}  // namespace mapctl::connectors::salesforce
