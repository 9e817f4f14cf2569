// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/scan.hpp"
#include "tests/integration/odbc/fixture.hpp"
#include "tests/support/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

namespace mapctl::test {
namespace {

TEST_CASE("every type of MariaDB is read as exact text", "[odbc]") {
  const MariaDbDatabase database;
  database.run("SET SESSION sql_mode = ''");
  database.run(
      "CREATE TABLE t (id BIGINT UNSIGNED PRIMARY KEY, small TINYINT, f FLOAT, d DOUBLE, "
      "price DECIMAL(40,10), dt DATETIME(6), ts TIMESTAMP NULL, da DATE, tm TIME(3), y YEAR, "
      "b1 BIT(1), b12 BIT(12), c CHAR(5), v VARCHAR(50), l LONGTEXT, bl BLOB, bn BINARY(3), "
      "e ENUM('a','b''c'), s SET('p','q'), j JSON, u UUID, ip INET6, g POINT)");
  database.run(
      "INSERT INTO t VALUES (18446744073709551615, -128, 1.1, 0.1, "
      "'-123456789012345678901234567890.0123456789', '2024-01-02 03:04:05.123456', "
      "'2024-01-02 03:04:05', '2024-02-29', '-838:59:59.123', 1999, 1, 2730, 'ab', "
      "'naïve 😀', REPEAT('ü', 100000), x'00ff', x'610062', 'b''c', 'p,q', '{\"a\": 1}', "
      "'123e4567-e89b-12d3-a456-426655440000', '::1', POINT(1, 2))");
  database.run(
      "INSERT INTO t (id, dt, ts, da, tm, y) VALUES (1, '0000-00-00', '0000-00-00', "
      "'2024-00-00', '0:0:0', 0)");
  auto reader = open(database.options())->open_reader(ref(database.name(), "t"), {});
  auto rows = rows_of(*reader);
  REQUIRE(rows.size() == 2);
  std::sort(rows.begin(), rows.end());
  const Row expected_zero{"1",
                          std::nullopt,
                          std::nullopt,
                          std::nullopt,
                          std::nullopt,
                          "0000-00-00 00:00:00.000000",
                          "0000-00-00 00:00:00",
                          "2024-00-00",
                          "00:00:00.000",
                          "0000"};
  for (std::size_t i = 0; i < rows[0].size(); ++i) {
    INFO(reader->columns()[i].text);
    CHECK((rows[0][i] == (i < expected_zero.size() ? expected_zero[i] : std::nullopt)));
  }
  std::string long_text;
  for (int i = 0; i < 100'000; ++i) {
    long_text += "ü";
  }
  const Row expected{"18446744073709551615",
                     "-128",
                     "1.1",
                     "0.1",
                     "-123456789012345678901234567890.0123456789",
                     "2024-01-02 03:04:05.123456",
                     "2024-01-02 03:04:05",
                     "2024-02-29",
                     "-838:59:59.123",
                     "1999",
                     "1",
                     "2730",
                     "ab",
                     "naïve 😀",
                     long_text,
                     "00ff",
                     "610062",
                     "b'c",
                     "p,q",
                     "{\"a\": 1}",
                     "123e4567-e89b-12d3-a456-426655440000",
                     "::1",
                     "POINT(1 2)"};
  REQUIRE(rows[1].size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO(reader->columns()[i].text);
    CHECK((rows[1][i] == expected[i]));
  }
}

TEST_CASE("numbers have the text that the server gives them", "[odbc]") {
  const MariaDbDatabase database;
  database.run(
      "CREATE TABLE n (id INT PRIMARY KEY, d DOUBLE, small TINYINT(1), wide BIGINT, "
      "filled INT(6) ZEROFILL, exact DOUBLE(12,3), plain INT UNSIGNED, said VARCHAR(400))");
  database.run(
      "INSERT INTO n SELECT s, (s % 3 - 1) * (1 + s / 7) * POW(10, s % 42 - 30), s % 256 - 128, "
      "IF(s = 1, -9223372036854775807, 9223372036854775807 - s), s, s / 9, 4294967295 - s, NULL "
      "FROM (SELECT CAST(seq AS SIGNED) AS s FROM seq_1_to_1000) AS numbers");
  database.run(
      "INSERT INTO n (id, d) VALUES (-1, NULL), (-2, -0.0), (-3, 1e15), (-4, 1e-15), "
      "(-5, 123456789012345), (-6, 1.7976931348623157e308), (-7, 5e-324), (-8, 0.1e-15)");
  database.run("UPDATE n SET said = CONCAT_WS(' ', id, d, small, wide, filled, exact, plain)");
  auto reader = open(database.options())->open_reader(ref(database.name(), "n"), {});
  std::size_t rows = 0;
  for (const Row& row : rows_of(*reader)) {
    std::string text;
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      text += row[i] ? (i == 0 ? "" : " ") + *row[i] : "";
    }
    CHECK(text == row.back());
    ++rows;
  }
  CHECK(rows == 1'008);
}

TEST_CASE("a table read in pieces gives each row once, whatever its key", "[odbc]") {
  const MariaDbDatabase database;
  const int rows = 5000;
  const auto fill = [&](const std::string& table, const std::string& definition,
                        const std::string& values) {
    database.run("CREATE TABLE " + table + " (" + definition + ")");
    database.run(fmt::format("INSERT INTO {} SELECT {} FROM seq_1_to_{}", table, values, rows));
  };
  fill("numbered", "id INT PRIMARY KEY, v VARCHAR(20)", "seq * 7, CONCAT('v', seq)");
  fill("big_numbers", "id BIGINT UNSIGNED PRIMARY KEY, v VARCHAR(20)",
       "18446744073709551615 - seq, CONCAT('v', seq)");
  fill("named", "n VARCHAR(30) COLLATE utf8mb4_general_ci PRIMARY KEY, v VARCHAR(20)",
       "CONCAT(CASE seq % 3 WHEN 0 THEN 'Ü' WHEN 1 THEN 'ab ' ELSE 'O''x\\\\' END, seq), "
       "CONCAT('v', seq)");
  fill("paired", "b INT, a VARCHAR(10), v VARCHAR(20), PRIMARY KEY (b, a)",
       "seq % 17, CONCAT('a', seq), CONCAT('v', seq)");
  fill("timed", "at DATETIME(3) PRIMARY KEY, v VARCHAR(20)",
       "DATE_ADD('2020-01-01', INTERVAL seq * 1000 MICROSECOND), CONCAT('v', seq)");
  fill("timed_finely", "at DATETIME(6) PRIMARY KEY, v VARCHAR(20)",
       "DATE_ADD('2020-01-01', INTERVAL seq MICROSECOND), CONCAT('v', seq)");
  fill("stamped", "at TIMESTAMP(6) PRIMARY KEY, v VARCHAR(20)",
       "DATE_ADD('2020-01-01', INTERVAL seq MICROSECOND), CONCAT('v', seq)");
  fill("hashed", "h BINARY(16) PRIMARY KEY, v VARCHAR(20)", "UNHEX(MD5(seq)), CONCAT('v', seq)");
  fill("listed", "e ENUM('z', 'a', 'm'), n INT, v VARCHAR(20), PRIMARY KEY (e, n)",
       "ELT(1 + seq % 3, 'z', 'a', 'm'), seq, CONCAT('v', seq)");
  fill("keyless", "n INT, v VARCHAR(20)", "seq % 10, CONCAT('v', seq)");
  database.run("CREATE VIEW viewed AS SELECT n, v FROM keyless");
  auto connector = open(database.options());
  for (const char* table : {"numbered", "big_numbers", "named", "paired", "timed", "timed_finely",
                            "stamped", "hashed", "listed", "keyless", "viewed"}) {
    INFO(table);
    auto reader = connector->open_reader(ref(database.name(), table), {});
    std::set<std::string> seen;
    int count = 0;
    for (const Row& row : rows_of(*reader)) {
      seen.insert(*row.back());
      ++count;
    }
    CHECK(count == rows);
    CHECK(seen.size() == static_cast<std::size_t>(rows));
  }
}

TEST_CASE("keys that pieces cannot follow are known", "[odbc]") {
  using connectors::odbc::key_orders_rows;
  catalog::Table table;
  const auto with_key = [&](const char* native, catalog::LogicalType logical) {
    catalog::Column column;
    column.name = catalog::ColumnName{"k"};
    column.type.native = native;
    column.type.logical = logical;
    table.columns = {column};
    table.primary_key = {column.name};
    return key_orders_rows(table);
  };
  CHECK(with_key("int(11)", catalog::LogicalType::integer));
  CHECK(with_key("varchar(20)", catalog::LogicalType::string));
  CHECK(with_key("binary(16)", catalog::LogicalType::binary));
  CHECK_FALSE(with_key("enum('b','a')", catalog::LogicalType::string));
  CHECK_FALSE(with_key("decimal(20,5)", catalog::LogicalType::decimal));
  CHECK_FALSE(with_key("float", catalog::LogicalType::floating));
  CHECK_FALSE(with_key("bit(8)", catalog::LogicalType::integer));
  table.primary_key.clear();
  CHECK_FALSE(key_orders_rows(table));
}

TEST_CASE("what is written meanwhile does not change what is read", "[odbc]") {
  const MariaDbDatabase database;
  database.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(2000))");
  database.run("INSERT INTO t SELECT seq, REPEAT('x', 2000) FROM seq_1_to_4000");
  auto reader = open(database.options())->open_reader(ref(database.name(), "t"), {});
  std::vector<std::optional<std::string_view>> row;
  REQUIRE(reader->next(row));
  database.run("DELETE FROM t WHERE id > 2000");
  database.run("INSERT INTO t VALUES (5000, 'new')");
  int rows = 1;
  while (reader->next(row)) {
    CHECK(row[1]->size() == 2000);
    ++rows;
  }
  CHECK(rows == 4000);
}

TEST_CASE("memory stays bounded whatever the size of the table", "[odbc]") {
  const MariaDbDatabase database;
  database.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(1000)) ENGINE = MyISAM");
  database.run("INSERT INTO t SELECT seq, REPEAT('x', 1000) FROM seq_1_to_120000");
  auto reader = open(database.options())->open_reader(ref(database.name(), "t"), {});
  forget_peak_memory();
  const long before = peak_memory_kilobytes();
  std::vector<std::optional<std::string_view>> row;
  int rows = 0;
  while (reader->next(row)) {
    ++rows;
  }
  CHECK(rows == 120'000);
  // The table has 120 MB.
  CHECK((!memory_is_measurable || peak_memory_kilobytes() - before < 40'000));
}

TEST_CASE("reading and profiling stop between blocks", "[odbc]") {
  const MariaDbDatabase database;
  database.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(100))");
  database.run("INSERT INTO t SELECT seq, REPEAT('x', 100) FROM seq_1_to_50000");
  std::stop_source stop;
  auto connector = open(database.options());
  auto reader = connector->open_reader(ref(database.name(), "t"), stop.get_token());
  std::vector<std::optional<std::string_view>> row;
  REQUIRE(reader->next(row));
  stop.request_stop();
  const Error error = error_of([&] {
    while (reader->next(row)) {
    }
  });
  CHECK(error.code() == ErrorCode::cancelled);
  ports::DiscoveryScope scope;
  scope.statistics = true;
  CHECK(error_of([&] { connector->discover(scope, stop.get_token()); }).code() ==
        ErrorCode::cancelled);
  CHECK(connector->discover({}, {}).tables().size() == 1);
}

TEST_CASE("a stop cuts a wait for the server short, and the connector goes on", "[odbc]") {
  using namespace std::chrono_literals;
  const MariaDbDatabase database;
  database.run("CREATE VIEW slow AS SELECT SLEEP(600) AS x");
  auto connector = open(database.options());
  const auto start = std::chrono::steady_clock::now();
  std::stop_source stop;
  {
    const std::jthread later{[&] {
      std::this_thread::sleep_for(300ms);
      stop.request_stop();
    }};
    ports::DiscoveryScope scope;
    scope.statistics = true;
    CHECK(error_of([&] { connector->discover(scope, stop.get_token()); }).code() ==
          ErrorCode::cancelled);
  }
  CHECK(std::chrono::steady_clock::now() - start < 300s);
  CHECK(connector->discover({}, {}).tables().size() == 1);
  // A reader has a connection of its own.
  std::stop_source stop_reading;
  const std::jthread later{[&] {
    std::this_thread::sleep_for(300ms);
    stop_reading.request_stop();
  }};
  const Error error = error_of([&] {
    auto reader = connector->open_reader(ref(database.name(), "slow"), stop_reading.get_token());
    rows_of(*reader);
  });
  CHECK(error.code() == ErrorCode::cancelled);
  CHECK(std::chrono::steady_clock::now() - start < 300s);
}

TEST_CASE("statistics look at a part of long values", "[odbc]") {
  const MariaDbDatabase database;
  database.run("CREATE TABLE t (id INT PRIMARY KEY, doc LONGTEXT, bin LONGBLOB, n INT)");
  database.run(
      "INSERT INTO t SELECT seq, REPEAT('y', 300000), REPEAT('z', 300000), seq % 7 "
      "FROM seq_1_to_40");
  ports::DiscoveryScope scope;
  scope.statistics = true;
  const auto found = open(database.options())->discover(scope, {});
  const auto& table = table_in(found, database.name(), "t");
  CHECK(column_in(table, "doc").statistics->longest == 4096);
  CHECK(column_in(table, "bin").statistics->longest == 128);
  CHECK(column_in(table, "n").statistics->distinct == 7);
  CHECK(column_in(table, "n").statistics->maximum == "6");
}

TEST_CASE("a table that is not there is named with what is near", "[odbc]") {
  const MariaDbDatabase database;
  database.run("CREATE TABLE customers (id INT)");
  auto connector = open(database.options());
  const Error error =
      error_of([&] { connector->open_reader(ref(database.name(), "customer"), {}); });
  CHECK(error.code() == ErrorCode::not_found);
  CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("customer"));
  CHECK_THAT(error.facts().hint, Catch::Matchers::ContainsSubstring("customers"));
}

}  // namespace
}  // namespace mapctl::test
