// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/dialect.hpp"

#include <fmt/format.h>

#include <array>

// MySQL and MariaDB. Nothing is sorted by the server: that costs more than the query itself, and
// the catalog is sorted anyhow.
namespace mapctl::connectors::odbc {
namespace {

#define MAPCTL_OWN_SCHEMAS "('information_schema', 'performance_schema', 'mysql', 'sys')"

constexpr std::array tables{
    CatalogQuery{Shape::tables,
                 // TABLE_ROWS would make the server open each table.
                 "SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.TABLE_TYPE, NULL, t.TABLE_COMMENT "
                 "FROM information_schema.TABLES t "
                 "WHERE t.TABLE_SCHEMA NOT IN " MAPCTL_OWN_SCHEMAS
                 " AND t.TABLE_TYPE NOT IN ('SEQUENCE', 'TEMPORARY')"
                 "{}",
                 "t.TABLE_SCHEMA", "t.TABLE_NAME"}};

// What it says is understood here: a CASE for each row takes the server longer than all the rest.
// clang-format off
#define MAPCTL_COLUMNS(type, preset, more)                                                          \
  "SELECT c.TABLE_SCHEMA, c.TABLE_NAME, c.COLUMN_NAME, c.ORDINAL_POSITION, " type ", "              \
  "c.IS_NULLABLE, " preset ", c.COLUMN_COMMENT, c.EXTRA" more                                       \
  " FROM information_schema.COLUMNS c WHERE c.TABLE_SCHEMA NOT IN " MAPCTL_OWN_SCHEMAS "{}"
// clang-format on

// Types and defaults are LONGTEXT there, whose rows a driver gives one by one. Those that are long
// indeed are asked for apart.
#define MAPCTL_SHORT(text) "CAST(" text " AS CHAR(160))"
constexpr std::array columns{
    CatalogQuery{Shape::columns,
                 MAPCTL_COLUMNS(MAPCTL_SHORT("c.COLUMN_TYPE"), MAPCTL_SHORT("c.COLUMN_DEFAULT"),
                                ", CHAR_LENGTH(c.COLUMN_TYPE) > 160 OR "
                                "COALESCE(CHAR_LENGTH(c.COLUMN_DEFAULT), 0) > 160"),
                 "c.TABLE_SCHEMA", "c.TABLE_NAME"}};

constexpr std::array whole_columns{
    CatalogQuery{Shape::columns, MAPCTL_COLUMNS("c.COLUMN_TYPE", "c.COLUMN_DEFAULT", ""),
                 "c.TABLE_SCHEMA", "c.TABLE_NAME"}};

constexpr std::array keys{
    CatalogQuery{Shape::keys,
                 "SELECT s.TABLE_SCHEMA, s.TABLE_NAME, s.INDEX_NAME, "
                 "CASE WHEN s.INDEX_NAME = 'PRIMARY' THEN 'P' ELSE 'U' END, s.SEQ_IN_INDEX, "
                 "CASE WHEN s.SUB_PART IS NULL THEN s.COLUMN_NAME END "
                 "FROM information_schema.STATISTICS s WHERE s.NON_UNIQUE = 0 "
                 "AND s.TABLE_SCHEMA NOT IN " MAPCTL_OWN_SCHEMAS "{}",
                 "s.TABLE_SCHEMA", "s.TABLE_NAME"}};

// The names there are those of files: "o@002dd" is "o-d".
#define MAPCTL_FILE_NAME(part) "CONVERT(CONVERT(BINARY " part " USING filename) USING utf8mb4), "
#define MAPCTL_SCHEMA_OF(name) MAPCTL_FILE_NAME("SUBSTRING_INDEX(" name ", '/', 1)")
#define MAPCTL_TABLE_OF(name) MAPCTL_FILE_NAME("SUBSTRING_INDEX(" name ", '/', -1)")

// Two hundred times faster than KEY_COLUMN_USAGE, which opens each table, but asks for PROCESS.
// MySQL 8 has no such table and a quick KEY_COLUMN_USAGE.
constexpr std::string_view innodb_references =
    // clang-format off
    "SELECT 'K', ID, " MAPCTL_SCHEMA_OF("FOR_NAME") MAPCTL_TABLE_OF("FOR_NAME")
    "SUBSTRING(ID, LOCATE('/', ID) + 1), " MAPCTL_SCHEMA_OF("REF_NAME") MAPCTL_TABLE_OF("REF_NAME")
    "NULL FROM information_schema.INNODB_SYS_FOREIGN "
    "UNION ALL SELECT 'C', ID, CAST(POS + 1 AS CHAR), FOR_COL_NAME, REF_COL_NAME, NULL, NULL, NULL "
    "FROM information_schema.INNODB_SYS_FOREIGN_COLS";
// clang-format on

constexpr std::array references{
    CatalogQuery{Shape::split_references, innodb_references, {}, {}},
    CatalogQuery{Shape::references,
                 "SELECT k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION, "
                 "k.COLUMN_NAME, k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME, "
                 "k.REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE k "
                 "WHERE k.REFERENCED_TABLE_NAME IS NOT NULL{}",
                 "k.TABLE_SCHEMA", "k.TABLE_NAME"}};

// Partitions are rows of their own there.
constexpr std::array row_counts{
    CatalogQuery{Shape::row_counts,
                 "SELECT database_name, SUBSTRING_INDEX(SUBSTRING_INDEX(table_name, '#P#', 1), "
                 "'#p#', 1), SUM(n_rows) FROM mysql.innodb_table_stats WHERE TRUE{} GROUP BY 1, 2",
                 "database_name",
                 {}},
    CatalogQuery{Shape::row_counts,
                 "SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.TABLE_ROWS FROM information_schema.TABLES "
                 "t WHERE t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_SCHEMA NOT IN " MAPCTL_OWN_SCHEMAS
                 "{}",
                 "t.TABLE_SCHEMA", "t.TABLE_NAME"}};

// clang-format off
#define MAPCTL_MARK(values, from) \
  "SELECT CONCAT(COUNT(*), ' ', COALESCE(SUM(CRC32(CONCAT_WS(CHAR(1), " values "))), 0)) " from "{}"
#define MAPCTL_SCHEMA_IN(name) \
  "CONVERT(CONVERT(BINARY SUBSTRING_INDEX(" name ", '/', 1) USING filename) USING utf8mb4)"

constexpr std::array marked_tables{CatalogQuery{
    Shape::mark,
    MAPCTL_MARK("t.TABLE_SCHEMA, t.TABLE_NAME, t.TABLE_TYPE, t.TABLE_COMMENT",
                "FROM information_schema.TABLES t WHERE t.TABLE_SCHEMA NOT IN " MAPCTL_OWN_SCHEMAS),
    "t.TABLE_SCHEMA", "t.TABLE_NAME"}};

constexpr std::array marked_columns{CatalogQuery{
    Shape::mark,
    MAPCTL_MARK("c.TABLE_SCHEMA, c.TABLE_NAME, c.COLUMN_NAME, c.ORDINAL_POSITION, c.COLUMN_TYPE, "
                "c.IS_NULLABLE, COALESCE(c.COLUMN_DEFAULT, CHAR(2)), c.COLUMN_COMMENT, c.EXTRA, "
                "c.COLUMN_KEY",
                "FROM information_schema.COLUMNS c WHERE c.TABLE_SCHEMA NOT IN "
                MAPCTL_OWN_SCHEMAS),
    "c.TABLE_SCHEMA", "c.TABLE_NAME"}};

// An index that is made anew has a new number.
constexpr std::array marked_keys{
    CatalogQuery{Shape::mark,
                 MAPCTL_MARK("i.INDEX_ID, i.TABLE_ID, i.NAME, i.TYPE",
                             "FROM information_schema.INNODB_SYS_INDEXES i "
                             "JOIN information_schema.INNODB_SYS_TABLES t "
                             "ON t.TABLE_ID = i.TABLE_ID WHERE TRUE"),
                 MAPCTL_SCHEMA_IN("t.NAME"), {}},
    CatalogQuery{Shape::mark,
                 MAPCTL_MARK("s.TABLE_SCHEMA, s.TABLE_NAME, s.INDEX_NAME, s.SEQ_IN_INDEX, "
                             "s.COLUMN_NAME, COALESCE(s.SUB_PART, 0)",
                             "FROM information_schema.STATISTICS s WHERE s.NON_UNIQUE = 0 "
                             "AND s.TABLE_SCHEMA NOT IN " MAPCTL_OWN_SCHEMAS),
                 "s.TABLE_SCHEMA", "s.TABLE_NAME"}};

constexpr std::array marked_references{
    CatalogQuery{Shape::mark,
                 MAPCTL_MARK("f.ID, f.FOR_NAME, f.REF_NAME, c.POS, c.FOR_COL_NAME, c.REF_COL_NAME",
                             "FROM information_schema.INNODB_SYS_FOREIGN f "
                             "JOIN information_schema.INNODB_SYS_FOREIGN_COLS c ON c.ID = f.ID "
                             "WHERE TRUE"),
                 MAPCTL_SCHEMA_IN("f.FOR_NAME"), {}},
    CatalogQuery{Shape::mark,
                 MAPCTL_MARK("k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, "
                             "k.ORDINAL_POSITION, k.COLUMN_NAME, k.REFERENCED_TABLE_SCHEMA, "
                             "k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME",
                             "FROM information_schema.KEY_COLUMN_USAGE k "
                             "WHERE k.REFERENCED_TABLE_NAME IS NOT NULL"),
                 "k.TABLE_SCHEMA", "k.TABLE_NAME"}};
// clang-format on

constexpr std::array<std::span<const CatalogQuery>, 4> marks{marked_tables, marked_columns,
                                                             marked_keys, marked_references};

constexpr std::array<std::string_view, 2> time_limits{
    "SET SESSION max_statement_time = {}",      // MariaDB
    "SET SESSION max_execution_time = {}000"};  // MySQL

bool is_geometry(std::string_view word) noexcept {
  constexpr std::array words{"geometry",   "point",           "linestring",   "polygon",
                             "multipoint", "multilinestring", "multipolygon", "geometrycollection"};
  for (const std::string_view known : words) {
    if (word == known) {
      return true;
    }
  }
  return false;
}

bool mentions(Field text, std::string_view word) noexcept {
  return text && text->find(word) != text->npos;
}

void translate(Shape shape, std::span<Field> row) {
  if (shape == Shape::tables) {
    const bool is_view = mentions(row[2], "VIEW");
    row[2] = is_view ? "view" : "table";
    if (is_view && row[4] == "VIEW") {
      row[4] = "";
    }
  } else if (shape == Shape::columns) {
    // "DEFAULT_GENERATED" is a default that MySQL computes for whoever gives no value.
    const Field extra = row[8];
    const bool is_computed =
        mentions(extra, "VIRTUAL") || mentions(extra, "STORED") || mentions(extra, "PERSISTENT");
    row[5] = row[5] == "YES" ? "1" : "0";
    row[8] = mentions(extra, "auto_increment") ? "counted" : is_computed ? "generated" : "";
  }
}

catalog::DataType mysql_type(std::string_view native) {
  catalog::DataType type = catalog::parse_data_type(native);
  const std::string word = type_word(native);
  if (word == "bit" && native != "bit(1)") {
    type.logical = catalog::LogicalType::integer;
    type.bits = 64;
    type.is_unsigned = true;
  } else if (is_geometry(word) || word == "inet4" || word == "inet6") {
    type.logical = catalog::LogicalType::string;
  } else if (word == "timestamp") {
    type.time_zone = true;  // kept in UTC, unlike datetime
  }
  return type;
}

std::string mysql_expression(const catalog::Column& column, const std::string& quoted, bool brief) {
  const std::string word = type_word(column.type.native);
  // As bits they come as raw bytes, as geometry in a form of the server's own.
  if (word == "bit") {
    return fmt::format("CAST({} AS UNSIGNED)", quoted);
  }
  if (is_geometry(word)) {
    return fmt::format("ST_AsText({})", quoted);
  }
  if (brief && word.ends_with("blob")) {
    return fmt::format("LEFT({}, 64)", quoted);
  }
  if (brief && (word.ends_with("text") || word == "json")) {
    return fmt::format("LEFT({}, 4096)", quoted);
  }
  return {};
}

}  // namespace

const Dialect& mysql_dialect() {
  static const Dialect dialect = [] {
    Dialect made;
    made.name = "mysql";
    made.product = "mysql|mariadb";
    made.open_quote = '`';
    made.close_quote = '`';
    made.tables = tables;
    made.columns = columns;
    // Seen before a table is opened, so that the two together cost hardly more than one.
    made.shares = {" AND CRC32(c.TABLE_NAME) % 4 <> 0", " AND CRC32(c.TABLE_NAME) % 4 = 0"};
    made.whole_columns = whole_columns;
    made.keys = keys;
    made.references = references;
    made.row_counts = row_counts;
    made.marks = marks;
    // Whatever the server's default: the pieces of a table come from one state of it.
    made.setup = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ";
    made.time_limits = time_limits;
    made.begin_reading = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
    made.database_is_schema = true;
    made.translate = &translate;
    made.pages = true;
    made.grant = "GRANT SELECT ON `database`.* TO the user; SHOW GRANTS tells what it has";
    made.type = &mysql_type;
    made.expression = &mysql_expression;
    return made;
  }();
  return dialect;
}

}  // namespace mapctl::connectors::odbc
