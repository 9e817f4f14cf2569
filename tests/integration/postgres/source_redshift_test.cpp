// SPDX-License-Identifier: Apache-2.0
// Redshift cannot be run here. What is tested is a PostgreSQL with views in the shape of Redshift's
// (tests/data/redshift/simulated_views.sql): that the connector reads these, not that Redshift
// still fills them as documented.
#include "tests/integration/postgres/source_fixture.hpp"

using namespace mapctl;
using namespace mapctl::test;
using catalog::LogicalType;
using Catch::Matchers::ContainsSubstring;

namespace {

void simulate(const Database& database) {
  database.run_file(data_file("redshift/simulated_views.sql"));
  database.run("ALTER DATABASE " + database.name() + " SET search_path = public, simulated");
}

void make_tables(const Database& database) {
  simulate(database);
  database.run(
      "CREATE SCHEMA dw;"
      "CREATE TABLE dw.customers (code varchar(20), region int, name varchar(64) NOT NULL, "
      "payload text, place text, seen text, at timestamptz, active boolean DEFAULT true, "
      "no bigint DEFAULT 1, net numeric(18,4), PRIMARY KEY (region, code), UNIQUE (name));"
      "CREATE TABLE dw.sales (id bigint, customer_region int, customer varchar(20), day date, "
      "FOREIGN KEY (customer_region, customer) REFERENCES dw.customers (region, code));"
      "CREATE VIEW dw.bound AS SELECT id FROM dw.sales;"
      "COMMENT ON TABLE dw.sales IS 'facts'; COMMENT ON COLUMN dw.sales.day IS 'when sold';"
      "INSERT INTO dw.customers VALUES ('a', 1, 'Ana', '{\"x\": 1}', 'p', 's', "
      "'2024-01-02 03:04:05+00', true, 5, 1.5);"
      "INSERT INTO dw.sales SELECT g, 1, 'a', date '2024-01-01' FROM generate_series(1, 500) g;"
      "INSERT INTO simulated.types VALUES ('customers', 'payload', 'super', NULL), "
      "('customers', 'place', 'geometry', NULL), ('customers', 'seen', 'hllsketch', NULL);"
      "INSERT INTO simulated.storage VALUES ('dw', 'sales', 'id', 'az64', true, 0), "
      "('dw', 'sales', 'day', 'raw', false, 1), ('dw', 'sales', 'customer', 'lzo', false, 2), "
      "('dw', 'customers', 'region', 'raw', false, 1), ('dw', 'customers', 'code', 'raw', false, "
      "-2);"
      "INSERT INTO simulated.styles VALUES ('dw', 'customers', 'ALL');"
      "INSERT INTO simulated.late_binding VALUES ('dw', 'late', 'total', 'numeric(38,2)', 1), "
      "('dw', 'late', 'label', 'character varying(256)', 2);"
      "ANALYZE");
}

}  // namespace

TEST_CASE("simulated Redshift gives its own types, in bytes", "[postgres]") {
  const Database database;
  make_tables(database);
  const auto found = open(database.url(), "redshift")->discover({}, {});
  const auto& table = table_in(found, "dw", "customers");
  const auto type = [&](const char* column) { return column_in(table, column).type; };
  CHECK(type("code").native == "character varying(20)");
  CHECK(type("code").length == 20);
  CHECK(type("code").length_in_bytes);
  CHECK(type("payload").native == "super");
  CHECK(type("payload").logical == LogicalType::json);
  CHECK(type("place").logical == LogicalType::binary);
  CHECK(type("seen").native == "hllsketch");
  CHECK(type("seen").logical == LogicalType::binary);
  CHECK(type("net").native == "numeric(18,4)");
  CHECK(type("net").scale == 4);
  CHECK(type("at").time_zone);
  CHECK_FALSE(column_in(table, "name").nullable);
  CHECK(column_in(table, "name").required);
  CHECK(column_in(table, "name").unique);
  CHECK_FALSE(column_in(table, "code").unique);
  CHECK(column_in(table, "active").default_value == "true");
}

TEST_CASE("simulated Redshift gives keys, sort keys, distribution and late-binding views",
          "[postgres]") {
  const Database database;
  make_tables(database);
  const auto found = open(database.url(), "redshift")->discover({}, {});
  CHECK(found.warnings.empty());
  const auto& sales = table_in(found, "dw", "sales");
  CHECK(*sales.property("distribution") == "KEY(id)");
  CHECK(*sales.property("sort_key") == "day, customer");
  CHECK(sales.comment == "facts");
  CHECK(column_in(sales, "day").comment == "when sold");
  CHECK(sales.row_count == 500);
  CHECK(sales.row_count_is_estimate);
  REQUIRE(sales.foreign_keys.size() == 1);
  CHECK(sales.foreign_keys[0].references == ref("dw", "customers"));
  CHECK(sales.foreign_keys[0].columns[0].text == "customer_region");
  CHECK(sales.foreign_keys[0].referenced_columns[1].text == "code");
  const auto& customers = table_in(found, "dw", "customers");
  CHECK(customers.primary_key.front().text == "region");
  CHECK(*customers.property("distribution") == "ALL");
  CHECK(*customers.property("sort_key") == "INTERLEAVED(region, code)");
  CHECK(table_in(found, "dw", "bound").kind == catalog::TableKind::view);
  CHECK(table_in(found, "dw", "bound").property("late_binding") == nullptr);
  const auto& late = table_in(found, "dw", "late");
  CHECK(*late.property("late_binding") == "yes");
  REQUIRE(late.columns.size() == 2);
  CHECK(late.columns[0].type.scale == 2);
  CHECK(late.columns[1].type.length == 256);
  CHECK(late.columns[1].type.length_in_bytes);
}

TEST_CASE("simulated Redshift is read and profiled row by row", "[postgres]") {
  const Database database;
  make_tables(database);
  const auto connector = open(database.url(), "redshift");
  CHECK(connector->test({}).product.starts_with("Redshift"));
  const auto rows = read_all(*connector->open_reader(ref("dw", "customers"), {}));
  CHECK(rows == std::vector<TextRow>{{"a", "1", "Ana", "{\"x\": 1}", "p", "s",
                                      "2024-01-02 03:04:05+00", "true", "5", "1.5000"}});
  auto scope = with_statistics("sales");
  scope.statistics_rows = 100;
  const auto found = connector->discover(scope, {});
  const auto& sales = table_in(found, "dw", "sales");
  CHECK(column_in(sales, "id").statistics->sampled);
  CHECK(column_in(sales, "id").statistics->rows <= 100);
  CHECK(sales.row_count == 500);
  // Some of it, not the first rows.
  CHECK(column_in(sales, "id").statistics->quantiles.back() > 150);
}

TEST_CASE("what a role of simulated Redshift may not see is a warning", "[postgres]") {
  const Database database;
  make_tables(database);
  const std::string role = "w_" + database.name();
  database.run("CREATE ROLE " + role + " LOGIN; GRANT USAGE ON SCHEMA simulated TO " + role +
                   "; GRANT SELECT ON simulated.svv_tables, simulated.svv_columns TO " + role,
               "postgres");
  const auto connector = open(database.url(role), "redshift");
  // Only what is granted shows in these views; the late-binding views are everybody's.
  const auto found = connector->discover({}, {});
  std::string hints;
  for (const auto& warning : found.warnings) {
    hints += warning.hint + "\n";
  }
  CHECK_THAT(hints, ContainsSubstring("GRANT SELECT ON svv_table_info TO " + role));
  CHECK_THAT(hints, ContainsSubstring("GRANT SELECT ON svv_redshift_columns TO " + role));
  database.run("TRUNCATE simulated.late_binding", "mapctl");
  const auto nothing = connector->discover({}, {});
  CHECK(nothing.tables().empty());
  REQUIRE_FALSE(nothing.warnings.empty());
  std::string all;
  for (const auto& warning : nothing.warnings) {
    all += warning.hint;
  }
  CHECK_THAT(all, ContainsSubstring("GRANT USAGE ON SCHEMA"));
  database.run("DROP OWNED BY " + role + "; DROP ROLE " + role, "postgres");
}
