// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/types.hpp"

#include "tests/support/catch.hpp"

// Inside the namespace, as LogicalType::time would clash with the C library's function.
namespace mapctl::catalog {
namespace {

using enum LogicalType;

TEST_CASE("each system's spellings lead to the same logical types", "[catalog][types]") {
  struct Case {
    const char* spelling;
    LogicalType logical;
  };
  const Case cases[] = {
      // SQLite
      {"INTEGER", integer},
      {"UNSIGNED BIG INT", integer},
      {"NATIVE CHARACTER(70)", string},
      {"VARYING CHARACTER(255)", string},
      {"TEXT", string},
      {"BLOB", binary},
      // PostgreSQL
      {"character varying(80)", string},
      {"timestamp with time zone", timestamp},
      {"timestamp(3) without time zone", timestamp},
      {"double precision", floating},
      {"int8", integer},
      {"bytea", binary},
      {"jsonb", json},
      {"uuid", uuid},
      {"bpchar", string},
      {"interval year to month", interval},
      // MySQL and MariaDB
      {"int(11) unsigned zerofill", integer},
      {"tinyint(1)", boolean},
      {"tinyint(4)", integer},
      {"mediumtext", string},
      {"enum('a','b, c')", string},
      {"set('x','y')", array},
      {"year(4)", integer},
      {"datetime(6)", timestamp},
      {"bit(1)", boolean},
      {"bit(8)", binary},
      // SQL Server
      {"nvarchar(max)", string},
      {"uniqueidentifier", uuid},
      {"datetimeoffset(7)", timestamp},
      {"money", decimal},
      {"int identity", integer},
      {"rowversion", binary},
      {"bit", boolean},
      // Oracle
      {"NUMBER(10,2)", decimal},
      {"NUMBER", decimal},
      {"VARCHAR2(80 CHAR)", string},
      {"TIMESTAMP(6) WITH LOCAL TIME ZONE", timestamp},
      {"INTERVAL DAY(2) TO SECOND(6)", interval},
      {"LONG RAW", binary},
      // Redshift and DuckDB
      {"super", json},
      {"varbyte(16)", binary},
      {"HUGEINT", integer},
      {"STRUCT(a INTEGER, b VARCHAR)", object},
      {"MAP(VARCHAR, INTEGER)", object},
      {"TIMESTAMP_NS", timestamp},
      {"DECIMAL(18,3)", decimal},
      // Salesforce
      {"picklist", string},
      {"reference", string},
      {"currency", decimal},
      {"Lookup(User)", string},
      {"Formula (Text)", string},
      {"Long Text Area(32768)", string},
      {"Date/Time", timestamp},
      {"Checkbox", boolean},
      {"Auto Number", string},
      // canonical entities and dictionaries
      {"string", string},
      {"datetime", timestamp},
      {"decimal", decimal},
      {"float", floating},
      {"boolean", boolean},
      {"date", date},
      {"utf8", string},
      {"timestamp[us, tz=UTC]", timestamp},
      {"", unknown},
      {"quaternion", unknown},
      {"(10,2)", unknown},
      {"varchar(", string},
      {"int unsigned)", unknown},
  };
  for (const auto& [spelling, logical] : cases) {
    INFO(spelling);
    const DataType type = parse_data_type(spelling);
    CHECK(to_string(type.logical) == to_string(logical));
    CHECK(type.native == spelling);
  }
}

TEST_CASE("lengths are characters, or bytes where the system says so", "[catalog][types]") {
  const auto length = [](const char* spelling) { return parse_data_type(spelling).length; };
  CHECK(length("varchar(80)") == 80);
  CHECK(length("character varying ( 80 )") == 80);
  CHECK(length("NVARCHAR(160)") == 160);
  CHECK_FALSE(length("nvarchar(max)"));
  CHECK_FALSE(length("text"));
  CHECK_FALSE(length("varchar"));
  CHECK(length("char") == 1);
  CHECK(length("binary(16)") == 16);
  CHECK(length("bit(12)") == 2);
  CHECK(parse_data_type("binary(16)").length_in_bytes);
  CHECK(parse_data_type("VARCHAR2(80 BYTE)").length_in_bytes);
  CHECK(length("VARCHAR2(80 BYTE)") == 80);
  CHECK_FALSE(parse_data_type("VARCHAR2(80 CHAR)").length_in_bytes);
}

TEST_CASE("precision and scale are read from decimals only", "[catalog][types]") {
  const DataType amount = parse_data_type("NUMERIC(10,2)");
  CHECK(amount.precision == 10);
  CHECK(amount.scale == 2);
  CHECK(parse_data_type("decimal(10)").scale == 0);
  CHECK_FALSE(parse_data_type("numeric").precision);
  CHECK(parse_data_type("NUMBER(10,-2)").scale == -2);
  CHECK(parse_data_type("NUMBER(*,0)").scale == 0);
  CHECK_FALSE(parse_data_type("NUMBER(*,0)").precision);
  CHECK(parse_data_type("decimal(10,2) unsigned").is_unsigned);
  CHECK_FALSE(parse_data_type("int(11)").precision);
  CHECK_FALSE(parse_data_type("int(11)").length);
  CHECK_FALSE(parse_data_type("timestamp(3)").length);
  CHECK(parse_data_type("money").scale == 4);
}

TEST_CASE("sizes of numbers are bits, with their sign", "[catalog][types]") {
  CHECK(parse_data_type("smallint").bits == 16);
  CHECK(parse_data_type("int").bits == 32);
  CHECK(parse_data_type("BIGINT UNSIGNED").bits == 64);
  CHECK(parse_data_type("BIGINT UNSIGNED").is_unsigned);
  CHECK(parse_data_type("unsigned big int").is_unsigned);
  CHECK(parse_data_type("UINTEGER").is_unsigned);
  CHECK_FALSE(parse_data_type("bigint").is_unsigned);
  CHECK(parse_data_type("float(10)").bits == 32);
  CHECK(parse_data_type("float(53)").bits == 64);
  CHECK(parse_data_type("real").bits == 32);
  CHECK_FALSE(parse_data_type("tinyint(1)").bits);
}

TEST_CASE("time zones are told apart from wall clocks", "[catalog][types]") {
  for (const char* spelling : {"timestamptz", "timestamp with time zone", "datetimeoffset",
                               "TIMESTAMP WITH LOCAL TIME ZONE", "timestamp[us, tz=UTC]"}) {
    INFO(spelling);
    CHECK(parse_data_type(spelling).time_zone);
  }
  for (const char* spelling :
       {"timestamp", "timestamp without time zone", "datetime2", "timestamp[us]"}) {
    INFO(spelling);
    CHECK_FALSE(parse_data_type(spelling).time_zone);
    CHECK(parse_data_type(spelling).logical == timestamp);
  }
}

TEST_CASE("arrays know their element", "[catalog][types]") {
  struct Case {
    const char* spelling;
    LogicalType element;
  };
  for (const auto& [spelling, element] :
       {Case{"string[]", string}, Case{"INTEGER[3]", integer}, Case{"integer ARRAY", integer},
        Case{"DECIMAL(18,3)[]", decimal}, Case{"_int4", integer}, Case{"array<string>", string},
        Case{"list<item: double>", floating}, Case{"varchar[][]", array}, Case{"set('a')", string},
        Case{"array", unknown}}) {
    INFO(spelling);
    const DataType type = parse_data_type(spelling);
    CHECK(type.logical == array);
    CHECK(to_string(type.element) == to_string(element));
  }
}

TEST_CASE("the words of logical types lead back to them", "[catalog][types]") {
  for (int i = 0; i <= static_cast<int>(object); ++i) {
    const auto type = static_cast<LogicalType>(i);
    CHECK_FALSE(to_string(type).empty());
    CHECK(logical_type_from(to_string(type)) == type);
  }
  CHECK_FALSE(logical_type_from("varchar"));
}

TEST_CASE("groups of types do not overlap", "[catalog][types]") {
  for (int i = 0; i <= static_cast<int>(object); ++i) {
    const auto type = static_cast<LogicalType>(i);
    CHECK(int{is_number(type)} + int{is_temporal(type)} + int{is_text(type)} <= 1);
  }
  CHECK(is_number(decimal));
  CHECK_FALSE(is_number(boolean));
  CHECK(is_temporal(time));
  CHECK(is_text(json));
}

TEST_CASE("a type nested without end is an array all the same", "[catalog][types]") {
  const auto repeated = [](std::string_view part) {
    std::string made;
    for (int i = 0; i < 20'000; ++i) {
      made += part;
    }
    return made;
  };
  CHECK(parse_data_type("int[][][]").element == array);
  CHECK(parse_data_type("int" + repeated("[]")).logical == array);
  CHECK(parse_data_type(repeated("array<") + "int" + repeated(">")).logical == array);
  CHECK(parse_data_type(repeated("formula(") + "int" + repeated(")")).logical == unknown);
  CHECK(parse_data_type("formula(currency(18,2))").logical == decimal);
}

}  // namespace
}  // namespace mapctl::catalog
