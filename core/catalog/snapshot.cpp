// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/snapshot.hpp"

#include "core/base/error.hpp"
#include "core/base/hash.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <tuple>

namespace mapctl::catalog {
namespace {

constexpr std::string_view document_schema = "mapctl.catalog/1";

template <class T, class Less>
std::vector<const T*> sorted(const std::vector<T>& items, Less less) {
  std::vector<const T*> order;
  for (const T& item : items) {
    order.push_back(&item);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](const T* left, const T* right) { return less(*left, *right); });
  return order;
}

// One fact after the other into the hash. Every list is preceded by its length and every optional
// by whether it is there, so that no two structures give the same bytes.
class Fingerprint {
 public:
  Fingerprint& text(std::string_view value) {
    fmt::format_int length{value.size()};
    facts_.append(length.data(), length.size());
    facts_ += ':';
    facts_ += value;
    if (facts_.size() >= hashed_at_once) {
      hash_.add(facts_);
      facts_.clear();
    }
    return *this;
  }
  Fingerprint& number(std::int64_t value) {
    const fmt::format_int digits{value};
    return text({digits.data(), digits.size()});
  }
  template <class T>
  Fingerprint& optional(const std::optional<T>& value) {
    number(value ? 1 : 0);
    if (value) {
      if constexpr (std::is_convertible_v<T, std::string_view>) {
        text(*value);
      } else {
        text(fmt::format("{}", *value));
      }
    }
    return *this;
  }
  Fingerprint& names(const std::vector<ColumnName>& columns) {
    number(static_cast<std::int64_t>(columns.size()));
    for (const ColumnName& column : columns) {
      text(column.text);
    }
    return *this;
  }
  std::string finish() { return hash_.add(facts_).finish(); }

 private:
  static constexpr std::size_t hashed_at_once = 4096;  // most facts are a few bytes

  Sha256 hash_;
  std::string facts_{};
};

void add(Fingerprint& print, const Column& column) {
  const DataType& type = column.type;
  print.text(column.name.text).text(type.native).text(to_string(type.logical));
  print.text(to_string(type.element)).optional(type.length).number(type.length_in_bytes);
  print.optional(type.precision).optional(type.scale).optional(type.bits);
  print.number(type.is_unsigned).number(type.time_zone);
  print.number(column.nullable).number(column.required).number(column.generated);
  print.number(column.unique).optional(column.default_value).text(column.comment);
  print.number(static_cast<std::int64_t>(column.allowed_values.size()));
  for (const std::string& value : column.allowed_values) {
    print.text(value);
  }
  print.text(column.code_list).text(column.unit);
  print.optional(column.minimum).optional(column.maximum);
}

void add(Fingerprint& print, const Table& table) {
  print.text(table.name.text).text(to_string(table.kind)).text(table.comment);
  print.text(table.domain).text(table.version);
  print.number(static_cast<std::int64_t>(table.columns.size()));
  for (const Column* column : sorted(table.columns, [](const Column&left, const Column&right) {
         return left.position < right.position;
       })) {
    add(print, *column);
  }
  print.names(table.primary_key);
  print.number(static_cast<std::int64_t>(table.foreign_keys.size()));
  for (const ForeignKey* key :
       sorted(table.foreign_keys, [](const ForeignKey&left, const ForeignKey&right) {
         return std::tie(left.name, left.columns) < std::tie(right.name, right.columns);
       })) {
    print.text(key->name).names(key->columns).text(key->references.schema.text);
    print.text(key->references.table.text).names(key->referenced_columns);
  }
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json names_json(const std::vector<ColumnName>& columns) {
  Json list = Json::array();
  for (const ColumnName& column : columns) {
    list.push_back(column.text);
  }
  return list;
}

void add_type(Json& json, const DataType& type) {
  if (type.length) {
    json["length"] = *type.length;
  }
  if (type.length_in_bytes) {
    json["length_in_bytes"] = true;
  }
  if (type.precision) {
    json["precision"] = *type.precision;
  }
  if (type.scale) {
    json["scale"] = *type.scale;
  }
  if (type.bits) {
    json["bits"] = *type.bits;
  }
  if (type.is_unsigned) {
    json["unsigned"] = true;
  }
  if (type.time_zone) {
    json["time_zone"] = true;
  }
  if (type.element != LogicalType::unknown) {
    json["element"] = to_string(type.element);
  }
}

// Hashes of 64 bits do not survive readers that keep numbers as doubles.
std::string sketch_text(const std::vector<std::uint64_t>& sketch) {
  std::string text;
  text.reserve(sketch.size() * 16);
  for (const std::uint64_t hash : sketch) {
    fmt::format_to(std::back_inserter(text), "{:016x}", hash);
  }
  return text;
}

Json to_json(const Table& table, Disclosure disclosure) {
  Json json;
  json["name"] = table.name.text;
  json["kind"] = to_string(table.kind);
  json["row_count"] = or_null(table.row_count);
  if (table.row_count_is_estimate) {
    json["row_count_is_estimate"] = true;
  }
  json["comment"] = table.comment;
  if (!table.domain.empty()) {
    json["domain"] = table.domain;
  }
  if (!table.version.empty()) {
    json["version"] = table.version;
  }
  Json columns = Json::array();
  for (const Column& column : table.columns) {
    columns.push_back(catalog::to_json(column, disclosure));
  }
  json["columns"] = std::move(columns);
  json["primary_key"] = names_json(table.primary_key);
  Json keys = Json::array();
  for (const ForeignKey& key : table.foreign_keys) {
    Json references;
    references["schema"] = key.references.schema.text;
    references["table"] = key.references.table.text;
    references["columns"] = names_json(key.referenced_columns);
    Json entry;
    entry["name"] = key.name;
    entry["columns"] = names_json(key.columns);
    entry["references"] = std::move(references);
    keys.push_back(std::move(entry));
  }
  json["foreign_keys"] = std::move(keys);
  for (const Property& property : table.properties) {
    json["properties"][property.name] = property.value;
  }
  return json;
}

}  // namespace

std::string fingerprint(const Catalog& catalog) {
  Fingerprint print;
  print.number(static_cast<std::int64_t>(catalog.schemas.size()));
  const auto by_name = [](const auto& left, const auto& right) { return left.name < right.name; };
  for (const Schema* schema : sorted(catalog.schemas, by_name)) {
    print.text(schema->name.text).number(static_cast<std::int64_t>(schema->tables.size()));
    for (const Table* table : sorted(schema->tables, by_name)) {
      add(print, *table);
    }
  }
  return print.finish();
}

std::string fingerprint(const TableRef& ref, const Table& table) {
  Fingerprint print;
  print.number(1).text(ref.schema.text).number(1);
  add(print, table);
  return print.finish();
}

Json to_json(const ColumnStatistics& statistics) {
  Json json;
  json["rows"] = statistics.rows;
  json["sampled"] = statistics.sampled;
  json["null_share"] = statistics.null_share;
  json["distinct"] = statistics.distinct;
  json["minimum"] = or_null(statistics.minimum);
  json["maximum"] = or_null(statistics.maximum);
  if (statistics.mean) {
    json["mean"] = *statistics.mean;
  }
  if (statistics.deviation) {
    json["deviation"] = *statistics.deviation;
  }
  if (!statistics.quantiles.empty()) {
    json["quantiles"] = statistics.quantiles;
  }
  if (statistics.shortest) {
    json["shortest"] = *statistics.shortest;
  }
  if (statistics.longest) {
    json["longest"] = *statistics.longest;
  }
  if (statistics.average_length) {
    json["average_length"] = *statistics.average_length;
  }
  if (statistics.integer_digits > 0 || statistics.fraction_digits > 0) {
    json["integer_digits"] = statistics.integer_digits;
    json["fraction_digits"] = statistics.fraction_digits;
  }
  Json patterns = Json::array();
  for (const PatternShare& known : statistics.patterns) {
    Json entry;
    entry["pattern"] = to_string(known.pattern);
    entry["share"] = known.share;
    patterns.push_back(std::move(entry));
  }
  json["patterns"] = std::move(patterns);
  Json frequent = Json::array();
  for (const FrequentValue& value : statistics.frequent) {
    Json entry;
    entry["text"] = value.text;
    entry["count"] = value.count;
    frequent.push_back(std::move(entry));
  }
  json["frequent"] = std::move(frequent);
  json["samples"] = statistics.samples;
  if (!statistics.sketch.empty()) {
    json["sketch"] = sketch_text(statistics.sketch);
  }
  if (!statistics.first_rows.empty()) {
    json["first_rows"] = statistics.first_rows;
  }
  if (!statistics.row_parts.empty()) {
    Json rows = Json::array();
    for (const auto& row : statistics.row_parts) {
      rows.push_back(sketch_text(row));
    }
    json["row_parts"] = std::move(rows);
  }
  if (statistics.presence) {
    json["presence"] = *statistics.presence;
  }
  return json;
}

Json to_json(const Column& column, Disclosure disclosure) {
  Json json;
  json["name"] = column.name.text;
  json["position"] = column.position;
  json["native_type"] = column.type.native;
  json["type"] = to_string(column.type.logical);
  add_type(json, column.type);
  json["nullable"] = column.nullable;
  json["required"] = column.required;
  if (column.generated) {
    json["generated"] = true;
  }
  if (column.unique) {
    json["unique"] = true;
  }
  json["default"] = or_null(column.default_value);
  json["comment"] = column.comment;
  if (!column.allowed_values.empty()) {
    json["allowed_values"] = column.allowed_values;
  }
  if (!column.code_list.empty()) {
    json["code_list"] = column.code_list;
  }
  if (!column.unit.empty()) {
    json["unit"] = column.unit;
  }
  if (column.minimum) {
    json["minimum"] = *column.minimum;
  }
  if (column.maximum) {
    json["maximum"] = *column.maximum;
  }
  if (column.personal) {
    Json personal;
    personal["kind"] = column.personal->kind;
    personal["reason"] = column.personal->reason;
    personal["likelihood"] = column.personal->likelihood;
    json["personal"] = std::move(personal);
  }
  Json statistics = column.statistics ? to_json(*column.statistics) : Json(nullptr);
  if (column.statistics && disclosure == Disclosure::shareable) {
    statistics.erase("first_rows");  // values side by side describe single things
    statistics.erase("row_parts");
  }
  if (column.statistics && column.personal && disclosure == Disclosure::shareable) {
    for (const char* revealing : {"mean", "deviation", "quantiles", "sketch"}) {
      statistics.erase(revealing);
    }
  }
  json["statistics"] = std::move(statistics);
  return json;
}

Json to_json(const Catalog& catalog, std::string_view profile, Disclosure disclosure) {
  Json json;
  json["schema"] = document_schema;
  json["profile"] = profile;
  json["system"] = catalog.system;
  json["names_ignore_case"] = catalog.names_ignore_case;
  json["fingerprint"] = fingerprint(catalog);
  json["taken_at"] = to_iso8601(catalog.taken_at);
  Json schemas = Json::array();
  for (const Schema& schema : catalog.schemas) {
    Json entry;
    entry["name"] = schema.name.text;
    Json tables = Json::array();
    for (const Table& table : schema.tables) {
      tables.push_back(to_json(table, disclosure));
    }
    entry["tables"] = std::move(tables);
    schemas.push_back(std::move(entry));
  }
  json["schemas"] = std::move(schemas);
  Json warnings = Json::array();
  for (const DiscoveryWarning& warning : catalog.warnings) {
    Json entry;
    entry["object"] = warning.object;
    entry["message"] = warning.message;
    entry["hint"] = warning.hint;
    warnings.push_back(std::move(entry));
  }
  json["warnings"] = std::move(warnings);
  return json;
}

}  // namespace mapctl::catalog
