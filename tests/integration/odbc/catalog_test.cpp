// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/cursor.hpp"
#include "tests/integration/odbc/fixture.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mapctl::test {
namespace {

using catalog::LogicalType;

// Statements that the server has been sent by one user; others may be at work meanwhile.
std::int64_t questions(const std::string& user) {
  using namespace connectors::odbc;
  const Connection connection{
      std::make_shared<const Settings>(parse_options(mariadb().options(""))), {}};
  Cursor cursor{connection, {}};
  const std::vector<Parameter> parameters{{Parameter::Kind::text, user}};
  cursor.execute(
      "SELECT CAST(SELECT_COMMANDS + UPDATE_COMMANDS + OTHER_COMMANDS AS CHAR) "
      "FROM information_schema.USER_STATISTICS WHERE USER = ?",
      parameters);
  REQUIRE(cursor.next());
  return cursor.integer(0).value();
}

TEST_CASE("the catalog of MariaDB has types, keys, comments, defaults and what is generated",
          "[odbc]") {
  const MariaDbDatabase database;
  database.run(
      "CREATE TABLE parent (b INT, a VARCHAR(10), PRIMARY KEY (b, a)) COMMENT 'the parents'");
  database.run(
      "CREATE TABLE child (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, "
      "x VARCHAR(10), y INT, code CHAR(3) NOT NULL DEFAULT 'abc' COMMENT 'it''s ünique', "
      "size ENUM('s', 'it''s', 'x,l') NOT NULL, marks SET('p', 'q'), price DECIMAL(30,10), "
      "flag BOOLEAN, bits BIT(12), born DATE, seen TIMESTAMP NULL, made DATETIME(6), "
      "doubled INT AS (y * 2) STORED, place POINT, small TINYINT UNSIGNED, year_of YEAR, "
      "prefix VARCHAR(200), UNIQUE KEY (code), UNIQUE KEY (prefix(5)), "
      "CONSTRAINT to_parent FOREIGN KEY (y, x) REFERENCES parent (b, a))");
  database.run("CREATE VIEW seen AS SELECT id, code FROM child");
  const auto found = open(database.options())->discover({}, {});
  CHECK(found.warnings.empty());
  REQUIRE(found.tables().size() == 3);
  const auto& parent = table_in(found, database.name(), "parent");
  CHECK(parent.comment == "the parents");
  CHECK(texts(parent.primary_key) == std::vector<std::string>{"b", "a"});
  CHECK(table_in(found, database.name(), "seen").kind == catalog::TableKind::view);
  CHECK(table_in(found, database.name(), "seen").comment.empty());

  const auto& child = table_in(found, database.name(), "child");
  REQUIRE(child.foreign_keys.size() == 1);
  const auto& reference = child.foreign_keys.front();
  CHECK(reference.name == "to_parent");
  CHECK(reference.references == ref(database.name(), "parent"));
  CHECK(texts(reference.columns) == std::vector<std::string>{"y", "x"});
  CHECK(texts(reference.referenced_columns) == std::vector<std::string>{"b", "a"});

  const auto& id = column_in(child, "id");
  CHECK(id.type.logical == LogicalType::integer);
  CHECK(id.type.bits == 64);
  CHECK(id.type.is_unsigned);
  CHECK_FALSE(id.nullable);
  CHECK_FALSE(id.required);
  CHECK(id.unique);
  const auto& code = column_in(child, "code");
  CHECK(code.default_value == "'abc'");
  CHECK(code.comment == "it's ünique");
  CHECK(code.unique);
  CHECK(code.type.length == 3);
  CHECK(column_in(child, "size").allowed_values == std::vector<std::string>{"s", "it's", "x,l"});
  CHECK(column_in(child, "size").required);
  CHECK(column_in(child, "marks").allowed_values == std::vector<std::string>{"p", "q"});
  CHECK(column_in(child, "price").type.precision == 30);
  CHECK(column_in(child, "price").type.scale == 10);
  CHECK(column_in(child, "flag").type.logical == LogicalType::boolean);
  CHECK_FALSE(column_in(child, "flag").default_value.has_value());
  CHECK(column_in(child, "bits").type.logical == LogicalType::integer);
  CHECK(column_in(child, "born").type.logical == LogicalType::date);
  CHECK(column_in(child, "seen").type.time_zone);
  CHECK(column_in(child, "made").type.logical == LogicalType::timestamp);
  CHECK_FALSE(column_in(child, "made").type.time_zone);
  CHECK(column_in(child, "doubled").generated);
  CHECK_FALSE(column_in(child, "y").generated);
  CHECK(column_in(child, "small").type.is_unsigned);
  // A part of a column being unique says nothing about the column.
  CHECK_FALSE(column_in(child, "prefix").unique);
}

TEST_CASE("names with quotes, dots, Unicode and 64 characters are found and read", "[odbc]") {
  const MariaDbDatabase database{"-o`d\"d'.größe $x"};
  const std::string longest = "ü'`\".;-- " + std::string(55, 'x');
  const std::vector<std::string> names{"p.a`r\"é-1", "select", "a%_b", longest, "Straße?*[x]"};
  for (const std::string& name : names) {
    database.run(fmt::format("CREATE TABLE {0} ({1} INT, {2} INT, PRIMARY KEY ({2}, {1}))",
                             mariadb_name(name), mariadb_name("i`d."), mariadb_name("größe'")));
    database.run(fmt::format("INSERT INTO {} VALUES (1, 2)", mariadb_name(name)));
    database.run(fmt::format(
        "CREATE TABLE {0} (x INT, y INT, CONSTRAINT {1} FOREIGN KEY (y, x) REFERENCES {2} ({4}, "
        "{3}))",
        mariadb_name(name.substr(0, 20) + "_child"), mariadb_name("f/k " + name.substr(0, 20)),
        mariadb_name(name), mariadb_name("i`d."), mariadb_name("größe'")));
  }
  auto connector = open(database.options());
  const auto found = connector->discover({}, {});
  CHECK(found.warnings.empty());
  CHECK(found.tables().size() == 2 * names.size());
  for (const std::string& name : names) {
    INFO(name);
    const auto& table = table_in(found, database.name(), name);
    CHECK(texts(table.primary_key) == std::vector<std::string>{"größe'", "i`d."});
    auto reader = connector->open_reader(ref(database.name(), name), {});
    CHECK(rows_of(*reader) == std::vector<Row>{{"1", "2"}});
    const auto& child = table_in(found, database.name(), name.substr(0, 20) + "_child");
    REQUIRE(child.foreign_keys.size() == 1);
    CHECK(child.foreign_keys.front().name == "f/k " + name.substr(0, 20));
    CHECK(child.foreign_keys.front().references == ref(database.name(), name));
    CHECK(texts(child.foreign_keys.front().referenced_columns) ==
          std::vector<std::string>{"größe'", "i`d."});
  }
}

TEST_CASE("many tables are discovered with as many queries as few", "[odbc]") {
  const MariaDbDatabase few;
  const MariaDbDatabase many;
  const auto fill = [](const MariaDbDatabase& database, int tables) {
    for (int i = 0; i < tables; ++i) {
      database.run(
          fmt::format("CREATE TABLE t{:03} (id INT PRIMARY KEY, n INT) ENGINE = MyISAM", i));
    }
  };
  fill(few, 2);
  fill(many, 60);
  const auto cost = [](const MariaDbDatabase& database, std::size_t tables) {
    const std::string user = "counted" + database.name();
    database.run("CREATE USER '" + user + "'@'127.0.0.1' IDENTIFIED BY 'pw'");
    database.run("GRANT SELECT, PROCESS ON *.* TO '" + user + "'@'127.0.0.1'");
    auto options = database.options();
    options.secrets.clear();
    options.secrets.emplace("user", Secret{user});
    options.secrets.emplace("password", Secret{"pw"});
    CHECK(open(options)->discover({}, {}).tables().size() == tables);
    const std::int64_t asked = questions(user);
    database.run("DROP USER '" + user + "'@'127.0.0.1'");
    return asked;
  };
  const std::int64_t for_few = cost(few, 2);
  CHECK(for_few > 4);
  // The server counts what a connection asked last a little after it has closed.
  CHECK(cost(many, 60) <= for_few + 2);
}

TEST_CASE("one connection finds what two find, whether wished for or all there is", "[odbc]") {
  const MariaDbDatabase database;
  for (int i = 0; i < 20; ++i) {
    database.run(fmt::format(
        "CREATE TABLE t{0:02} (id INT, n INT NOT NULL AUTO_INCREMENT UNIQUE COMMENT 'of {0}', "
        "up INT, twice INT AS (2 * up) STORED, late DATETIME DEFAULT now(), "
        "PRIMARY KEY (id, n){1}) COMMENT 'table {0}'",
        i, i == 0 ? "" : ", FOREIGN KEY (up) REFERENCES t00 (n)"));
  }
  database.run("CREATE VIEW v AS SELECT id FROM t00");
  auto options = database.options();
  const auto both = open(options)->discover({}, {});
  CHECK(both.warnings.empty());
  CHECK(both.tables().size() == 21);
  const auto& table = table_in(both, database.name(), "t19");
  CHECK(table.comment == "table 19");
  CHECK(texts(table.primary_key) == std::vector<std::string>{"id", "n"});
  CHECK(table.foreign_keys.size() == 1);
  CHECK(column_in(table, "n").unique);
  CHECK_FALSE(column_in(table, "n").required);
  CHECK(column_in(table, "id").required);
  CHECK(column_in(table, "up").nullable);
  CHECK(column_in(table, "twice").generated);
  CHECK(table_in(both, database.name(), "v").kind == catalog::TableKind::view);
  CHECK(table_in(both, database.name(), "v").comment.empty());

  options.limits.max_connections = 1;
  CHECK(open(options)->discover({}, {}).schemas == both.schemas);

  const std::string user = "single" + database.name();
  database.run("CREATE USER '" + user + "'@'127.0.0.1' IDENTIFIED BY 'pw' " +
               "WITH MAX_USER_CONNECTIONS 1");
  database.run("GRANT SELECT, PROCESS ON *.* TO '" + user + "'@'127.0.0.1'");
  options = database.options();
  options.secrets.clear();
  options.secrets.emplace("user", Secret{user});
  options.secrets.emplace("password", Secret{"pw"});
  CHECK(open(options)->discover({}, {}).schemas == both.schemas);
  database.run("DROP USER '" + user + "'@'127.0.0.1'");
}

TEST_CASE("types and defaults that are long are found whole", "[odbc]") {
  const MariaDbDatabase database;
  std::string values;
  for (int i = 0; i < 400; ++i) {
    values += fmt::format("{}'value {}'", i == 0 ? "" : ",", i);
  }
  const std::string text(1'000, 'd');
  database.run("CREATE TABLE wide (code VARCHAR(5), id INT, kind ENUM(" + values +
               "), note VARCHAR(2000) DEFAULT '" + text + "', PRIMARY KEY (id), UNIQUE (code))");
  database.run("CREATE TABLE plain (id INT PRIMARY KEY, note VARCHAR(10) DEFAULT 'd')");
  const auto found = open(database.options())->discover({}, {});
  CHECK(found.warnings.empty());
  const auto& wide = table_in(found, database.name(), "wide");
  REQUIRE(wide.columns.size() == 4);
  CHECK(column_in(wide, "kind").allowed_values.size() == 400);
  CHECK(column_in(wide, "kind").allowed_values.back() == "value 399");
  CHECK(column_in(wide, "kind").type.native == "enum(" + values + ")");
  CHECK(column_in(wide, "note").default_value == "'" + text + "'");
  CHECK(column_in(wide, "code").unique);
  CHECK(texts(wide.primary_key) == std::vector<std::string>{"id"});
  const auto& plain = table_in(found, database.name(), "plain");
  REQUIRE(plain.columns.size() == 2);
  CHECK(column_in(plain, "note").default_value == "'d'");
}

TEST_CASE("a table of 1,600 columns is found and read", "[odbc]") {
  const MariaDbDatabase database;
  std::string columns;
  std::string values;
  for (int i = 1; i <= 1600; ++i) {
    columns += fmt::format("{}c{} VARCHAR(5)", i == 1 ? "" : ", ", i);
    values += fmt::format("{}'v{}'", i == 1 ? "" : ", ", i);
  }
  database.run("CREATE TABLE wide (" + columns + ") ENGINE = MyISAM");
  database.run("INSERT INTO wide VALUES (" + values + ")");
  auto connector = open(database.options());
  const auto found = connector->discover({}, {});
  CHECK(table_in(found, database.name(), "wide").columns.size() == 1600);
  auto reader = connector->open_reader(ref(database.name(), "wide"), {});
  const auto rows = rows_of(*reader);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0][1599] == "v1600");
}

TEST_CASE("a view that fails is a warning, and an error when it is the only one asked for",
          "[odbc]") {
  const MariaDbDatabase database;
  database.run("CREATE TABLE good (id INT PRIMARY KEY, n INT)");
  database.run("CREATE TABLE base (id INT, gone INT)");
  database.run("CREATE VIEW broken AS SELECT gone FROM base");
  database.run("ALTER TABLE base DROP COLUMN gone");
  auto connector = open(database.options());
  const auto found = connector->discover({}, {});
  CHECK(found.find(ref(database.name(), "good")) != nullptr);
  REQUIRE(found.warnings.size() == 1);
  CHECK_THAT(found.warnings[0].object, Catch::Matchers::ContainsSubstring("broken"));
  CHECK(found.warnings[0].hint != "");
  ports::DiscoveryScope scope;
  scope.tables = catalog::NamePattern{"broken"};
  const Error error = error_of([&] { connector->discover(scope, {}); });
  CHECK(error.code() == ErrorCode::invalid_data);
  CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("broken"));
}

TEST_CASE("a user without privileges sees what is granted, and a hint when that is nothing",
          "[odbc]") {
  const MariaDbDatabase database;
  database.run("CREATE TABLE parent (id INT PRIMARY KEY)");
  database.run(
      "CREATE TABLE child (id INT PRIMARY KEY, p INT, "
      "CONSTRAINT link FOREIGN KEY (p) REFERENCES parent (id))");
  const std::string user = "poor" + database.name();
  database.run("CREATE USER '" + user + "'@'127.0.0.1' IDENTIFIED BY 'pw'");
  auto options = mariadb().options("");
  options.secrets.clear();
  options.secrets.emplace("user", Secret{user});
  options.secrets.emplace("password", Secret{"pw"});

  const auto nothing = open(options)->discover({}, {});
  CHECK(nothing.tables().empty());
  REQUIRE(nothing.warnings.size() == 1);
  CHECK_THAT(nothing.warnings[0].message, Catch::Matchers::ContainsSubstring("sees no table"));
  CHECK_THAT(nothing.warnings[0].hint, Catch::Matchers::ContainsSubstring("GRANT SELECT"));
  CHECK(open(options)->test({}).missing_privileges == nothing.warnings);

  // Without PROCESS and mysql.* the poorer questions must do.
  database.run("GRANT SELECT ON " + mariadb_name(database.name()) + ".child TO '" + user +
               "'@'127.0.0.1'");
  database.run("GRANT SELECT, REFERENCES ON " + mariadb_name(database.name()) + ".parent TO '" +
               user + "'@'127.0.0.1'");
  const auto some = open(options)->discover({}, {});
  CHECK(some.warnings.empty());
  const auto& child = table_in(some, database.name(), "child");
  REQUIRE(child.foreign_keys.size() == 1);
  CHECK(child.foreign_keys[0].references == ref(database.name(), "parent"));
  CHECK(child.row_count.has_value());
  database.run("DROP USER '" + user + "'@'127.0.0.1'");
}

TEST_CASE("without a database all of the server's own are left out", "[odbc]") {
  const MariaDbDatabase one;
  const MariaDbDatabase two;
  one.run("CREATE TABLE a (id INT)");
  two.run("CREATE TABLE a (id INT)");
  auto connector = open(mariadb().options(""));
  const auto found = connector->discover({}, {});
  CHECK(found.find(ref(one.name(), "a")) != nullptr);
  CHECK(found.find(ref(two.name(), "a")) != nullptr);
  CHECK(std::none_of(found.schemas.begin(), found.schemas.end(), [](const auto& schema) {
    return schema.name.text == "mysql" || schema.name.text == "information_schema";
  }));
  ports::DiscoveryScope scope;
  scope.schemas = catalog::NamePattern{two.name()};
  CHECK(connector->discover(scope, {}).tables().size() == 1);
}

TEST_CASE("row counts are estimates without statistics and exact with them", "[odbc]") {
  const MariaDbDatabase database;
  database.run("CREATE TABLE t (id INT PRIMARY KEY)");
  database.run("INSERT INTO t SELECT seq FROM seq_1_to_3000");
  database.run("ANALYZE TABLE t");
  auto connector = open(database.options());
  const auto estimated = connector->discover({}, {});
  const auto& table = table_in(estimated, database.name(), "t");
  CHECK(table.row_count_is_estimate);
  REQUIRE(table.row_count.has_value());
  CHECK(*table.row_count > 1000);
  CHECK(*table.row_count < 9000);
  ports::DiscoveryScope scope;
  scope.statistics = true;
  const auto counted = connector->discover(scope, {});
  CHECK(table_in(counted, database.name(), "t").row_count == 3000);
  CHECK_FALSE(table_in(counted, database.name(), "t").row_count_is_estimate);
  scope.statistics_rows = 100;
  const auto sampled = connector->discover(scope, {});
  const auto& column = column_in(table_in(sampled, database.name(), "t"), "id");
  CHECK(column.statistics->rows == 100);
  CHECK(column.statistics->sampled);
  CHECK(table_in(sampled, database.name(), "t").row_count_is_estimate);
}

}  // namespace
}  // namespace mapctl::test
