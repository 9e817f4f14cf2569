// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mapctl::catalog {

// What a type can hold, whatever the system calls it.
enum class LogicalType : std::uint8_t {
  unknown,
  boolean,
  integer,   // up to `bits`
  floating,  // binary, 32 or 64 bits
  decimal,   // exact, `precision` digits of which `scale` behind the point
  string,    // up to `length` characters (or bytes)
  binary,
  date,
  time,
  timestamp,  // `time_zone` tells whether it is a moment or a wall clock
  interval,
  uuid,
  json,
  array,   // of `element`
  object,  // nested fields
};

// "timestamp", "integer", ... as in mapctl.catalog/1.
std::string_view to_string(LogicalType type) noexcept;
std::optional<LogicalType> logical_type_from(std::string_view word) noexcept;

struct DataType {
  LogicalType logical = LogicalType::unknown;
  std::string native{};                  // exactly as the system spells it: "NVARCHAR(160)"
  std::optional<std::int64_t> length{};  // of strings and binaries; nothing: unbounded or unknown
  bool length_in_bytes = false;
  std::optional<int> precision{};  // decimal digits in all
  std::optional<int> scale{};      // digits behind the point
  std::optional<int> bits{};       // of integers and floats
  bool is_unsigned = false;
  bool time_zone = false;
  LogicalType element = LogicalType::unknown;  // of arrays
  bool operator==(const DataType&) const = default;
};

// Reads the spellings common to SQL systems, canonical entities and data dictionaries:
// "varchar(80)", "NUMERIC(10,2)", "int unsigned", "timestamp with time zone", "string[]", "TEXT".
// What it does not know is LogicalType::unknown; `native` is always the text as given.
// "integer" and "int" have 32 bits and "real" has too, as in most servers; connectors of systems
// where they are larger (SQLite, canonical entities) set `bits` themselves.
DataType parse_data_type(std::string_view spelling);

bool is_number(LogicalType type) noexcept;    // boolean is not
bool is_temporal(LogicalType type) noexcept;  // date, time, timestamp
bool is_text(LogicalType type) noexcept;      // string, uuid, json

}  // namespace mapctl::catalog
