// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/types.hpp"

#include "connectors/duckdb/handle.hpp"
#include "connectors/duckdb/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace mapctl::connectors::duckdb {
namespace {

using catalog::LogicalType;

struct Simple {
  duckdb_type id;
  const char* native;
  LogicalType logical;
  int bits = 0;
  bool is_unsigned = false;
  bool time_zone = false;
};

constexpr std::array simple_types{
    Simple{DUCKDB_TYPE_BOOLEAN, "BOOLEAN", LogicalType::boolean},
    Simple{DUCKDB_TYPE_TINYINT, "TINYINT", LogicalType::integer, 8},
    Simple{DUCKDB_TYPE_SMALLINT, "SMALLINT", LogicalType::integer, 16},
    Simple{DUCKDB_TYPE_INTEGER, "INTEGER", LogicalType::integer, 32},
    Simple{DUCKDB_TYPE_BIGINT, "BIGINT", LogicalType::integer, 64},
    Simple{DUCKDB_TYPE_HUGEINT, "HUGEINT", LogicalType::integer, 128},
    Simple{DUCKDB_TYPE_UTINYINT, "UTINYINT", LogicalType::integer, 8, true},
    Simple{DUCKDB_TYPE_USMALLINT, "USMALLINT", LogicalType::integer, 16, true},
    Simple{DUCKDB_TYPE_UINTEGER, "UINTEGER", LogicalType::integer, 32, true},
    Simple{DUCKDB_TYPE_UBIGINT, "UBIGINT", LogicalType::integer, 64, true},
    Simple{DUCKDB_TYPE_UHUGEINT, "UHUGEINT", LogicalType::integer, 128, true},
    Simple{DUCKDB_TYPE_FLOAT, "FLOAT", LogicalType::floating, 32},
    Simple{DUCKDB_TYPE_DOUBLE, "DOUBLE", LogicalType::floating, 64},
    Simple{DUCKDB_TYPE_VARCHAR, "VARCHAR", LogicalType::string},
    Simple{DUCKDB_TYPE_BLOB, "BLOB", LogicalType::binary},
    Simple{DUCKDB_TYPE_BIT, "BIT", LogicalType::binary},
    Simple{DUCKDB_TYPE_DATE, "DATE", LogicalType::date},
    Simple{DUCKDB_TYPE_TIME, "TIME", LogicalType::time},
    Simple{DUCKDB_TYPE_TIME_TZ, "TIME WITH TIME ZONE", LogicalType::time, 0, false, true},
    Simple{DUCKDB_TYPE_TIMESTAMP, "TIMESTAMP", LogicalType::timestamp},
    Simple{DUCKDB_TYPE_TIMESTAMP_S, "TIMESTAMP_S", LogicalType::timestamp},
    Simple{DUCKDB_TYPE_TIMESTAMP_MS, "TIMESTAMP_MS", LogicalType::timestamp},
    Simple{DUCKDB_TYPE_TIMESTAMP_NS, "TIMESTAMP_NS", LogicalType::timestamp},
    Simple{DUCKDB_TYPE_TIMESTAMP_TZ, "TIMESTAMP WITH TIME ZONE", LogicalType::timestamp, 0, false,
           true},
    Simple{DUCKDB_TYPE_INTERVAL, "INTERVAL", LogicalType::interval},
    Simple{DUCKDB_TYPE_UUID, "UUID", LogicalType::uuid},
    Simple{DUCKDB_TYPE_ENUM, "ENUM", LogicalType::string},
    Simple{DUCKDB_TYPE_MAP, "MAP", LogicalType::object},
    Simple{DUCKDB_TYPE_UNION, "UNION", LogicalType::object},
};

std::string struct_spelling(duckdb_logical_type type) {
  std::string text = "STRUCT(";
  const auto count = duckdb_struct_type_child_count(type);
  for (idx_t i = 0; i < count; ++i) {
    char* name = duckdb_struct_type_child_name(type, i);
    LogicalTypeHandle child;
    *child.out() = duckdb_struct_type_child_type(type, i);
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", quote_identifier(name),
                        data_type(child.get()).native);
    duckdb_free(name);
  }
  return text + ")";
}

catalog::DataType list_of(LogicalTypeHandle element) {
  const auto inner = data_type(element.get());
  catalog::DataType type;
  type.logical = LogicalType::array;
  type.element = inner.logical;
  type.native = inner.native + "[]";
  return type;
}

}  // namespace

catalog::DataType data_type(duckdb_logical_type type) {
  catalog::DataType result;
  const auto id = duckdb_get_type_id(type);
  if (char* alias = duckdb_logical_type_get_alias(type); alias != nullptr) {
    const std::string name{alias};
    duckdb_free(alias);
    if (name == "JSON") {
      result.logical = LogicalType::json;
      result.native = name;
      return result;
    }
  }
  LogicalTypeHandle child;
  switch (id) {
    case DUCKDB_TYPE_LIST:
      *child.out() = duckdb_list_type_child_type(type);
      return list_of(std::move(child));
    case DUCKDB_TYPE_ARRAY:
      *child.out() = duckdb_array_type_child_type(type);
      return list_of(std::move(child));
    case DUCKDB_TYPE_STRUCT:
      result.logical = LogicalType::object;
      result.native = struct_spelling(type);
      return result;
    case DUCKDB_TYPE_DECIMAL:
      result.logical = LogicalType::decimal;
      result.precision = duckdb_decimal_width(type);
      result.scale = duckdb_decimal_scale(type);
      result.native = fmt::format("DECIMAL({},{})", *result.precision, *result.scale);
      return result;
    default: break;
  }
  const auto* known = std::find_if(simple_types.begin(), simple_types.end(),
                                   [id](const Simple& simple) { return simple.id == id; });
  if (known == simple_types.end()) {
    result.native = "UNKNOWN";
    return result;
  }
  result.logical = known->logical;
  result.native = known->native;
  result.is_unsigned = known->is_unsigned;
  result.time_zone = known->time_zone;
  if (known->bits != 0) {
    result.bits = known->bits;
  }
  return result;
}

}  // namespace mapctl::connectors::duckdb
