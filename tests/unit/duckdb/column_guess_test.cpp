// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/column_guess.hpp"

#include "tests/support/catch.hpp"

namespace mapctl::connectors::duckdb {
namespace {

std::string native_of(std::initializer_list<const char*> values) {
  ColumnGuess guess;
  for (const char* value : values) {
    guess.add(value);
  }
  return guess.type().type.native;
}

TEST_CASE("numbers are numbers, and codes that look like them stay text", "[duckdb]") {
  CHECK(native_of({"1", "-20", "0"}) == "BIGINT");
  CHECK(native_of({"1", "2.50"}) == "DECIMAL");
  CHECK(native_of({".5", "-0.25"}) == "DECIMAL");
  CHECK(native_of({"1.5", "2e10"}) == "DOUBLE");
  CHECK(native_of({"123", "00123"}) == "VARCHAR");
  CHECK(native_of({"+491234"}) == "VARCHAR");
  CHECK(native_of({"1,234"}) == "VARCHAR");
  CHECK(native_of({"1."}) == "VARCHAR");
  CHECK(native_of({"999999999999999999"}) == "BIGINT");
  // A double or a 64-bit integer would change these.
  CHECK(native_of({"1234567890123456789"}) == "VARCHAR");
  CHECK(native_of({"1234567890.1234567"}) == "VARCHAR");
  CHECK(native_of({"1234567890123456", "0.5"}) == "VARCHAR");
  CHECK(native_of({}) == "VARCHAR");
}

TEST_CASE("decimals as doubles are printed are doubles, however many there are", "[duckdb]") {
  CHECK(native_of({"1.2", "3.5999999999999996", "4.8"}) == "DOUBLE");
  CHECK(native_of({"0.30000000000000004"}) == "DOUBLE");
  CHECK(native_of({"-0.1234567890123456", "12", "1e3"}) == "DOUBLE");
  CHECK(native_of({"1.2345678901234568e-05", "6.02214076E+23"}) == "DOUBLE");
  CHECK(native_of({"1700000000.1234567", "1700000001.5"}) == "DOUBLE");
  CHECK(native_of({"0.10000000000000001", "1.50000000000000000"}) == "DOUBLE");
  CHECK(native_of({"3.59999999999999964473"}) == "DOUBLE");
  // Zeros before the first digit take no room.
  CHECK(native_of({"0.123456789012345", "0.0000000000000001", "0.0000000000000000"}) == "DECIMAL");
  // Digits that a double would lose, and amounts of as many decimals each, are exact.
  CHECK(native_of({"0.12345678901234567891", "1.5"}) == "VARCHAR");
  CHECK(native_of({"12345678901234.5678", "12345678901234.50"}) == "VARCHAR");
  CHECK(native_of({"123456789012345.25", "123456789012346.50"}) == "VARCHAR");
}

TEST_CASE("booleans are the words true and false only", "[duckdb]") {
  CHECK(native_of({"true", "FALSE"}) == "BOOLEAN");
  CHECK(native_of({"true", "yes"}) == "VARCHAR");
  CHECK(native_of({"0", "1"}) == "BIGINT");
}

TEST_CASE("ISO dates and times are known, impossible ones are text", "[duckdb]") {
  CHECK(native_of({"2024-02-29"}) == "DATE");
  CHECK(native_of({"2024-02-30"}) == "VARCHAR");
  CHECK(native_of({"2024-13-01"}) == "VARCHAR");
  CHECK(native_of({"2024-01-02 03:04:05", "2024-01-02T03:04:05.123"}) == "TIMESTAMP");
  CHECK(native_of({"2024-01-02", "2024-01-02 03:04"}) == "TIMESTAMP");
  CHECK(native_of({"2024-01-02T03:04:05Z", "2024-01-02 03:04:05+02:00"}) == "TIMESTAMPTZ");
  CHECK(native_of({"2024-01-02T03:04:05Z", "2024-01-02T03:04:05"}) == "VARCHAR");
  CHECK(native_of({"03:04", "23:59:59"}) == "TIME");
  CHECK(native_of({"24:00"}) == "VARCHAR");
}

TEST_CASE("dates of other orders are dates only when day and month can be told apart", "[duckdb]") {
  CHECK(native_of({"31/01/2024", "01/02/2024"}) == "DATE %d/%m/%Y");
  CHECK(native_of({"01/31/2024", "2/1/2024"}) == "DATE %m/%d/%Y");
  CHECK(native_of({"1.2.2024"}) == "DATE %d.%m.%Y");
  CHECK(native_of({"01/02/2024", "03/04/2024"}) == "VARCHAR");
  CHECK(native_of({"31/01/2024", "01/31/2024"}) == "VARCHAR");
  CHECK(native_of({"31/01/2024", "31-01-2024"}) == "VARCHAR");
}

}  // namespace
}  // namespace mapctl::connectors::duckdb
