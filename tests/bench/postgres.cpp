// SPDX-License-Identifier: Apache-2.0
// usage: bench_postgres HOST PORT [TABLES [ROWS]]
// A server for tests (tests/support/postgres_server.sh): what the connector does beside the barest
// program that asks the same server for the same.
#include "connectors/postgres/connection.hpp"
#include "connectors/postgres/connector.hpp"
#include "tests/bench/figure.hpp"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace mapctl;
using connectors::postgres::Connection;

std::string url(const char* host, const char* port, const char* database) {
  return fmt::format("postgresql://postgres@/{}?host={}&port={}", database, host, port);
}

std::unique_ptr<Connection> connect(const std::string& to) {
  auto connection = std::make_unique<Connection>(Secret{to}, std::string{}, std::stop_token{});
  connection->connect();
  return connection;
}

std::unique_ptr<ports::Connector> open(const std::string& to) {
  ports::ConnectorOptions options;
  options.profile = "bench";
  options.secrets.emplace("url", Secret{to});
  return connectors::postgres::factory().open(options, {});
}

void make_tables(Connection& connection, int begin, int end) {
  std::string columns = "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
  for (int i = 2; i <= 20; ++i) {
    columns += i % 4 == 0   ? fmt::format(", c{} varchar({}) DEFAULT ''n''", i, 10 + i)
               : i % 4 == 1 ? fmt::format(", c{} numeric(12,{}) DEFAULT 0", i, i % 5)
               : i % 4 == 2 ? fmt::format(", c{} timestamptz DEFAULT now()", i)
                            : fmt::format(", c{} integer NOT NULL", i);
  }
  constexpr int at_once = 200;  // tables whose locks fit into one transaction
  for (int first = begin; first < end; first += at_once) {
    connection.run(fmt::format("DO $$ BEGIN FOR i IN {}..{} LOOP "
                               "EXECUTE 'CREATE TABLE t' || i || ' ({})'; "
                               "EXECUTE 'COMMENT ON TABLE t' || i || ' IS ''a table'''; "
                               "EXECUTE 'COMMENT ON COLUMN t' || i || '.c4 IS ''a column'''; "
                               "EXECUTE 'COMMENT ON COLUMN t' || i || '.c9 IS ''another'''; "
                               "END LOOP; END $$",
                               first, std::min(first + at_once, end) - 1, columns)
                       .c_str());
  }
  connection.run("VACUUM ANALYZE pg_catalog.pg_attribute");
  connection.run("VACUUM ANALYZE pg_catalog.pg_class");
  connection.run("VACUUM ANALYZE pg_catalog.pg_attrdef");
}

// Every value is looked at, as whoever asks would.
std::size_t walk(const connectors::postgres::ResultHandle& result) {
  std::size_t bytes = 0;
  const int columns = PQnfields(result.get());
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    for (int column = 0; column < columns; ++column) {
      bytes += std::string_view{PQgetvalue(result.get(), row, column)}.size();
    }
  }
  return bytes;
}

// With `made` tables of the `tables` there already.
void bench_discovery(const std::string& to, int made, int tables) {
  const auto connection = connect(to);
  make_tables(*connection, made, tables);
  std::size_t seen = 0;
  const double bare = bench::fastest(5, [&] {
    seen += walk(connection->run(
        "SELECT n.nspname, c.relname, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), "
        "a.attnotnull, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum) "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_attribute a ON a.attrelid = c.oid "
        "LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
        "WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped "
        "ORDER BY 1, 2, 4"));
  });
  const double standard = bench::fastest(2, [&] {
    seen += walk(connection->run(
        "SELECT table_schema, table_name, column_name, ordinal_position, data_type, "
        "character_maximum_length, numeric_precision, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2, 4"));
    seen += walk(connection->run(
        "SELECT k.table_schema, k.table_name, k.column_name, k.ordinal_position "
        "FROM information_schema.table_constraints c JOIN information_schema.key_column_usage k "
        "USING (constraint_schema, constraint_name, table_schema, table_name) "
        "WHERE k.table_schema = 'public' ORDER BY 1, 2, 4"));
  });
  const auto connector = open(to);
  std::size_t found = 0;
  const double ours =
      bench::fastest(5, [&] { found = connector->discover({}, {}).tables().size(); });
  if (seen == 0 || found != static_cast<std::size_t>(tables)) {
    throw std::runtime_error{"not all tables were found"};
  }
  bench::figure("postgres", fmt::format("discovery of {} tables x 20 columns", tables), ours, "s");
  bench::figure("postgres", fmt::format("discovery of {} tables beside one catalog query", tables),
                ours / bare, "x", 1.5);
  bench::figure("postgres",
                fmt::format("discovery of {} tables faster than by information_schema", tables),
                standard / ours, "x", 3, bench::Better::higher);
}

// The barest loop: the rows as they come, each field found.
std::int64_t read_bare(Connection& connection) {
  connection.run("COPY rows_of_16 TO STDOUT (FORMAT binary)");
  std::int64_t rows = 0;
  std::size_t seen = 0;
  char* bytes = nullptr;
  for (int size = 0; (size = PQgetCopyData(connection.raw(), &bytes, 0)) > 0;) {
    std::string_view row{bytes, static_cast<std::size_t>(size)};
    row.remove_prefix(rows == 0 ? 19 + 2 : 2);
    while (row.size() >= 4) {
      std::uint32_t length = 0;
      for (std::size_t i = 0; i < 4; ++i) {
        length = length << 8U | static_cast<unsigned char>(row[i]);
      }
      row.remove_prefix(4);
      if (length != 0xFFFFFFFF) {
        seen += length;
        row.remove_prefix(std::min<std::size_t>(length, row.size()));
      }
    }
    ++rows;
    PQfreemem(bytes);
  }
  while (connection.next_result()) {
  }
  return seen == 0 ? 0 : rows - 1;  // the last one is the end
}

void bench_rows(const std::string& to, int count) {
  const auto connection = connect(to);
  connection->run(
      fmt::format(
          "CREATE TABLE rows_of_16 AS SELECT g::bigint AS id, g % 1000 AS a, "
          "(g % 7)::smallint AS b, g * 0.25::float8 AS c, (g * 0.01)::numeric(12,2) AS d, "
          "'customer ' || g AS e, 'city ' || g % 500 AS f, g % 2 = 0 AS g, "
          "date '2020-01-01' + g % 2000 AS h, timestamp '2020-01-01' + g * interval '1 s' "
          "AS i, timestamptz '2020-01-01' + g * interval '7 s' AS j, "
          "CASE WHEN g % 3 = 0 THEN NULL ELSE 'note ' || g END AS k, md5(g::text)::uuid AS l, "
          "g % 90 AS m, 'open'::varchar(10) AS n, (g % 100)::numeric(5,1) AS o "
          "FROM generate_series(1, {}) g",
          count)
          .c_str());
  connection->run("VACUUM ANALYZE rows_of_16");
  std::int64_t bare_rows = 0;
  std::int64_t rows = 0;
  std::size_t seen = 0;
  const auto connector = open(to);
  double bare = 1e30;
  double ours = 1e30;
  // By turns, so that what else the machine does is shared.
  for (int turn = 0; turn < 5; ++turn) {
    bare = std::min(bare, bench::fastest(1, [&] { bare_rows = read_bare(*connection); }));
    ours = std::min(ours, bench::fastest(1, [&] {
                      rows = 0;
                      const auto reader = connector->open_reader(
                          {catalog::SchemaName{"public"}, catalog::TableName{"rows_of_16"}}, {});
                      std::vector<std::optional<std::string_view>> row;
                      while (reader->next(row)) {
                        ++rows;
                        for (const auto& value : row) {
                          seen += value ? value->size() : 0;
                        }
                      }
                    }));
  }
  if (rows != count || bare_rows != count || seen == 0) {
    throw std::runtime_error{"not all rows were read"};
  }
  bench::figure("postgres", "rows of 16 columns read", static_cast<double>(rows) / ours, "rows/s");
  bench::figure("postgres", "share of a bare binary COPY OUT loop", 100 * bare / ours, "%", 85,
                bench::Better::higher);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: bench_postgres HOST PORT [TABLES [ROWS]]\n");
    return 2;
  }
  const int tables = argc > 3 ? std::atoi(argv[3]) : 5000;
  const int rows = argc > 4 ? std::atoi(argv[4]) : 1'000'000;
  const auto system = connect(url(argv[1], argv[2], "postgres"));
  system->run("DROP DATABASE IF EXISTS bench_postgres WITH (FORCE)");
  system->run("CREATE DATABASE bench_postgres");
  const std::string to = url(argv[1], argv[2], "bench_postgres");
  bench_discovery(to, 0, tables);
  bench_discovery(to, tables, 2 * tables);
  bench_rows(to, rows);
  system->run("DROP DATABASE bench_postgres WITH (FORCE)");
  return EXIT_SUCCESS;
}
