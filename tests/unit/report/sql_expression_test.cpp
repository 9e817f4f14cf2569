// SPDX-License-Identifier: Apache-2.0
#include "core/report/sql_expression.hpp"

#include "core/base/handle.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/report/sample_run.hpp"

#include <sqlite3.h>

#include <memory>
#include <stdexcept>

using namespace mapctl;
using namespace mapctl::report;
using mapping::TransformationKind;
using test::candidate;
using test::step;

namespace {

using Database = Handle<sqlite3, &sqlite3_close>;
using Statement = Handle<sqlite3_stmt, &sqlite3_finalize>;

Database open_database() {
  sqlite3* raw = nullptr;
  sqlite3_open(":memory:", &raw);
  return Database{raw};
}

void execute(sqlite3* database, const std::string& sql) {
  char* message = nullptr;
  if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message) != SQLITE_OK) {
    const std::string text = message == nullptr ? "unknown" : message;
    sqlite3_free(message);
    throw std::runtime_error{text + " in " + sql};
  }
}

std::string query(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &raw, nullptr) != SQLITE_OK) {
    throw std::runtime_error{std::string{sqlite3_errmsg(database)} + " in " + sql};
  }
  const Statement statement{raw};
  std::string text;
  while (sqlite3_step(raw) == SQLITE_ROW) {
    for (int column = 0; column < sqlite3_column_count(raw); ++column) {
      const unsigned char* value = sqlite3_column_text(raw, column);
      text += value == nullptr ? "null" : reinterpret_cast<const char*>(value);
      text += column + 1 == sqlite3_column_count(raw) ? "\n" : "|";
    }
  }
  return text;
}

// What SQLite makes of `value` in the column of the pair's only mapping.
std::string transformed(const std::string& value, const mapping::Transformation& transformation,
                        const std::string& target_type = "varchar(40)") {
  PairReport pair = test::plain_pair(1, 1);
  pair.target.table.columns[0].type = catalog::parse_data_type(target_type);
  pair.proposal.fields[0] = test::field("column_1", {candidate("column_1", 0.9, transformation)});
  const std::vector<MappingRow> rows = mapping_rows({}, pair);
  const SqlExpression expression = sql_expression(SqlTarget::sqlite, rows.front());
  const Database database = open_database();
  execute(database.get(), "CREATE TABLE t (column_1)");
  execute(database.get(), "INSERT INTO t VALUES (" + value + ")");
  std::string text = query(database.get(), "SELECT " + expression.text + " FROM t AS s");
  text.pop_back();
  return text;
}

}  // namespace

TEST_CASE("written dates are read in SQLite whatever their form", "[report]") {
  const auto date = [](const char* value, const char* format, const char* type = "date") {
    return transformed(value, step(TransformationKind::parse_date, {{"format", format}}), type);
  };
  CHECK(date("'31/01/26'", "%d/%m/%y") == "2026-01-31");
  CHECK(date("'31/01/99'", "%d/%m/%y") == "1999-01-31");
  CHECK(date("'1/31/2026'", "%m/%d/%Y") == "2026-01-31");
  CHECK(date("'3.2.2026 8:05'", "%d.%m.%Y %H:%M", "timestamp") == "2026-02-03 08:05:00");
  const char* half_day = "%m/%d/%Y %I:%M %p";
  CHECK(date("'05/02/2020 02:05 PM'", half_day, "timestamp") == "2020-05-02 14:05:00");
  CHECK(date("'05/02/2020 12:05 am'", half_day, "timestamp") == "2020-05-02 00:05:00");
  CHECK(date("'05/02/2020 12:05 PM'", half_day, "timestamp") == "2020-05-02 12:05:00");
  CHECK(date("'05/02/2020 02:05 PM'", half_day) == "2020-05-02");
  CHECK(date("'2020-05-02 02:05:09 PM'", "%Y-%m-%d %I:%M:%S %p", "timestamp") ==
        "2020-05-02 14:05:09");
  CHECK(date("'2.5.2020 2:05PM'", "%d.%m.%Y %I:%M%p", "timestamp") == "2020-05-02 14:05:00");
  CHECK(date("'02:05 PM'", "%I:%M %p", "time") == "14:05:00");
  CHECK(date("'11:05:09 AM'", "%I:%M:%S %p", "time") == "11:05:09");
  CHECK(date("'21.04.22'", "%d.%m.%y") == "2022-04-21");
  CHECK(date("'22-Sep-2018'", "%d-%b-%Y") == "2018-09-22");
  CHECK(date("'05-JUN-21'", "%d-%b-%y") == "2021-06-05");
  CHECK(date("'12 December 2015'", "%d %B %Y") == "2015-12-12");
  CHECK(date("'Oct 27, 2021'", "%b %d, %Y") == "2021-10-27");
  CHECK(date("'Oct 27, 2021 02:05 PM'", "%b %d, %Y %I:%M %p", "timestamp") ==
        "2021-10-27 14:05:00");
  CHECK(date("'Obt 27, 2021'", "%b %d, %Y") == "null");
  CHECK(date("'2016/06/10'", "%Y/%m/%d") == "2016-06-10");
  CHECK(date("'2020.02.10'", "%Y.%m.%d") == "2020-02-10");
  CHECK(date("20260131", "%Y%m%d") == "2026-01-31");
  CHECK(date("'20260131'", "%Y%m%d") == "2026-01-31");
  CHECK(date("'2026-01-31T08:05:09.123Z'", "%Y-%m-%dT%H:%M:%S%z", "timestamp") ==
        "2026-01-31 08:05:09");
  CHECK(date("1769846709", "epoch_s", "timestamp") == "2026-01-31 08:05:09");
  CHECK(date("1769846709123", "epoch_ms", "timestamp") == "2026-01-31 08:05:09");
  CHECK(date("1769846709", "epoch_s") == "2026-01-31");
  for (const char* nothing : {"NULL", "''", "'soon'", "'\"'", "'31/13/2026'"}) {
    CHECK(date(nothing, "%d/%m/%Y") == "null");
  }
}

TEST_CASE("numbers are read without what stands beside them", "[report]") {
  const auto number = [](const char* value, const char* decimal = ".") {
    return transformed(value, step(TransformationKind::parse_number, {{"decimal", decimal}}),
                       "decimal(10,2)");
  };
  CHECK(number("'(8.25)'") == "-8.25");
  CHECK(number("'-$1,234.50'") == "-1234.5");
  CHECK(number("'12.5 %'") == "12.5");
  CHECK(number("'1''234.50'") == "1234.5");
  CHECK(number("'EUR 1.234,50'", ",") == "1234.5");
  CHECK(number("'1234,50 CHF'", ",") == "1234.5");
  CHECK(number("'€'") == "null");
  CHECK(number("'8.25-'") == "-8.25");
  CHECK(number("'-'") == "null");
  CHECK(number("'1.234,50-'", ",") == "-1234.5");
}

TEST_CASE("other systems read dates of their own making", "[report]") {
  const auto sql = [](SqlTarget target, const char* format, const char* type) {
    PairReport pair = test::plain_pair(1, 1);
    pair.target.table.columns[0].type = catalog::parse_data_type(type);
    pair.proposal.fields[0] = test::field(
        "column_1",
        {candidate("column_1", 0.9, step(TransformationKind::parse_date, {{"format", format}}))});
    return sql_expression(target, mapping_rows({}, pair).front()).text;
  };
  CHECK(sql(SqlTarget::duckdb, "epoch_s", "timestamp") ==
        "CAST(make_timestamp(CAST(s.\"column_1\" AS BIGINT) * 1000000) AS TIMESTAMP)");
  CHECK(sql(SqlTarget::duckdb, "%Y%m%d", "date") ==
        "CAST(strptime(NULLIF(NULLIF(CAST(s.\"column_1\" AS VARCHAR(8)), '00000000'), '0'), "
        "'%Y%m%d') AS DATE)");
  CHECK(sql(SqlTarget::postgresql, "%d/%m/%y", "date") ==
        "CAST(to_timestamp(s.\"column_1\", 'DD/MM/YY') AS DATE)");
  CHECK(sql(SqlTarget::postgresql, "%b %d, %Y", "date") ==
        "CAST(to_timestamp(s.\"column_1\", 'Mon DD, YYYY') AS DATE)");
  CHECK(sql(SqlTarget::mysql, "%d %B %Y", "date") == "STR_TO_DATE(s.`column_1`, '%d %M %Y')");
  CHECK(sql(SqlTarget::sqlserver, "%d-%b-%Y", "date") == "TRY_CONVERT(DATE, s.[column_1], 106)");
  CHECK(sql(SqlTarget::sqlserver, "%Y/%m/%d", "date") == "TRY_CONVERT(DATE, s.[column_1], 111)");
  CHECK(sql(SqlTarget::postgresql, "%m/%d/%Y %I:%M %p", "timestamp") ==
        "CAST(to_timestamp(s.\"column_1\", 'MM/DD/YYYY HH12:MI AM') AS TIMESTAMP)");
  CHECK(sql(SqlTarget::postgresql, "%Y-%m-%d %I:%M:%S %p", "timestamp") ==
        "CAST(to_timestamp(s.\"column_1\", 'YYYY-MM-DD HH12:MI:SS AM') AS TIMESTAMP)");
  CHECK(sql(SqlTarget::duckdb, "%I:%M %p", "time") ==
        "CAST(strptime(s.\"column_1\", '%I:%M %p') AS TIME)");
  CHECK(sql(SqlTarget::mysql, "%m/%d/%Y %I:%M:%S %p", "timestamp") ==
        "STR_TO_DATE(s.`column_1`, '%m/%d/%Y %I:%i:%s %p')");
  CHECK(sql(SqlTarget::sqlserver, "%m/%d/%Y %I:%M %p", "timestamp") ==
        "TRY_CONVERT(DATETIME2, s.[column_1], 101)");
  CHECK(sql(SqlTarget::sqlserver, "%I:%M %p", "time") == "TRY_CONVERT(TIME, s.[column_1], 0)");
  CHECK(sql(SqlTarget::mysql, "%Y-%m-%dT%H:%M:%S%z", "timestamp") ==
        "STR_TO_DATE(LEFT(s.`column_1`, 19), '%Y-%m-%dT%H:%i:%s')");
  CHECK(sql(SqlTarget::sqlserver, "%d/%m/%y", "date") == "TRY_CONVERT(DATE, s.[column_1], 3)");
}

TEST_CASE("transformations do in SQLite what they say", "[report]") {
  CHECK(transformed("'  x '", step(TransformationKind::trim)) == "x");
  CHECK(transformed("'31/01/2026'", step(TransformationKind::parse_date, {{"format", "%d/%m/%Y"}}),
                    "date") == "2026-01-31");
  CHECK(transformed("'01/31/2026 08:05:09'",
                    step(TransformationKind::parse_date, {{"format", "%m/%d/%Y %H:%M:%S"}}),
                    "timestamp") == "2026-01-31 08:05:09");
  CHECK(transformed("'$1,234.50'", step(TransformationKind::parse_number), "decimal(10,2)") ==
        "1234.5");
  CHECK(transformed("'Yes'", step(TransformationKind::parse_boolean), "boolean") == "1");
  CHECK(transformed("'off'", step(TransformationKind::parse_boolean), "boolean") == "0");
  CHECK(transformed("'maybe'", step(TransformationKind::parse_boolean), "boolean") == "null");
  CHECK(transformed("'abcdef'", step(TransformationKind::truncate, {{"length", "3"}})) == "abc");
  CHECK(transformed("'O''Neil'",
                    step(TransformationKind::code_map, {{"O'Neil", "o'n"}, {"b", "c"}})) == "o'n");
  CHECK(transformed("'z'", step(TransformationKind::code_map, {{"a", "b"}})) == "z");
  const auto split = [](const char* part) {
    return step(TransformationKind::split, {{"separator", " "}, {"part", part}});
  };
  CHECK(transformed("'Ada King Lovelace'", split("first")) == "Ada");
  CHECK(transformed("'Ada King Lovelace'", split("last")) == "King Lovelace");
  CHECK(transformed("'Ada'", split("last")) == "null");
  CHECK(transformed("'Ada King Lovelace '", split("final")) == "Lovelace");
  CHECK(transformed("'Ada King Lovelace'", split("before_final")) == "Ada King");
  CHECK(transformed("'Ada'", split("final")) == "Ada");
  CHECK(transformed("'Ada'", split("before_final")) == "null");
  CHECK(transformed("'red;green'", step(TransformationKind::count_parts, {{"separator", ";"}}),
                    "integer") == "2");
  CHECK(transformed("'a \"b\"'", step(TransformationKind::to_list)) == R"(["a \"b\""])");
  CHECK(transformed("NULL", step(TransformationKind::to_list)) == "null");
  CHECK(transformed("'DE44500105175407324931'",
                    step(TransformationKind::substring, {{"length", "8"}, {"start", "5"}})) ==
        "50010517");
  CHECK(transformed("'Ada→King'", step(TransformationKind::split,
                                       {{"separator", "→"}, {"part", "last"}})) == "King");
  const auto third = step(TransformationKind::split, {{"separator", ","}, {"part", "3"}});
  CHECK(transformed("'12 \"Mill\" Road,C:\\x,3511'", third) == "3511");
  CHECK(transformed("'12 Mill Road,Utrecht'", third) == "null");
  CHECK(transformed("NULL", third) == "null");
  CHECK(transformed("'1.234,50'", step(TransformationKind::parse_number, {{"decimal", ","}}),
                    "decimal(10,2)") == "1234.5");
  const auto moment = "'2026-01-31T08:05:09Z'";
  CHECK(transformed(moment, step(TransformationKind::cast, {{"type", "date"}}), "date") ==
        "2026-01-31");
  CHECK(transformed(moment, step(TransformationKind::cast, {{"type", "time"}}), "time") ==
        "08:05:09");
  CHECK(transformed("'2026-01-31 08:05'", step(TransformationKind::cast, {{"type", "timestamp"}}),
                    "timestamp") == "2026-01-31 08:05:00");
  CHECK(transformed("3", step(TransformationKind::scale_unit, {{"factor", "1000"}})) == "3000");
  CHECK(transformed("'{\"a\":{\"b\":7}}'",
                    step(TransformationKind::json_path, {{"path", "a.b"}})) == "7");
  CHECK(transformed("NULL", step(TransformationKind::default_value, {{"value", "it's"}})) ==
        "it's");
  CHECK(transformed("'x'", step(TransformationKind::constant, {{"value", "EUR"}})) == "EUR");
  CHECK(transformed("'12'", step(TransformationKind::cast, {{"type", "integer"}}), "integer") ==
        "12");
}

TEST_CASE("a text is replaced in front or at the end alone where the step says so", "[report]") {
  const auto replaced = [](const char* value, const char* at, const char* old,
                           const char* instead) {
    return transformed(
        value, step(TransformationKind::replace, {{"at", at}, {"new", instead}, {"old", old}}));
  };
  CHECK(replaced("'Priya Srinivasan'", "end", " Sr", "") == "Priya Srinivasan");
  CHECK(replaced("'Priya Srinivasan Sr'", "end", " Sr", "") == "Priya Srinivasan");
  CHECK(replaced("'Dr Sandra Dr Who'", "start", "Dr ", "") == "Sandra Dr Who");
  CHECK(replaced("'Alexandr Vladimir'", "start", "dr ", "") == "Alexandr Vladimir");
  CHECK(replaced("'Acme Limited'", "end", " Limited", " Ltd") == "Acme Ltd");
  CHECK(replaced("'+4912+49'", "start", "+49", "0") == "012+49");
  CHECK(replaced("'O''Neil''s'", "end", "'s", "") == "O'Neil");
  CHECK(replaced("''", "end", " Sr", "").empty());
  CHECK(replaced("NULL", "start", "Dr ", "") == "null");
  CHECK(replaced("12", "end", "2", "3") == "13");
  CHECK(replaced("'Dr Who'", "front", "Dr ", "") == "null");
}

TEST_CASE("what SQL cannot say is null with a note", "[report]") {
  PairReport pair = test::plain_pair(1, 1);
  pair.proposal.fields[0] =
      test::field("column_1", {candidate("column_1", 0.9, step(TransformationKind::lookup))});
  const std::vector<MappingRow> rows = mapping_rows({}, pair);
  const SqlExpression expression = sql_expression(SqlTarget::sqlite, rows.front());
  CHECK(expression.text == "NULL");
  CHECK_FALSE(expression.note.empty());

  pair.proposal.fields[0] = test::field(
      "column_1",
      {candidate("column_1", 0.9, step(TransformationKind::parse_date, {{"format", "%Y-%j"}}))});
  const std::vector<MappingRow> days = mapping_rows({}, pair);
  for (const auto target : {SqlTarget::sqlite, SqlTarget::sqlserver}) {
    CHECK(sql_expression(target, days.front()).text == "NULL");
    CHECK_FALSE(sql_expression(target, days.front()).note.empty());
  }
}

TEST_CASE("several inputs are joined without gaps", "[report]") {
  PairReport pair = test::plain_pair(1, 1);
  mapping::Transformation join = step(TransformationKind::join, {{"separator", " "}});
  join.inputs = {"first", "last"};
  pair.proposal.fields[0] = test::field("first", {candidate("column_1", 0.9, join)});
  const std::vector<MappingRow> rows = mapping_rows({}, pair);
  const std::string sql = sql_expression(SqlTarget::sqlite, rows.front()).text;
  const Database database = open_database();
  execute(database.get(), "CREATE TABLE t (first, last)");
  execute(database.get(), "INSERT INTO t VALUES ('Ada', 'King'), ('Ada', NULL), (NULL, 'King')");
  CHECK(query(database.get(), "SELECT " + sql + " FROM t AS s") == "Ada King\nAda\nKing\n");
}

TEST_CASE("a moment needs both its date and its time of day", "[report]") {
  PairReport pair = test::plain_pair(1, 1);
  pair.target.table.columns[0].type = catalog::parse_data_type("timestamp");
  mapping::Transformation join = step(TransformationKind::join, {{"separator", " "}});
  join.inputs = {"day", "hour"};
  join.steps.push_back({TransformationKind::parse_date, {{"format", "%d.%m.%Y %H:%M"}}});
  pair.proposal.fields[0] = test::field("day", {candidate("column_1", 0.9, join)});
  const std::vector<MappingRow> rows = mapping_rows({}, pair);
  const std::string sql = sql_expression(SqlTarget::sqlite, rows.front()).text;
  const Database database = open_database();
  execute(database.get(), "CREATE TABLE t (day, hour)");
  execute(database.get(), "INSERT INTO t VALUES ('31.01.2026', '08:30'), ('31.01.2026', NULL)");
  CHECK(query(database.get(), "SELECT " + sql + " FROM t AS s") == "2026-01-31 08:30:00\nnull\n");
}

TEST_CASE("sums are computed of the inputs they name", "[report]") {
  PairReport pair = test::plain_pair(1, 1);
  const auto sql_of = [&](const char* expression) {
    mapping::Transformation sum =
        step(TransformationKind::expression, {{"expression", expression}});
    sum.inputs = {"qty", "Unit Price"};
    pair.proposal.fields[0] = test::field("qty", {candidate("column_1", 0.9, sum)});
    const std::vector<MappingRow> rows = mapping_rows({}, pair);
    return sql_expression(SqlTarget::sqlite, rows.front());
  };
  const Database database = open_database();
  execute(database.get(), "CREATE TABLE t (qty, \"Unit Price\")");
  execute(database.get(), "INSERT INTO t VALUES (3, 1.5), (NULL, 2)");
  const auto sum = sql_of("qty * \"Unit Price\"");
  CHECK(query(database.get(), "SELECT " + sum.text + " FROM t AS s") == "4.5\nnull\n");
  // Only what it says it takes.
  CHECK(sql_of("qty * secret").text == "NULL");
  CHECK_FALSE(sql_of("qty); DROP TABLE t; --").note.empty());
}

TEST_CASE("letters in a date's format are no directives of PostgreSQL", "[report]") {
  PairReport pair = test::plain_pair(1, 1);
  pair.target.table.columns[0].type = catalog::parse_data_type("timestamp");
  pair.proposal.fields[0] = test::field(
      "column_1",
      {candidate("column_1", 0.9,
                 step(TransformationKind::parse_date, {{"format", "%d.%m.%YT%H:%M:%S"}}))});
  const std::vector<MappingRow> rows = mapping_rows({}, pair);
  CHECK(sql_expression(SqlTarget::postgresql, rows.front()).text ==
        "CAST(to_timestamp(s.\"column_1\", 'DD.MM.YYYY\"T\"HH24:MI:SS') AS TIMESTAMP)");
}

TEST_CASE("identifiers are quoted as each system asks for", "[report]") {
  CHECK(quote_identifier(SqlTarget::postgresql, "a\"b") == "\"a\"\"b\"");
  CHECK(quote_identifier(SqlTarget::mysql, "a`b") == "`a``b`");
  CHECK(quote_identifier(SqlTarget::sqlserver, "a]b") == "[a]]b]");
  CHECK(quote_text(SqlTarget::mysql, "a\\'b") == "'a\\\\''b'");
  CHECK(sql_target_from("Postgres") == SqlTarget::postgresql);
  CHECK_FALSE(sql_target_from("oracle"));
  CHECK(sql_target_of("file") == SqlTarget::duckdb);
}

TEST_CASE("the sql export runs on SQLite as views and as insert-selects", "[report]") {
  test::SampleRun sample = test::sample_run();
  PairList pairs{sample.pairs};
  std::string views, inserts;
  write_sql(sample.run, pairs, SqlTarget::sqlite, SqlShape::view,
            [&](std::string_view text) { views += text; });
  write_sql(sample.run, pairs, SqlTarget::sqlite, SqlShape::insert_select,
            [&](std::string_view text) { inserts += text; });
  const Database database = open_database();
  execute(
      database.get(),
      "CREATE TABLE companies (hs_object_id, name, industry, annualrevenue, country, "
      "createdate, \"=SUM(A1:A9)\", legacy_flag);"
      "CREATE TABLE contacts (email, full_name, associatedcompanyid, lead_score, \"City\", "
      "marketing_opt_in);"
      "CREATE TABLE wide_table (column_1, column_2, column_3);"
      "CREATE TABLE wide_entity (column_1, column_2, column_3);"
      "CREATE TABLE account (account_id, name, industry, annual_revenue, country, created_at);"
      "CREATE TABLE contact (email, first_name, last_name, account_id, city, marketing_opt_in);"
      "INSERT INTO companies VALUES ('000123', 'Acme', 'Software', '12.5', 'DE', '31/01/2026',"
      " 'x', 1);"
      "INSERT INTO contacts VALUES (' a@example.com ', 'Ada King', '000123', 5, 'Paris', 'yes')");
  execute(database.get(), views);
  CHECK(query(database.get(), "SELECT * FROM account_from_companies") ==
        "000123|Acme|software|12.5|DE|2026-01-31\n");
  execute(database.get(), inserts);
  CHECK(
      query(database.get(), "SELECT first_name, last_name, email, marketing_opt_in FROM contact") ==
      "Ada|King|a@example.com|1\n");
}
