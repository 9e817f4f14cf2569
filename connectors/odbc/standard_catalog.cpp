// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/catalog.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace mapctl::connectors::odbc {
namespace {

using catalog::LogicalType;
using catalog::TableRef;

// What ODBC calls a table; which of its two qualifiers is our schema depends on the driver.
struct Place {
  CatalogName catalog{}, schema{};
};

constexpr std::array<std::string_view, 7> own_schemas{"information_schema",
                                                      "INFORMATION_SCHEMA",
                                                      "performance_schema",
                                                      "pg_catalog",
                                                      "mysql",
                                                      "sys",
                                                      "SYS"};

std::string schema_of(const Quirks& quirks, const Place& place) {
  if (place.schema && !place.schema->empty()) {
    return *place.schema;
  }
  return quirks.catalogs_are_schemas ? place.catalog.value_or("") : std::string{};
}

bool is_own(const std::string& schema) {
  return std::find(own_schemas.begin(), own_schemas.end(), schema) != own_schemas.end() ||
         schema.starts_with("pg_toast");
}

CatalogName name_or_all(std::optional<std::string> value) {
  return value && value->empty() ? CatalogName{} : value;
}

std::map<TableRef, Place> list_tables(const Connection& connection,
                                      const ports::DiscoveryScope& scope, CatalogBuilder& builder,
                                      const std::stop_token& stop) {
  std::map<TableRef, Place> places;
  Cursor cursor{connection, stop};
  cursor.tables();
  while (cursor.next()) {
    const Place place{name_or_all(cursor.optional(0)), name_or_all(cursor.optional(1))};
    const std::string schema = schema_of(connection.quirks(), place);
    const std::string table = cursor.string(2);
    const std::string kind = to_lower(cursor.text(3));
    const std::string comment = cursor.string(4);
    const std::string& database = connection.settings().database;
    const bool elsewhere =
        connection.quirks().catalogs_are_schemas && !database.empty() && schema != database;
    if (is_own(schema) || elsewhere || kind.find("system") != std::string::npos) {
      continue;
    }
    const TableRef ref{catalog::SchemaName{schema}, catalog::TableName{table}};
    if (!scope.schemas.matches(schema, false) || !scope.tables.matches(ref, false)) {
      continue;
    }
    const bool is_view = kind.find("view") != std::string::npos;
    builder.add(Shape::tables,
                std::array<Field, 5>{schema, table, is_view ? "view" : "table", Field{}, comment});
    places.emplace(ref, place);
  }
  return places;
}

// One call for all tables of a schema; a name that is not a pattern narrows what comes.
void read_columns(const Connection& connection, const Dialect& dialect, const Place& place,
                  const std::map<TableRef, Place>& places, CatalogBuilder& builder,
                  const std::stop_token& stop) {
  Cursor cursor{connection, stop};
  cursor.columns(place.catalog, {}, CatalogName{"%"});
  // They come in the order of the table. The numbers that drivers give may go on from one table to
  // the next.
  std::map<TableRef, int> numbers;
  while (cursor.next()) {
    const Place at{name_or_all(cursor.optional(0)), name_or_all(cursor.optional(1))};
    const std::string schema = schema_of(connection.quirks(), at);
    const std::string table = cursor.string(2);
    const TableRef ref{catalog::SchemaName{schema}, catalog::TableName{table}};
    if (!places.contains(ref)) {
      continue;
    }
    const std::string name = cursor.string(3);
    const auto sql_type = static_cast<int>(cursor.integer(4).value_or(0));
    const std::string type_name = cursor.string(5);
    catalog::DataType type =
        standard_type(type_name, sql_type, cursor.integer(6), cursor.integer(8));
    // The dialect may know the name better than the standard does.
    if (catalog::DataType known = dialect.type(type.native);
        known.logical != LogicalType::unknown) {
      type = std::move(known);
    }
    const std::string native = type.native;
    builder.know(std::move(type));
    const std::string position = std::to_string(++numbers[ref]);
    const std::string nullable = cursor.string(10) == "0" ? "0" : "1";
    const std::string comment = cursor.string(11);
    const auto default_value = cursor.optional(12);
    const std::string lower = to_lower(type_name);
    const bool counted = lower.find("identity") != std::string::npos ||
                         (default_value && default_value->starts_with("nextval("));
    builder.add(Shape::columns,
                std::array<Field, 9>{schema, table, name, position, native, nullable,
                                     default_value ? Field{*default_value} : Field{}, comment,
                                     counted ? "counted" : ""});
  }
}

void read_keys(const Connection& connection, const TableRef& table, const Place& place,
               CatalogBuilder& builder, const std::stop_token& stop) {
  Cursor cursor{connection, stop};
  cursor.primary_keys(place.catalog, place.schema, table.table.text);
  while (cursor.next()) {
    const std::string column = cursor.string(3);
    const std::string number = cursor.string(4);
    builder.add(Shape::keys, std::array<Field, 6>{table.schema.text, table.table.text, "primary",
                                                  "P", number, column});
  }
}

void read_references(const Connection& connection, const TableRef& table, const Place& place,
                     CatalogBuilder& builder, const std::stop_token& stop) {
  Cursor cursor{connection, stop};
  cursor.foreign_keys(place.catalog, place.schema, table.table.text);
  // Names may be missing, and rows of keys to the same table follow each other: a key starts where
  // its places do.
  int number = 0;
  std::int64_t last_place = 0;
  while (cursor.next()) {
    const Place at{name_or_all(cursor.optional(0)), name_or_all(cursor.optional(1))};
    const std::string schema = schema_of(connection.quirks(), at);
    const std::string to = cursor.string(2);
    const std::string to_column = cursor.string(3);
    const std::string column = cursor.string(7);
    const std::int64_t in_key = cursor.integer(8).value_or(1);
    const std::string key_name = cursor.string(11);
    number += in_key <= last_place || number == 0 ? 1 : 0;
    last_place = in_key;
    const std::string name = key_name.empty() ? fmt::format("#{}", number) : key_name;
    const std::string position = std::to_string(in_key);
    builder.add(Shape::references, std::array<Field, 8>{table.schema.text, table.table.text, name,
                                                        position, column, schema, to, to_column});
  }
}

}  // namespace

catalog::DataType standard_type(std::string_view name, int sql_type,
                                std::optional<std::int64_t> size,
                                std::optional<std::int64_t> digits) {
  std::string native{trim(name)};
  const bool is_text = sql_type == SQL_CHAR || sql_type == SQL_VARCHAR || sql_type == SQL_WCHAR ||
                       sql_type == SQL_WVARCHAR || sql_type == SQL_BINARY ||
                       sql_type == SQL_VARBINARY;
  const bool is_decimal = sql_type == SQL_DECIMAL || sql_type == SQL_NUMERIC;
  constexpr std::int64_t longest = 65'535;  // beyond it means without limit
  if (native.find('(') == std::string::npos && size && *size > 0) {
    const std::string word = to_lower(native);
    const bool takes_length = is_text && (word.find("char") != std::string::npos ||
                                          word.find("binary") != std::string::npos);
    if (takes_length && *size <= longest) {
      native += fmt::format("({})", *size);
    } else if (is_decimal && (word.starts_with("dec") || word.starts_with("num"))) {
      native += fmt::format("({},{})", *size, digits.value_or(0));
    }
  }
  catalog::DataType type = catalog::parse_data_type(native);
  if (type.logical != LogicalType::unknown) {
    return type;
  }
  switch (sql_type) {
    case SQL_BIT: type.logical = LogicalType::boolean; break;
    case SQL_TINYINT:
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT:
      type.logical = LogicalType::integer;
      type.bits = sql_type == SQL_TINYINT    ? 8
                  : sql_type == SQL_SMALLINT ? 16
                  : sql_type == SQL_INTEGER  ? 32
                                             : 64;
      break;
    case SQL_REAL:
    case SQL_FLOAT:
    case SQL_DOUBLE:
      type.logical = LogicalType::floating;
      type.bits = sql_type == SQL_REAL ? 32 : 64;
      break;
    case SQL_DECIMAL:
    case SQL_NUMERIC: type.logical = LogicalType::decimal; break;
    case SQL_TYPE_DATE: type.logical = LogicalType::date; break;
    case SQL_TYPE_TIME: type.logical = LogicalType::time; break;
    case SQL_TYPE_TIMESTAMP: type.logical = LogicalType::timestamp; break;
    case SQL_GUID: type.logical = LogicalType::uuid; break;
    case SQL_BINARY:
    case SQL_VARBINARY:
    case SQL_LONGVARBINARY: type.logical = LogicalType::binary; break;
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_LONGVARCHAR:
    case SQL_WCHAR:
    case SQL_WVARCHAR:
    case SQL_WLONGVARCHAR: type.logical = LogicalType::string; break;
    default: break;
  }
  return type;
}

void read_standard_catalog(const Connection& connection, const Dialect& dialect,
                           const ports::DiscoveryScope& scope, CatalogBuilder& builder,
                           const std::stop_token& stop) {
  const std::map<TableRef, Place> places = list_tables(connection, scope, builder, stop);
  std::set<CatalogName> catalogs;
  for (const auto& [table, place] : places) {
    catalogs.insert(place.catalog);
  }
  for (const CatalogName& catalog : catalogs) {
    read_columns(connection, dialect, {catalog, {}}, places, builder, stop);
  }
  for (const auto& [table, place] : places) {
    try {
      read_keys(connection, table, place, builder, stop);
      read_references(connection, table, place, builder, stop);
    } catch (const Error& problem) {
      if (problem.code() == ErrorCode::cancelled || problem.code() == ErrorCode::unreachable) {
        throw;
      }
      builder.warn(table, problem);
    }
  }
}

}  // namespace mapctl::connectors::odbc
