// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/catalog.hpp"

#include "tests/integration/sqlite/fixture.hpp"

using namespace mapctl;
using namespace mapctl::connectors::sqlite;
using namespace mapctl::connectors::sqlite::test;
using catalog::LogicalType;
using Catch::Matchers::ContainsSubstring;

namespace {

const catalog::Table& get(const catalog::Catalog& catalog, const std::string& name) {
  const catalog::Table* found = catalog.find(table(name));
  INFO(name);
  REQUIRE(found != nullptr);
  return *found;
}

const catalog::Column& get(const catalog::Table& table, const std::string& name) {
  const catalog::Column* found = table.find(catalog::ColumnName{name});
  INFO(name);
  REQUIRE(found != nullptr);
  return *found;
}

}  // namespace

TEST_CASE("composite keys keep the key's order and foreign keys stay paired", "[sqlite]") {
  const SampleFile file{R"sql(
    CREATE TABLE "order_line" (
      qty INTEGER, line_no INTEGER NOT NULL, order_no INTEGER NOT NULL, region TEXT NOT NULL,
      PRIMARY KEY (region, order_no, line_no)) WITHOUT ROWID;
    CREATE TABLE shipment (
      id INTEGER PRIMARY KEY, line INTEGER, "order" INTEGER, area TEXT, parent INTEGER
        REFERENCES shipment,
      FOREIGN KEY (area, line, "order") REFERENCES Order_Line (region, line_no, order_no),
      FOREIGN KEY (area, "order", line) REFERENCES order_line);
    INSERT INTO order_line VALUES (1, 2, 3, 'x'), (1, 3, 3, 'x');
  )sql"};
  const auto catalog = file.discover();
  CHECK(catalog.system == "sqlite");
  CHECK(catalog.names_ignore_case);
  const auto& line = get(catalog, "order_line");
  CHECK(line.primary_key == names({"region", "order_no", "line_no"}));
  CHECK(line.row_count == 2);
  CHECK_FALSE(line.row_count_is_estimate);
  CHECK(line.columns[0].name.text == "qty");
  CHECK(line.columns[0].position == 1);
  CHECK_FALSE(get(line, "region").unique);

  const auto& shipment = get(catalog, "shipment");
  REQUIRE(shipment.foreign_keys.size() == 3);
  int paired = 0;
  for (const auto& key : shipment.foreign_keys) {
    REQUIRE(key.columns.size() == key.referenced_columns.size());
    if (key.columns == names({"area", "line", "order"})) {
      CHECK(key.referenced_columns == names({"region", "line_no", "order_no"}));
      ++paired;
    }
    if (key.columns == names({"area", "order", "line"})) {
      CHECK(key.references.table.text == "order_line");
      CHECK(key.referenced_columns == names({"region", "order_no", "line_no"}));
      ++paired;
    }
    if (key.columns == names({"parent"})) {
      CHECK(key.references.table.text == "shipment");
      CHECK(key.referenced_columns == names({"id"}));
      ++paired;
    }
  }
  CHECK(paired == 3);
}

TEST_CASE("a foreign key to a table outside the scope still names its columns", "[sqlite]") {
  const SampleFile file{
      "CREATE TABLE parent (a TEXT, b TEXT, PRIMARY KEY (b, a));"
      "CREATE TABLE child (x TEXT, y TEXT, FOREIGN KEY (x, y) REFERENCES parent);"};
  ports::DiscoveryScope scope;
  scope.tables = catalog::NamePattern{"CHILD"};
  const auto catalog = file.discover(scope);
  CHECK(catalog.tables().size() == 1);
  CHECK(get(catalog, "child").foreign_keys.at(0).referenced_columns == names({"b", "a"}));
}

TEST_CASE("columns say what loading needs", "[sqlite]") {
  const SampleFile file{R"sql(
    CREATE TABLE account (
      id INTEGER PRIMARY KEY,
      code TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      tier TEXT NOT NULL DEFAULT 'free''s',
      balance NUMERIC(10,2) NULL,
      upper_name TEXT GENERATED ALWAYS AS (upper(name)) VIRTUAL,
      kept TEXT AS (lower(name)) STORED,
      a TEXT, b TEXT, UNIQUE (a, b));
    CREATE UNIQUE INDEX partly ON account (balance) WHERE balance > 0;
    CREATE UNIQUE INDEX by_expression ON account (lower(tier));
    CREATE UNIQUE INDEX by_name ON account (name);
  )sql"};
  const auto catalog = file.discover();
  const auto& account = get(catalog, "account");
  CHECK(account.columns.size() == 9);
  CHECK(get(account, "id").unique);
  CHECK_FALSE(get(account, "id").nullable);
  CHECK_FALSE(get(account, "id").required);
  CHECK(get(account, "code").unique);
  CHECK(get(account, "code").required);
  CHECK(get(account, "name").unique);
  CHECK_FALSE(get(account, "tier").unique);
  CHECK_FALSE(get(account, "tier").required);
  CHECK(get(account, "tier").default_value == "'free''s'");
  CHECK(get(account, "balance").nullable);
  CHECK_FALSE(get(account, "balance").unique);
  CHECK(get(account, "balance").type.native == "NUMERIC(10,2)");
  CHECK(get(account, "balance").type.scale == 2);
  CHECK(get(account, "upper_name").generated);
  CHECK(get(account, "kept").generated);
  CHECK_FALSE(get(account, "a").unique);
}

TEST_CASE("types that no system has follow SQLite's affinity", "[sqlite]") {
  CHECK(column_type("UNSIGNED BIG INT THING").logical == LogicalType::integer);
  CHECK(column_type("MYTEXTY").logical == LogicalType::string);
  CHECK(column_type("OBLOBX").logical == LogicalType::binary);
  CHECK(column_type("XDOUBLEX").logical == LogicalType::floating);
  CHECK(column_type("").logical == LogicalType::unknown);
  CHECK(column_type("INTEGER").bits == 64);
  CHECK(column_type("NVARCHAR(160)").length == 160);
  CHECK(column_type("NVARCHAR(160)").native == "NVARCHAR(160)");
}

TEST_CASE("views have columns, no keys, and a broken one is a warning", "[sqlite]") {
  const SampleFile file{
      "CREATE TABLE t (a INTEGER PRIMARY KEY, b VARCHAR(5));"
      "CREATE TABLE gone (x INTEGER);"
      "CREATE VIEW good AS SELECT a, b || '!' AS shout FROM t;"
      "CREATE VIEW bad AS SELECT x FROM gone;"
      "DROP TABLE gone;"
      "INSERT INTO t VALUES (1, 'x');"};
  const auto catalog = file.discover();
  const auto& good = get(catalog, "good");
  CHECK(good.kind == catalog::TableKind::view);
  CHECK(good.columns.size() == 2);
  CHECK(good.primary_key.empty());
  CHECK(catalog.find(table("bad")) == nullptr);
  CHECK(get(catalog, "t").primary_key == names({"a"}));
  CHECK(get(catalog, "t").row_count == 1);
  REQUIRE(catalog.warnings.size() == 1);
  CHECK(catalog.warnings[0].object == "table 'bad'");
  CHECK_THAT(catalog.warnings[0].message, ContainsSubstring("gone"));

  ports::DiscoveryScope scope;
  scope.tables = catalog::NamePattern{"bad"};
  CHECK(error_of([&] { file.discover(scope); }).code() == ErrorCode::invalid_data);
}

TEST_CASE("virtual tables are listed with a warning, their shadows and SQLite's own tables not",
          "[sqlite]") {
  const SampleFile file{
      "CREATE VIRTUAL TABLE search USING fts5(title, body);"
      "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT);"
      "INSERT INTO search VALUES ('a', 'b');"};
  const auto catalog = file.discover();
  CHECK(catalog.tables().size() == 2);
  CHECK(get(catalog, "search").columns.size() == 2);
  REQUIRE(catalog.warnings.size() == 1);
  CHECK_THAT(catalog.warnings[0].message, ContainsSubstring("virtual table"));
}

TEST_CASE("names with quotes, spaces and any script are kept", "[sqlite]") {
  const SampleFile file{
      "CREATE TABLE \"it's a \"\"table\"\"\" (\"it's a \"\"column\"\"\" TEXT, \"select\" TEXT);"
      "CREATE TABLE \"Größe 项目\" (\"ключ\" TEXT PRIMARY KEY, \"%_\" TEXT UNIQUE);"
      "INSERT INTO \"it's a \"\"table\"\"\" VALUES ('v', 'w');"};
  ports::DiscoveryScope scope;
  scope.statistics = true;
  const auto catalog = file.discover(scope);
  CHECK(catalog.warnings.empty());
  const auto& quoted = get(catalog, "it's a \"table\"");
  CHECK(quoted.row_count == 1);
  CHECK(quoted.columns[0].name.text == "it's a \"column\"");
  CHECK(get(get(catalog, "Größe 项目"), "%_").unique);
  CHECK(get(catalog, "Größe 项目").primary_key == names({"ключ"}));

  const auto reader = file.open()->open_reader(table("it's a \"table\""), {});
  std::vector<std::optional<std::string_view>> row;
  REQUIRE(reader->next(row));
  CHECK(row[0] == "v");
}

namespace {

struct Asked {
  int rows = 0;      // counting a table's rows
  int inner = 0;     // what SQLite's own tables of metadata ask inside; told as comments
  int metadata = 0;  // our queries
};

int note_statement(unsigned, void* asked, void*, void* text) {
  const std::string_view sql{static_cast<const char*>(text)};
  auto& counts = *static_cast<Asked*>(asked);
  ++(sql.starts_with("SELECT count(*) FROM main.") ? counts.rows
     : sql.starts_with("-- ")                      ? counts.inner
                                                   : counts.metadata);
  return 0;
}

Asked asked_of(int tables) {
  std::string sql;
  for (int i = 0; i < tables; ++i) {
    sql += "CREATE TABLE t" + std::to_string(i) +
           " (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b "
           "INTEGER REFERENCES t0 (id));";
  }
  const SampleFile file{"BEGIN;" + sql + "COMMIT;"};
  Database database{file.path(), SQLITE_OPEN_READONLY, std::chrono::seconds{1}};
  Asked asked;
  sqlite3_trace_v2(database.raw(), SQLITE_TRACE_STMT, &note_statement, &asked);
  const auto catalog = read_catalog(database, {}, {});
  sqlite3_trace_v2(database.raw(), 0, nullptr, nullptr);
  const std::string last = "t" + std::to_string(tables - 1);
  CHECK(catalog.tables().size() == static_cast<std::size_t>(tables));
  CHECK(get(catalog, last).foreign_keys.size() == 1);
  CHECK(get(get(catalog, last), "a").unique);
  return asked;
}

}  // namespace

TEST_CASE("the number of metadata queries does not follow the number of tables", "[sqlite]") {
  const Asked few = asked_of(2);
  const Asked many = asked_of(202);
  CHECK(few.metadata > 0);
  CHECK(many.metadata == few.metadata);
  CHECK(many.rows == 202);
  // Each table is looked into as often as any other, not once for every other table.
  CHECK(many.inner <= 101 * few.inner);
}

TEST_CASE("an empty database has an empty catalog", "[sqlite]") {
  const SampleFile file{"VACUUM"};
  const auto catalog = file.discover();
  CHECK(catalog.tables().empty());
  CHECK(catalog.warnings.empty());
}
