// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/copy_format.hpp"
#include "connectors/postgres/session.hpp"
#include "core/base/error.hpp"
#include "tests/integration/postgres/one_value.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/postgres.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

using namespace mapctl;
using namespace mapctl::connectors::postgres;
using ports::SqlSession;
using ports::Transaction;
using test::error_of;
using test::value;
using namespace std::string_literals;

namespace {

using ScanServer = mapctl::test::PostgresServer;

std::unique_ptr<SqlSession> open_for_scans(const std::string& parameters = {},
                                           SessionSettings settings = {}) {
  return open_registry_session({Secret{ScanServer::shared().url("mapctl", parameters)}, true},
                               std::move(settings));
}

// Every form of value that the registry keeps, and nulls of each.
constexpr auto scanned_values = R"sql(
SELECT * FROM (VALUES
  ('it''s $1 "x" \'::text, '018f6b0a-5f3c-7a10-8e21-0123456789ab'::uuid, true, 7::smallint,
   -2147483648, 9007199254740993, 0.1::float8 + 0.2::float8, 12.50::numeric,
   '\x00ff275c'::bytea, '2026-02-02T02:40:00.12Z'::timestamptz, '{"a": ["b c", {"d": 1}]}'::jsonb),
  ('', '00000000-0000-0000-0000-000000000000', false, -1::smallint, 0, -1, '-infinity', 0,
   '', '2026-12-31T23:59:59Z', '"a \" b"'),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (repeat('é', 5000), '018f6b0a-5f3c-7a10-8e21-0123456789ab', true, 1::smallint, 1, 1, 1e-300, -7,
   decode(repeat('ab', 9000), 'hex'), '1969-07-20T20:17:40.5Z', '[]')
) AS v (a, b, c, d, e, f, g, h, i, j, k)
)sql";

}  // namespace

TEST_CASE("a scan gives the same values as any other statement", "[postgres]") {
  const auto session = open_for_scans(GENERATE("", "pgbouncer=true"));
  Transaction transaction{*session, SqlSession::Access::read};
  struct Cell {
    std::string text{}, bytes{};
    std::int64_t integer = 0;
    double real = 0;
    bool is_null = false;
    bool operator==(const Cell&) const = default;
  };
  const auto cells = [](ports::SqlStatement& statement) {
    std::vector<Cell> all;
    while (statement.step()) {
      for (int column = 0; column < 11; ++column) {
        all.push_back({std::string{statement.text(column)}, std::string{statement.bytes(column)},
                       statement.integer(column), statement.real(column),
                       statement.is_null(column)});
        CHECK(statement.text(column) == all.back().text);
      }
    }
    return all;
  };
  const std::vector<Cell> expected = cells(*session->prepare(scanned_values));
  REQUIRE(expected.size() == 44);
  const auto scan = session->prepare_scan(scanned_values);
  const std::vector<Cell> scanned = cells(*scan);
  REQUIRE(scanned.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("cell " << i);
    CHECK(scanned[i].text == expected[i].text);
    if (i % 11 == 8) {
      CHECK(scanned[i].bytes == expected[i].bytes);
    }
    CHECK(scanned[i].integer == expected[i].integer);
    if (i % 11 != 2) {  // a truth value is no number
      CHECK(scanned[i].real == expected[i].real);
    }
    CHECK(scanned[i].is_null == expected[i].is_null);
  }
  CHECK(cells(*scan) == scanned);  // ready to run again
  transaction.commit();
}

TEST_CASE("what is bound to a scan cannot leave its place", "[postgres]") {
  const auto session = open_for_scans();
  Transaction transaction{*session, SqlSession::Access::read};
  const auto scan = session->prepare_scan(
      "SELECT $1, '$1 \"$2\"', $2::bigint + 1, $3::float8, $4::text, $5, $2 FROM "
      "generate_series(1, $2::bigint) AS \"$1\"");
  const std::string hostile = R"('; DROP TABLE tenants; -- \' $2 $$ E'\n)";
  scan->bind(1, hostile);
  scan->bind(2, std::int64_t{1});
  scan->bind(3, 0.1 + 0.2);
  scan->bind_null(4);
  scan->bind_bytes(5, "\0\xFF'"s);
  REQUIRE(scan->step());
  CHECK(scan->text(0) == hostile);
  CHECK(scan->text(1) == "$1 \"$2\"");
  CHECK(scan->integer(2) == 2);
  CHECK(scan->real(3) == 0.1 + 0.2);
  CHECK(scan->is_null(4));
  CHECK(scan->bytes(5) == "\0\xFF'"s);
  CHECK(scan->text(6) == "1");
  CHECK_FALSE(scan->step());
  scan->bind(2, std::int64_t{3});
  int rows = 0;
  while (scan->step()) {
    ++rows;
  }
  CHECK(rows == 3);
  CHECK(error_of([&] { scan->bind(1, "a\0b"s); }).code() == ErrorCode::invalid_data);
}

TEST_CASE("a scan goes on while other statements run", "[postgres]") {
  const auto session = open_for_scans();
  Transaction transaction{*session, SqlSession::Access::read};
  const auto scan =
      session->prepare_scan("SELECT g, repeat('x', 1000) || g FROM generate_series(1, 5000) g");
  int rows = 0;
  while (scan->step()) {
    ++rows;
    REQUIRE(scan->integer(0) == rows);
    if (rows == 3) {
      const std::string_view text = scan->text(1);
      CHECK(value(*session, "SELECT 'between'") == "between");
      CHECK(text == std::string(1000, 'x') + "3");
      CHECK(scan->integer(0) == 3);
    }
    REQUIRE(scan->text(1).size() == 1000 + std::to_string(rows).size());
  }
  CHECK(rows == 5000);
  // Given up in the middle, and by its destructor.
  REQUIRE(scan->step());
  scan->reset();
  CHECK(value(*session, "SELECT 'after'") == "after");
  {
    const auto other = session->prepare_scan("SELECT g FROM generate_series(1, 100000) g");
    REQUIRE(other->step());
  }
  CHECK(value(*session, "SELECT 'later'") == "later");
  transaction.commit();
}

TEST_CASE("a scan that fails says why and leaves the session usable", "[postgres]") {
  const auto session = open_for_scans();
  {
    Transaction transaction{*session, SqlSession::Access::read};
    const auto scan = session->prepare_scan("SELECT a FROM no_such_table");
    CHECK(error_of([&] { scan->step(); }).facts().native_code == "42P01");
  }
  for (const bool kept : {false, true}) {
    Transaction transaction{*session, SqlSession::Access::read};
    const auto scan =
        session->prepare_scan("SELECT 1000 / (20000 - g) FROM generate_series(1, 30000) g");
    int rows = 0;
    const Error problem = error_of([&] {
      while (scan->step()) {
        if (++rows == 5 && kept) {
          CHECK_THROWS(value(*session, "SELECT 1"));  // the transaction has failed meanwhile
        }
      }
    });
    CHECK(problem.facts().native_code == "22012");
    CHECK(rows == 19999);
  }
  CHECK(value(*session, "SELECT 'alive'") == "alive");
  const auto outside = session->prepare_scan("SELECT 1");
  CHECK(error_of([&] { outside->step(); }).code() == ErrorCode::internal);
  CHECK(value(*session, "SELECT 'alive'") == "alive");
}

TEST_CASE("a scan stops when it is asked to", "[postgres]") {
  std::stop_source source;
  SessionSettings settings;
  settings.stop = source.get_token();
  const auto session = open_for_scans({}, settings);
  Transaction transaction{*session, SqlSession::Access::read};
  const auto scan =
      session->prepare_scan("SELECT g, pg_sleep(0.001) IS NULL FROM generate_series(1, 900000) g");
  REQUIRE(scan->step());
  source.request_stop();
  CHECK(error_of([&] {
          while (scan->step()) {
          }
        }).code() == ErrorCode::cancelled);
}

TEST_CASE("copied rows of another form are refused", "[postgres]") {
  const std::string header = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"s;
  std::vector<std::optional<std::string_view>> fields;
  const auto read = [&](const std::string& bytes) {
    CopyFormat format{"database 'x'", 2};
    return format.read(bytes, fields);
  };
  const std::string row = header + "\0\2\0\0\0\1a\377\377\377\377"s;
  CHECK(read(row));
  REQUIRE(fields.size() == 2);
  CHECK(fields[0] == "a");
  CHECK(fields[1] == std::nullopt);
  CHECK_FALSE(read(header + "\377\377"s));
  for (const std::string& bad : {""s, "PGCOPY"s, header, header + "\0"s, header + "\0\1\0\0\0\1a"s,
                                 header + "\0\2\0\0\0\1a"s, header + "\0\2\0\0\0\1a\0\0\0\5ab"s,
                                 header + "\0\2\0\0\0\1a\177\377\377\377ab"s,
                                 "PGCOPY\n\377\r\n\0\0\0\0\0\377\377\377\376\0\2"s}) {
    CHECK(error_of([&] { read(bad); }).code() == ErrorCode::invalid_data);
  }
}
