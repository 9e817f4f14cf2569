// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/types.hpp"
#include "tests/integration/postgres/source_fixture.hpp"
#include "tests/support/memory.hpp"

#include <atomic>
#include <chrono>
#include <fstream>
#include <regex>
#include <thread>

using namespace mapctl;
using namespace mapctl::test;
using catalog::LogicalType;
using Catch::Matchers::ContainsSubstring;

namespace {

catalog::Catalog structure() {
  static const catalog::Catalog found = [] {
    const Database database;
    database.run_file(data_file("postgres/structure.sql"));
    database.run("ANALYZE");
    return open(database.url())->discover({}, {});
  }();
  return found;
}

std::vector<std::string> texts(const std::vector<catalog::ColumnName>& names) {
  std::vector<std::string> result;
  for (const auto& name : names) {
    result.push_back(name.text);
  }
  return result;
}

using Names = std::vector<std::string>;

// How many statements the server was sent while `action` ran, by its own log.
template <class Action>
std::size_t statements_during(const Database& database, Action action) {
  const auto count = [&] {
    std::ifstream log{database.server().directory() / "log"};
    const std::string text{std::istreambuf_iterator<char>{log}, {}};
    const std::regex statement{"counted-" + database.name() + " LOG:  (statement|execute)"};
    return static_cast<std::size_t>(std::distance(
        std::sregex_iterator{text.begin(), text.end(), statement}, std::sregex_iterator{}));
  };
  const std::size_t before = count();
  action();
  return count() - before;
}

}  // namespace

TEST_CASE("types are exact, with length and precision", "[postgres]") {
  const auto found = structure();
  const auto& table = table_in(found, "sales", "customers");
  struct Expected {
    const char* column;
    const char* native;
    LogicalType logical;
  };
  for (const Expected& expected : {
           Expected{"region", "smallint", LogicalType::integer},
           {"code", "character(4)", LogicalType::string},
           {"name", "character varying(80)", LogicalType::string},
           {"contact", "sales.email", LogicalType::string},
           {"status", "sales.status", LogicalType::string},
           {"grade", "sales.school_grade", LogicalType::string},
           {"home", "sales.address", LogicalType::object},
           {"tags", "text[]", LogicalType::array},
           {"grid", "numeric(8,3)[]", LogicalType::array},
           {"spoken", "sales.status[]", LogicalType::array},
           {"balance", "numeric(12,2)", LogicalType::decimal},
           {"unbounded", "numeric", LogicalType::decimal},
           {"rate", "real", LogicalType::floating},
           {"score", "double precision", LogicalType::floating},
           {"flags", "bit(8)", LogicalType::binary},
           {"visited", "tstzrange", LogicalType::string},
           {"seen", "timestamp(3) with time zone", LogicalType::timestamp},
           {"local", "timestamp without time zone", LogicalType::timestamp},
           {"at", "time without time zone", LogicalType::time},
           {"at_zone", "time with time zone", LogicalType::time},
           {"spent", "interval", LogicalType::interval},
           {"uid", "uuid", LogicalType::uuid},
           {"data", "jsonb", LogicalType::json},
           {"plain", "json", LogicalType::json},
           {"image", "bytea", LogicalType::binary},
           {"address", "inet", LogicalType::string},
           {"one_letter", "\"char\"", LogicalType::string},
           {"price", "money", LogicalType::decimal},
       }) {
    const auto& column = column_in(table, expected.column);
    INFO(expected.column);
    CHECK(column.type.native == expected.native);
    CHECK(catalog::to_string(column.type.logical) == catalog::to_string(expected.logical));
  }
  CHECK(column_in(table, "region").type.bits == 16);
  CHECK(column_in(table, "name").type.length == 80);
  CHECK(column_in(table, "contact").type.length == 120);
  CHECK(column_in(table, "balance").type.precision == 12);
  CHECK(column_in(table, "balance").type.scale == 2);
  CHECK_FALSE(column_in(table, "unbounded").type.precision.has_value());
  CHECK(column_in(table, "seen").type.time_zone);
  CHECK_FALSE(column_in(table, "local").type.time_zone);
  CHECK(column_in(table, "tags").type.element == LogicalType::string);
  CHECK(column_in(table, "grid").type.element == LogicalType::decimal);
  CHECK(column_in(table, "spoken").type.element == LogicalType::string);
}

TEST_CASE("enums, domains and checks that list values become code lists", "[postgres]") {
  const auto found = structure();
  const auto& table = table_in(found, "sales", "customers");
  CHECK(column_in(table, "status").allowed_values == Names{"new", "paid", "it's late", "Größe"});
  CHECK(column_in(table, "grade").allowed_values == Names{"A", "B", "C"});
  CHECK(column_in(table, "grade").default_value == "'B'::text");
  CHECK(column_in(table, "kind").allowed_values == Names{"shop", "home"});
  CHECK(column_in(table, "level").allowed_values == Names{"1", "2", "3"});
  CHECK(column_in(table, "free").allowed_values.empty());
  CHECK_FALSE(column_in(table, "contact").nullable);
  CHECK(column_in(table, "contact").required);
}

TEST_CASE("a check is a list only if it says nothing else", "[postgres]") {
  using connectors::postgres::listed_values;
  CHECK(listed_values("CHECK (((kind)::text = ANY ((ARRAY['it''s'::character varying, "
                      "'a, b]'::character varying])::text[])))") == Names{"it's", "a, b]"});
  CHECK(listed_values("CHECK ((level = ANY (ARRAY['-1'::integer, 2])))") == Names{"-1", "2"});
  CHECK(listed_values("CHECK (((a = ANY (ARRAY[1, 2])) AND (b > 0)))").empty());
  CHECK(listed_values("CHECK ((NOT (a = ANY (ARRAY[1, 2]))))").empty());
  CHECK(listed_values("CHECK ((lower(a) = ANY (ARRAY['x'::text])))").empty());
  CHECK(listed_values("CHECK ((a <> ALL (ARRAY[1, 2])))").empty());
  CHECK(listed_values("CHECK ((a = ANY (ARRAY['x'::text").empty());
  CHECK(listed_values("CHECK ((a > 0))").empty());
}

TEST_CASE("composite and cross-schema keys stay paired and in key order", "[postgres]") {
  const auto found = structure();
  CHECK(texts(table_in(found, "sales", "customers").primary_key) == Names{"code", "region"});
  const auto& orders = table_in(found, "public", "orders");
  REQUIRE(orders.foreign_keys.size() == 1);
  const auto& key = orders.foreign_keys[0];
  CHECK(key.name == "orders_customer");
  CHECK(texts(key.columns) == Names{"customer_code", "customer_region"});
  CHECK(key.references == ref("sales", "customers"));
  CHECK(texts(key.referenced_columns) == Names{"code", "region"});
  // One to a partitioned table, without its copies for each partition.
  const auto& refers = table_in(found, "public", "refers");
  REQUIRE(refers.foreign_keys.size() == 1);
  CHECK(texts(refers.foreign_keys[0].columns) == Names{"x", "y"});
  CHECK(texts(refers.foreign_keys[0].referenced_columns) == Names{"a", "b"});
  CHECK(refers.foreign_keys[0].references == ref("public", "keyed"));
}

TEST_CASE("identity, generated, default and unique columns are told apart", "[postgres]") {
  const auto found = structure();
  const auto& orders = table_in(found, "public", "orders");
  CHECK(column_in(orders, "id").generated);
  CHECK_FALSE(column_in(orders, "id").required);
  CHECK(column_in(orders, "id").unique);
  CHECK_FALSE(column_in(orders, "number").generated);
  CHECK(column_in(orders, "number").default_value == "generated by default as identity");
  CHECK(column_in(orders, "number").unique);
  CHECK(column_in(orders, "ticket").default_value ==
        "nextval('public.orders_ticket_seq'::regclass)");
  CHECK(column_in(orders, "gross").generated);
  CHECK_THAT(*column_in(orders, "gross").default_value, ContainsSubstring("net * 1.2"));
  CHECK(column_in(orders, "net").required);
  CHECK_FALSE(column_in(orders, "placed").required);
  CHECK(column_in(orders, "reference").unique);
  CHECK_FALSE(column_in(orders, "partly").unique);
  // Positions go on where a column was dropped.
  CHECK(orders.find(catalog::ColumnName{"dropped_one"}) == nullptr);
  CHECK(column_in(orders, "reference").position == 8);
}

TEST_CASE("partitions are folded into their parent, ordinary children are not", "[postgres]") {
  const auto found = structure();
  CHECK(found.find(ref("public", "events_2024")) == nullptr);
  CHECK(found.find(ref("public", "events_2025")) == nullptr);
  CHECK(found.find(ref("public", "events_2025_a")) == nullptr);
  const auto& events = table_in(found, "public", "events");
  CHECK(*events.property("partition_key") == "RANGE (happened)");
  CHECK(*events.property("partitions") == "2");
  CHECK(events.row_count == 150);
  CHECK(events.row_count_is_estimate);
  CHECK(*table_in(found, "public", "birds").property("inherits") == "public.animals");
}

TEST_CASE("views, comments and odd names come as they are", "[postgres]") {
  const auto found = structure();
  CHECK(found.warnings.empty());
  CHECK(table_in(found, "public", "order_list").kind == catalog::TableKind::view);
  CHECK(table_in(found, "public", "order_list").comment == "a view");
  CHECK_FALSE(table_in(found, "public", "order_list").row_count.has_value());
  const auto& totals = table_in(found, "public", "totals");
  CHECK(totals.kind == catalog::TableKind::view);
  CHECK(*totals.property("materialized") == "yes");
  CHECK(totals.row_count == 1);
  CHECK(totals.columns[1].type.native == "numeric(6,2)");
  CHECK(table_in(found, "sales", "customers").comment == "Who buys; \"quoted\", and ünïcödé");
  CHECK(column_in(table_in(found, "sales", "customers"), "region").comment == "part of the key");
  const auto& odd = table_in(found, "Odd.Schema", "a \"b\".c");
  CHECK(odd.columns.size() == 3);
  CHECK(odd.columns[1].name.text == "Ünï.cödé \"x\"");
  CHECK(odd.columns[2].name.text.size() == 63);
  CHECK(table_in(found, "public", "nothing").columns.empty());
}

TEST_CASE("odd tables are read and profiled by their exact names", "[postgres]") {
  const Database database;
  database.run_file(data_file("postgres/structure.sql"));
  database.run("INSERT INTO \"Odd.Schema\".\"a \"\"b\"\".c\" VALUES ('x', 1, NULL)");
  const auto connector = open(database.url());
  const auto reader = connector->open_reader(ref("Odd.Schema", "a \"b\".c"), {});
  CHECK(read_all(*reader) == std::vector<TextRow>{{"x", "1", std::nullopt}});
  CHECK(read_all(*connector->open_reader(ref("public", "nothing"), {})).empty());
  const auto found = connector->discover(with_statistics(), {});
  CHECK(found.warnings.empty());
  CHECK(table_in(found, "public", "events").row_count == 150);
  const Error missing =
      error_of([&] { connector->open_reader(ref("Odd_Schema", "a \"b\".c"), {}); });
  CHECK(missing.code() == ErrorCode::not_found);
}

TEST_CASE("a scope reads only what it names", "[postgres]") {
  const Database database;
  database.run_file(data_file("postgres/structure.sql"));
  const auto connector = open(database.url());
  const auto names = [&](const std::string& schema, const std::string& table) {
    ports::DiscoveryScope scope;
    scope.schemas = catalog::NamePattern{schema};
    scope.tables = catalog::NamePattern{table};
    Names found;
    for (const auto& entry : connector->discover(scope, {}).tables()) {
      found.push_back(catalog::to_string(entry.ref));
    }
    return found;
  };
  CHECK(names("sales", "*") == Names{"sales.customers"});
  CHECK(names("*", "sales.cust*") == Names{"sales.customers"});
  CHECK(names("*", "sales.customers") == Names{"sales.customers"});
  CHECK(names("*", "Odd.Schema.a \"b\".c") == Names{"Odd.Schema.a \"b\".c"});
  CHECK(names("public", "order?") == Names{"public.orders"});
  CHECK(names("Sales", "*").empty());
  CHECK_FALSE(names("pg_catalog", "pg_class").empty());
  // The profile narrows where the call does not.
  auto options = options_of(database.url());
  options.options["schema"] = "s*";
  const auto narrow = connectors::postgres::factory().open(options, {});
  CHECK(narrow->discover({}, {}).tables().size() == 1);
}

TEST_CASE("what is told by a column's number is told of the right one behind dropped columns",
          "[postgres]") {
  const Database database;
  database.run(
      "CREATE SCHEMA apart; CREATE TABLE apart.parent (gone int, code text, id int, "
      "PRIMARY KEY (id, code)); ALTER TABLE apart.parent DROP COLUMN gone; "
      "CREATE TABLE child (first int, gone int, b int DEFAULT 7, twice int "
      "GENERATED ALWAYS AS (b * 2) STORED); ALTER TABLE child DROP COLUMN gone; "
      "ALTER TABLE child ADD code text DEFAULT 'b' || chr(66), ADD parent int, "
      "ADD PRIMARY KEY (b), ADD UNIQUE (code), "
      "ADD CONSTRAINT up FOREIGN KEY (parent, code) REFERENCES apart.parent (id, code); "
      "COMMENT ON COLUMN child.parent IS 'whose it is'");
  ports::DiscoveryScope scope;
  scope.schemas = catalog::NamePattern{"public"};
  const auto found = open(database.url())->discover(scope, {});
  const auto& child = table_in(found, "public", "child");
  CHECK(child.columns.size() == 5);
  CHECK(column_in(child, "b").default_value == "7");
  CHECK(column_in(child, "b").position == 2);
  CHECK_THAT(*column_in(child, "twice").default_value, ContainsSubstring("(b * 2)"));
  CHECK(column_in(child, "twice").generated);
  CHECK_THAT(*column_in(child, "code").default_value, ContainsSubstring("chr(66)"));
  CHECK(column_in(child, "code").unique);
  CHECK(column_in(child, "parent").comment == "whose it is");
  CHECK(texts(child.primary_key) == Names{"b"});
  // What it refers to is not in the scope.
  CHECK(found.find(ref("apart", "parent")) == nullptr);
  REQUIRE(child.foreign_keys.size() == 1);
  CHECK(child.foreign_keys[0].references == ref("apart", "parent"));
  CHECK(texts(child.foreign_keys[0].columns) == Names{"parent", "code"});
  CHECK(texts(child.foreign_keys[0].referenced_columns) == Names{"id", "code"});
}

TEST_CASE("the number of queries does not depend on the number of tables", "[postgres]") {
  const Database database;
  database.run("ALTER DATABASE " + database.name() + " SET log_statement = 'all'", "postgres");
  database.run_file(data_file("postgres/structure.sql"));
  const std::string url = database.url("mapctl", "application_name=counted-" + database.name());
  const auto discover = [&] {
    return statements_during(database, [&] { open(url)->discover({}, {}); });
  };
  const std::size_t few = discover();
  database.run(
      "DO $$ BEGIN FOR i IN 1..200 LOOP EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, "
      "p int REFERENCES public.orders, k text CHECK (k IN (''a'', ''b'')), u text UNIQUE, "
      "d date DEFAULT current_date)', i); END LOOP; END $$");
  const std::size_t many = discover();
  CHECK(few == many);
  CHECK(few > 5);
  CHECK(few < 20);
}

TEST_CASE("ten thousand tables take as many queries as few, and little memory", "[postgres]") {
  constexpr int tables = 10'000;
  constexpr int at_once = 1'000;  // tables whose locks fit into one transaction
  const Database database;
  database.run("ALTER DATABASE " + database.name() + " SET log_statement = 'all'", "postgres");
  const auto connector =
      open(database.url("mapctl", "application_name=counted-" + database.name()));
  catalog::Catalog found;
  const auto discover = [&] {
    return statements_during(database, [&] { found = connector->discover({}, {}); });
  };
  // Partitioned: the server keeps no file for such a table, and is quick to make one.
  const auto make = [&](int first, int last) {
    database.run("DO $$ BEGIN FOR i IN " + std::to_string(first) + ".." + std::to_string(last) +
                 " LOOP EXECUTE format('CREATE TABLE t%s (id int NOT NULL, name varchar(20) "
                 "DEFAULT ''x'', made date) PARTITION BY LIST (id)', i); END LOOP; END $$");
  };
  make(1, 1);
  const std::size_t few = discover();
  CHECK(few > 5);
  make(2, at_once);
  for (int first = at_once + 1; first <= tables; first += at_once) {
    make(first, first + at_once - 1);
  }
  forget_peak_memory();
  const long before = peak_memory_kilobytes();
  CHECK(discover() == few);
  CHECK(found.tables().size() == tables);
  CHECK(table_in(found, "public", "t9999").columns.size() == 3);
  CHECK((!memory_is_measurable || peak_memory_kilobytes() - before < 80'000));
}

TEST_CASE("a table of 1,600 columns and a thousand tables are found whole", "[postgres]") {
  const Database database;
  std::string columns;
  for (int i = 1; i <= 1600; ++i) {
    columns += (i == 1 ? "c" : ", c") + std::to_string(i) + " int";
  }
  database.run("CREATE TABLE wide (" + columns + "); INSERT INTO wide (c1, c1600) VALUES (7, 9)");
  for (int part = 0; part < 2; ++part) {
    database.run("DO $$ BEGIN FOR i IN 1..500 LOOP EXECUTE format('CREATE TABLE t_" +
                 std::to_string(part) + "_%s (a int, b int)', i); END LOOP; END $$");
  }
  const auto connector = open(database.url());
  const auto found = connector->discover({}, {});
  CHECK(found.tables().size() == 1001);
  const auto& wide = table_in(found, "public", "wide");
  REQUIRE(wide.columns.size() == 1600);
  CHECK(wide.columns[1599].name.text == "c1600");
  CHECK(wide.columns[1599].position == 1600);
  const auto rows = read_all(*connector->open_reader(ref("public", "wide"), {}));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0][0] == "7");
  CHECK_FALSE(rows[0][1].has_value());
  CHECK(rows[0][1599] == "9");
  // More than the server's limit of expressions in a list of a SELECT are asked for in parts.
  database.run("INSERT INTO wide (c2) SELECT g FROM generate_series(1, 200) g");
  auto scope = with_statistics("wide");
  scope.statistics_rows = 50;
  const auto profiled = connector->discover(scope, {});
  CHECK(profiled.warnings.empty());
  const auto& again = table_in(profiled, "public", "wide");
  CHECK(again.row_count == 201);
  CHECK(column_in(again, "c2").statistics->maximum == "200");
  CHECK(column_in(again, "c1600").statistics->minimum == "9");
}

TEST_CASE("a table that is dropped while it is looked at does not end discovery", "[postgres]") {
  const Database database;
  database.run(
      "CREATE TABLE stays (id int PRIMARY KEY, made date DEFAULT current_date);"
      "CREATE TABLE goes (id int PRIMARY KEY, made date DEFAULT current_date, "
      "k text CHECK (k IN ('a', 'b')), p int REFERENCES stays)");
  catalog::Catalog found;
  std::atomic<bool> is_over = false;
  // What the server looks up for one query, it must wait for while the table is locked; and then
  // the table is gone, though the query's state of the catalog has it.
  database.run("BEGIN; DROP TABLE goes");
  {
    const std::jthread looking{[&] {
      found = open(database.url())->discover({}, {});
      is_over = true;
    }};
    while (!is_over && database.value("SELECT count(*) FROM pg_locks l JOIN pg_database d ON "
                                      "d.oid = l.database WHERE NOT l.granted AND "
                                      "d.datname = current_database()") == "0") {
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    CHECK_FALSE(is_over);
    database.run("COMMIT");
  }
  CHECK(found.tables().size() == 1);
  CHECK(table_in(found, "public", "stays").columns.size() == 2);
  CHECK(found.warnings.empty());
}
