// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/reader.hpp"
#include "tests/integration/postgres/source_fixture.hpp"
#include "tests/support/memory.hpp"

#include <chrono>
#include <thread>

using namespace mapctl;
using namespace mapctl::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

// Values at the edges of each type that is decoded here and not by the server.
constexpr auto edges = R"(
CREATE TABLE edges (
  a boolean, b smallint, c integer, d bigint, e oid, f real, g double precision, h numeric,
  i date, j time, k timestamp, l timestamptz, m uuid, n jsonb, o text, p char(5), q name);
INSERT INTO edges VALUES
 (true, -32768, -2147483648, -9223372036854775808, 4294967295, 1e-5, 1e-5, 0, '0001-01-01 BC',
  '00:00', '0001-01-01 BC', '0001-01-01 00:00+00 BC', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
  '{"b": 1, "a": [1, null]}', '', 'x', 'n'),
 (false, 32767, 2147483647, 9223372036854775807, 0, 100000, 123456789012345, -0.00001,
  '9999-12-31', '24:00', '9999-12-31 23:59:59.999999', '2024-02-29 12:00:00.5+02', NULL, '"x"',
  'line' || chr(10) || 'break ' || chr(9) || '\N', NULL, NULL),
 (NULL, 0, 0, 0, 1, 1e6, 1e15, 12345678901234567890.123456789, 'infinity', '12:34:56.7',
  'infinity', '-infinity', NULL, 'null', 'größer 漢字', NULL, NULL),
 (NULL, NULL, NULL, NULL, NULL, 'NaN', '-Infinity', 'NaN', '-infinity', NULL, '-infinity',
  'infinity', NULL, '1.50', NULL, NULL, NULL),
 (NULL, NULL, NULL, NULL, NULL, 0.1, 0.1, 1000000, '10000-01-01', NULL, '10000-01-01 00:00:00.01',
  '2000-01-01 00:00+00', NULL, NULL, NULL, NULL, NULL),
 (NULL, NULL, NULL, NULL, NULL, 3.4028235e38, 1.7976931348623157e308, 0.5000, '1999-12-31', NULL,
  '1999-12-31 23:59:59', '1900-02-28 00:00+00', NULL, NULL, NULL, NULL, NULL),
 (NULL, NULL, NULL, NULL, NULL, -0.0, 5e-324, 10000, '2000-02-29', NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL),
 (NULL, NULL, NULL, NULL, NULL, 16777216, 0.00012345, 100.00, '1600-02-29', NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL);
INSERT INTO edges (g, h, i, k)
  SELECT (random() - 0.5) * 10 ^ (random() * 60 - 30)::int,
         ((random() - 0.5) * 10 ^ (random() * 30 - 15)::int)::numeric,
         date '0001-01-01' + (random() * 3000000)::int,
         timestamp '0001-01-01' + random() * interval '9000 years' FROM generate_series(1, 3000);
)";

// Of digits that give the same number back the server does not always take the fewest.
bool is_same(const std::optional<std::string>& left, const std::optional<std::string>& right) {
  if (left == right || !left || !right) {
    return left == right;
  }
  const bool are_numbers = left->find_first_of("0123456789") != left->npos &&
                           left->find("e+") != left->npos && right->find("e+") != right->npos;
  return are_numbers && std::stod(*left) == std::stod(*right);
}

}  // namespace

TEST_CASE("every value is spelled as the server itself would", "[postgres]") {
  const Database database;
  database.run(edges);
  const auto rows = read_all(*open(database.url())->open_reader(ref("public", "edges"), {}));
  // The same rows as text, one by one, from the server.
  connectors::postgres::Connection connection{Secret{database.url()}, "", {}};
  connection.connect();
  connection.run("SET TimeZone = 'UTC'");
  const auto expected = connection.run(
      "SELECT CASE a WHEN true THEN 'true' WHEN false THEN 'false' END, b::text, c::text, d::text, "
      "e::text, f::text, g::text, h::text, i::text, j::text, k::text, l::text, m::text, n::text, "
      "o, format('%s', p), q::text FROM edges");
  REQUIRE(rows.size() == static_cast<std::size_t>(PQntuples(expected.get())));
  std::size_t wrong = 0;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < rows[row].size(); ++column) {
      const int r = static_cast<int>(row);
      const int c = static_cast<int>(column);
      std::optional<std::string> value;
      const bool is_padded = column == 15 && row != 0;  // format() makes "" of null
      if (PQgetisnull(expected.get(), r, c) == 0 && !is_padded) {
        value = PQgetvalue(expected.get(), r, c);
      }
      if (!is_same(rows[row][column], value) && ++wrong < 10) {
        CAPTURE(row, column);
        CHECK(rows[row][column].value_or("null") == value.value_or("null"));
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("types that only the server knows come as its text", "[postgres]") {
  const Database database;
  database.run(
      "CREATE DOMAIN age AS int; CREATE TYPE mood AS ENUM ('sad', 'it''s ok');"
      "CREATE TABLE t (a int[], b inet, c interval, d age, e mood, f money, g point, "
      "h tsrange, i bytea, j bit(3), k timetz, l xml, m mood[]);"
      "INSERT INTO t VALUES ('{1,NULL}', '10.0.0.1/8', '1 day 02:03:04', 41, 'it''s ok', "
      "12.5, '(1,2)', '[2024-01-01,2024-01-02)', '\\x00ff41', B'101', '12:00+02', "
      "'<a/>', '{sad}')");
  const auto rows = read_all(*open(database.url())->open_reader(ref("public", "t"), {}));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] == TextRow{"{1,NULL}", "10.0.0.1/8", "1 day 02:03:04", "41", "it's ok", "12.50",
                           "(1,2)", "[\"2024-01-01 00:00:00\",\"2024-01-02 00:00:00\")", "00ff41",
                           "101", "12:00:00+02", "<a/>", "{sad}"});
}

TEST_CASE("rows read one by one are the same as by COPY", "[postgres]") {
  const Database database;
  database.run(edges);
  const auto by_copy = read_all(*open(database.url())->open_reader(ref("public", "edges"), {}));
  database.run_file(data_file("redshift/simulated_views.sql"));
  database.run("ALTER DATABASE " + database.name() + " SET search_path = public, simulated");
  const auto one_by_one =
      read_all(*open(database.url(), "redshift")->open_reader(ref("public", "edges"), {}));
  CHECK(by_copy.size() == 3008);
  REQUIRE(one_by_one.size() == by_copy.size());
  for (std::size_t row = 0; row < by_copy.size(); ++row) {
    CHECK(std::equal(by_copy[row].begin(), by_copy[row].end(), one_by_one[row].begin(), is_same));
  }
}

TEST_CASE("views, partitioned tables and children of tables are read whole", "[postgres]") {
  const Database database;
  database.run_file(data_file("postgres/structure.sql"));
  database.run("INSERT INTO animals VALUES ('cat'); INSERT INTO birds VALUES ('owl', 2)");
  const auto connector = open(database.url());
  const auto count = [&](const char* table) {
    return read_all(*connector->open_reader(ref("public", table), {})).size();
  };
  CHECK(count("events") == 150);
  CHECK(count("animals") == 2);
  CHECK(count("totals") == 1);
  CHECK(count("order_list") == 0);
}

TEST_CASE("rows stream in bounded memory whatever their number", "[postgres]") {
  const Database database;
  database.run(
      "CREATE VIEW long AS SELECT generate_series(1, 200000) AS g, "
      "repeat('x', 1000) AS pad");
  const auto connector = open(database.url());
  forget_peak_memory();
  const long before = peak_memory_kilobytes();
  const auto reader = connector->open_reader(ref("public", "long"), {});
  std::vector<std::optional<std::string_view>> row;
  std::size_t bytes = 0;
  while (reader->next(row)) {
    bytes += row[1]->size();
  }
  CHECK(bytes == 200'000'000);
  CHECK((!memory_is_measurable || peak_memory_kilobytes() - before < 60'000));
}

TEST_CASE("text in an encoding that nobody checked is made well-formed", "[postgres]") {
  const Database database;
  const std::string plain = database.name() + "_ascii";
  database.run("CREATE DATABASE " + plain +
                   " OWNER mapctl ENCODING 'SQL_ASCII' LOCALE 'C' "
                   "TEMPLATE template0",
               "postgres");
  auto options = options_of(database.url());
  options.options["database"] = plain;
  {
    connectors::postgres::Connection connection{
        Secret{"host=" + database.server().directory().string() + " user=mapctl dbname=" + plain +
               " port=" + std::to_string(database.server().port())},
        "",
        {}};
    connection.connect();
    connection.run("SET client_encoding = 'SQL_ASCII'");
    connection.run("CREATE TABLE t (a text); INSERT INTO t VALUES (E'gr\\xFC n'), ('ok')");
    const auto rows = read_all(
        *connectors::postgres::factory().open(options, {})->open_reader(ref("public", "t"), {}));
    CHECK(rows == std::vector<TextRow>{{"gr\xEF\xBF\xBD n"}, {"ok"}});
  }
  database.run("DROP DATABASE " + plain + " WITH (FORCE)", "postgres");
}

TEST_CASE("a read is stopped in its middle and the server is told", "[postgres]") {
  const Database database;
  database.run(
      "CREATE VIEW endless AS SELECT generate_series(1, 2000000000) AS g;"
      "CREATE VIEW silent AS SELECT pg_sleep(600)::text AS x");
  for (const char* view : {"endless", "silent"}) {
    INFO(view);
    const auto connector = open(database.url());
    std::stop_source stop;
    std::jthread later{[&] {
      std::this_thread::sleep_for(200ms);
      stop.request_stop();
    }};
    const Error problem = error_of([&] {
      const auto reader = connector->open_reader(ref("public", view), stop.get_token());
      std::vector<std::optional<std::string_view>> row;
      while (reader->next(row)) {
      }
    });
    CHECK(problem.code() == ErrorCode::cancelled);
  }
  // Nothing of it runs on.
  CHECK(database.value("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' "
                       "AND datname = current_database() AND pid <> pg_backend_pid()") == "0");
}

TEST_CASE("a server that dies inside a row is unreachable and worth another try", "[postgres]") {
  const PostgresServer server;
  const Database database{server};
  database.run(
      "CREATE VIEW endless AS SELECT generate_series(1, 2000000000) AS g, "
      "repeat('x', 500)");
  const auto connector = open(database.url());
  const auto reader = connector->open_reader(ref("public", "endless"), {});
  std::vector<std::optional<std::string_view>> row;
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(reader->next(row));
  }
  server.halt();
  const Error problem = error_of([&] {
    while (reader->next(row)) {
    }
  });
  CHECK(problem.code() == ErrorCode::unreachable);
  CHECK(problem.facts().retry == Retry::may_help);
  CHECK_FALSE(problem.facts().hint.empty());
  // The connector finds the server again.
  server.resume();
  CHECK(connector->discover({}, {}).tables().size() == 1);
}

TEST_CASE("a view that fails in its middle says so, and the next table is read", "[postgres]") {
  const Database database;
  database.run(
      "CREATE VIEW broken AS SELECT 1 / (5 - g) AS x FROM generate_series(1, 10) g;"
      "CREATE FUNCTION refuse() RETURNS int LANGUAGE plpgsql AS "
      "$$ BEGIN RAISE EXCEPTION 'not today'; END $$;"
      "CREATE VIEW refused AS SELECT public.refuse() AS x;"
      "CREATE TABLE fine AS SELECT 1 AS a");
  const auto connector = open(database.url());
  const auto reader = connector->open_reader(ref("public", "broken"), {});
  const Error problem = error_of([&] { read_all(*reader); });
  CHECK(problem.facts().native_code == "22012");
  CHECK_THAT(problem.what(), ContainsSubstring("division by zero"));
  const auto found = connector->discover(with_statistics(), {});
  REQUIRE(found.warnings.size() == 2);
  CHECK_THAT(found.warnings[1].message, ContainsSubstring("not today"));
  CHECK(found.warnings[0].object == "table 'public.broken'");
  CHECK_THAT(found.warnings[0].message, ContainsSubstring("division by zero"));
  CHECK_FALSE(found.warnings[0].hint.empty());
  CHECK(table_in(found, "public", "fine").row_count == 1);
  CHECK(table_in(found, "public", "broken").columns.size() == 1);
  CHECK(error_of([&] { connector->discover(with_statistics("broken"), {}); }).facts().native_code ==
        "22012");
}
