// SPDX-License-Identifier: Apache-2.0
// The standard catalog functions, asked through drivers whose servers have dialects of their own or
// none: the answers must be the same as far as the standard goes.
#include "connectors/odbc/connection.hpp"
#include "core/base/file.hpp"
#include "tests/integration/odbc/fixture.hpp"

namespace mapctl::test {
namespace {

using catalog::LogicalType;

TEST_CASE("the standard catalog functions tell of MariaDB what its own views tell", "[odbc]") {
  const MariaDbDatabase database;
  database.run("CREATE TABLE parent (b INT, a VARCHAR(10), PRIMARY KEY (b, a))");
  database.run(
      "CREATE TABLE child (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, y INT, x VARCHAR(10), "
      "price DECIMAL(30,10), born DATE, made DATETIME, note TEXT, CONSTRAINT to_parent FOREIGN "
      "KEY (y, x) REFERENCES parent (b, a))");
  database.run("INSERT INTO parent VALUES (1, 'é😀')");
  database.run("CREATE VIEW seen AS SELECT id FROM child");
  auto options = database.options();
  const auto by_views = open(options)->discover({}, {});
  options.options["dialect"] = "generic";
  auto connector = open(options);
  const auto found = connector->discover({}, {});
  CHECK(found.warnings.empty());
  REQUIRE(found.tables().size() == 3);
  for (const auto& entry : by_views.tables()) {
    INFO(catalog::to_string(entry.ref));
    const auto& table = table_in(found, database.name(), entry.ref.table.text);
    CHECK(table.kind == entry.table->kind);
    CHECK(table.primary_key == entry.table->primary_key);
    CHECK(table.foreign_keys == entry.table->foreign_keys);
    REQUIRE(table.columns.size() == entry.table->columns.size());
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      INFO(table.columns[i].name.text);
      CHECK(table.columns[i].name == entry.table->columns[i].name);
      CHECK(catalog::to_string(table.columns[i].type.logical) ==
            catalog::to_string(entry.table->columns[i].type.logical));
    }
  }
  auto reader = connector->open_reader(ref(database.name(), "parent"), {});
  CHECK(rows_of(*reader) == std::vector<Row>{{"1", "é😀"}});
}

ports::ConnectorOptions sqlite_options(const std::string& path) {
  ports::ConnectorOptions options;
  options.profile = "lite";
  options.options = {{"driver", "SQLite3"}, {"database", path}};
  return options;
}

TEST_CASE("the SQLite driver is read through the standard functions", "[odbc]") {
  using connectors::odbc::Connection;
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "shop.db", "");
  const auto options = sqlite_options((folder.path() / "shop.db").string());
  try {
    const Connection connection{std::make_shared<const connectors::odbc::Settings>(
                                    connectors::odbc::parse_options(options)),
                                {}};
    connection.execute("CREATE TABLE parent (b INTEGER, a VARCHAR(10), PRIMARY KEY (b, a))");
    connection.execute(
        "CREATE TABLE \"order lines\" (id INTEGER PRIMARY KEY, y INT, "
        "x VARCHAR(10), price DECIMAL(10,2), born DATE, FOREIGN KEY (y, x) "
        "REFERENCES parent (b, a))");
    connection.execute(
        "INSERT INTO \"order lines\" VALUES (1, NULL, "
        "'longer than ten: é😀', 1.25, '2024-02-29')");
  } catch (const Error& error) {
    if (error.code() == ErrorCode::configuration) {
      skip("odbc", "there is no ODBC driver named 'SQLite3'");
    }
    throw;
  }
  auto connector = open(options);
  const auto found = connector->discover({}, {});
  CHECK(found.warnings.empty());
  REQUIRE(found.tables().size() == 2);
  const auto& table = table_in(found, "", "order lines");
  CHECK(column_in(table, "price").type.logical == LogicalType::decimal);
  CHECK(column_in(table, "price").type.scale == 2);
  CHECK(column_in(table, "born").type.logical == LogicalType::date);
  auto reader = connector->open_reader(ref("", "order lines"), {});
  CHECK(rows_of(*reader) ==
        std::vector<Row>{{"1", std::nullopt, "longer than ten: é😀", "1.25", "2024-02-29"}});
  CHECK_THAT(connector->test({}).product, Catch::Matchers::ContainsSubstring("SQLite"));
}

}  // namespace
}  // namespace mapctl::test
