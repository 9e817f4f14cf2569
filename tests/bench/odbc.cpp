// SPDX-License-Identifier: Apache-2.0
// The connector `odbc` on a private MariaDB, against a bare loop over the same driver: discovery
// against one query of information_schema, reading against one SELECT, each in a process of its own
// so that peak memory is its own: bench_odbc [TABLES [ROWS]]
#include "connectors/odbc/connection.hpp"
#include "connectors/odbc/connector.hpp"
#include "core/base/error.hpp"
#include "tests/bench/figure.hpp"
#include "tests/support/mariadb.hpp"

#include <sql.h>
#include <sqlext.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace mapctl::bench {
namespace {

using connectors::odbc::Connection;

constexpr int runs = 5;
constexpr double discovery_limit = 1.5;
constexpr double reading_limit = 1.3;
constexpr double memory_limit = 50;
const std::string database = "mapctl_bench";

Connection connect() {
  return Connection{std::make_shared<const connectors::odbc::Settings>(
                        connectors::odbc::parse_options(test::find_mariadb()->options(database))),
                    {}};
}

// As little as a program that uses the driver can do: cells of a fixed width, a thousand rows a
// call, nothing looked at. Returns the rows.
long bare_loop(const Connection& connection, const char* sql, std::size_t columns,
               std::size_t width) {
  constexpr std::size_t block = 1000;
  const auto statement = connection.make_statement();
  connection.run(statement.get(), sql);
  SQLULEN fetched = 0;
  SQLSetStmtAttr(statement.get(), SQL_ATTR_ROW_ARRAY_SIZE, reinterpret_cast<SQLPOINTER>(block),
                 0);  // NOLINT: how ODBC takes numbers
  SQLSetStmtAttr(statement.get(), SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0);
  std::vector<char> cells(columns * width * block);
  std::vector<SQLLEN> lengths(columns * block);
  for (std::size_t i = 0; i < columns; ++i) {
    SQLBindCol(statement.get(), static_cast<SQLUSMALLINT>(i + 1), SQL_C_CHAR,
               cells.data() + i * width * block, static_cast<SQLLEN>(width),
               lengths.data() + i * block);
  }
  long rows = 0;
  while (SQL_SUCCEEDED(SQLFetch(statement.get()))) {
    rows += static_cast<long>(fetched);
  }
  return rows;
}

void expect(bool is_so, const char* what) {
  if (!is_so) {
    throw Error{ErrorCode::internal, what};
  }
}

struct Measured {
  double seconds = 0;
  double megabytes = 0;
};

// The fastest of several calls in a child, and the child's peak memory.
Measured in_child(const std::function<void()>& action) {
  int ends[2] = {};
  expect(::pipe(ends) == 0, "no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      const double seconds = fastest(runs, action);
      const bool told = ::write(ends[1], &seconds, sizeof seconds) == sizeof seconds;
      ::_exit(told ? 0 : 1);
    } catch (const std::exception& error) {
      fmt::print(stderr, "error: {}\n", error.what());
      ::_exit(1);
    }
  }
  int status = 0;
  rusage used{};
  ::wait4(child, &status, 0, &used);
  Measured measured;
  expect(WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
             ::read(ends[0], &measured.seconds, sizeof measured.seconds) == sizeof(double),
         "the measured process failed");
  ::close(ends[0]);
  ::close(ends[1]);
  measured.megabytes = static_cast<double>(used.ru_maxrss) / 1024;
  return measured;
}

// Tables as systems have them: simple keys mostly, one in ten with a composite key, one in five
// with a code that is unique, two in three that refer to another.
void fill_tables(const Connection& connection, int tables) {
  for (int i = 0; i < tables; ++i) {
    std::string sql = fmt::format("CREATE TABLE t{:05} (id INT NOT NULL", i);
    for (int c = 1; c < 20; ++c) {
      constexpr const char* types[] = {"BIGINT UNSIGNED",
                                       "VARCHAR(80) DEFAULT 'x'",
                                       "DECIMAL(12,2)",
                                       "DATETIME",
                                       "DATE",
                                       "TEXT",
                                       "TINYINT(1)",
                                       "CHAR(2)",
                                       "DOUBLE",
                                       "INT NOT NULL DEFAULT 0"};
      sql += fmt::format(", c{} {} COMMENT 'column {} of it'", c, types[c % 10], c);
    }
    sql += i % 10 == 3 ? ", PRIMARY KEY (id, c10)" : ", PRIMARY KEY (id)";
    sql += i % 5 == 1 ? ", UNIQUE KEY (c11)" : "";
    if (i > 0 && i % 3 != 0) {
      sql += fmt::format(", c0 INT, CONSTRAINT f{} FOREIGN KEY (c0) REFERENCES t00000 (id)", i);
    }
    connection.execute(sql + fmt::format(") COMMENT 'table {}'", i));
  }
}

void measure_discovery(int tables) {
  fill_tables(connect(), tables);
  const auto bare = in_child([&] {
    static const Connection connection = connect();
    expect(bare_loop(connection,
                     "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, COLUMN_TYPE, "
                     "IS_NULLABLE, COLUMN_DEFAULT, COLUMN_COMMENT, EXTRA "
                     "FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'mapctl_bench'",
                     9, 128) >= 20L * tables,
           "columns are missing");
  });
  const auto ours = in_child([&] {
    static const auto connector =
        connectors::odbc::factory().open(test::find_mariadb()->options(database), {});
    expect(connector->discover({}, {}).tables().size() == static_cast<std::size_t>(tables),
           "tables are missing");
  });
  const auto bench = fmt::format("odbc, discovery of {} tables on MariaDB", tables);
  figure(bench, "one query of information_schema", bare.seconds, "s");
  figure(bench, "discovery", ours.seconds, "s");
  figure(bench, "discovery / query", ours.seconds / bare.seconds, "", discovery_limit);
}

void measure_reading(long rows) {
  const Connection connection = connect();
  connection.execute(
      "CREATE TABLE orders (id INT PRIMARY KEY, customer BIGINT, name VARCHAR(60), code CHAR(8), "
      "price DECIMAL(12,2), discount DOUBLE, paid TINYINT(1), ordered DATE, shipped DATETIME, "
      "city VARCHAR(40), country CHAR(2), note VARCHAR(100), a INT, b INT, c VARCHAR(30), d DATE)");
  connection.execute(fmt::format(
      "INSERT INTO orders SELECT seq, seq * 7919, CONCAT('Name of ', seq), LPAD(seq, 8, '0'), "
      "seq / 100, seq / 7, seq % 2, DATE_ADD('2020-01-01', INTERVAL seq % 2000 DAY), "
      "DATE_ADD('2020-01-01 10:00:00', INTERVAL seq MINUTE), ELT(1 + seq % 4, 'Łódź', 'Paris', "
      "'München', 'New York'), 'DE', CONCAT('a remark about order ', seq), seq % 100, seq % 7, "
      "NULL, '2024-02-29' FROM seq_1_to_{}",
      rows));
  const auto bare = in_child([&] {
    static const Connection own = connect();
    expect(bare_loop(own, "SELECT * FROM orders", 16, 128) == rows, "rows are missing");
  });
  const auto ours = in_child([&] {
    static const auto connector =
        connectors::odbc::factory().open(test::find_mariadb()->options(database), {});
    const auto reader =
        connector->open_reader({catalog::SchemaName{database}, catalog::TableName{"orders"}}, {});
    std::vector<std::optional<std::string_view>> row;
    long seen = 0;
    while (reader->next(row)) {
      ++seen;
    }
    expect(seen == rows, "rows are missing");
  });
  const auto bench = fmt::format("odbc, reading {} rows of 16 columns from MariaDB", rows);
  figure(bench, "bare loop over the driver", static_cast<double>(rows) / bare.seconds, "rows/s");
  figure(bench, "bare loop's peak memory", bare.megabytes, "MB");
  figure(bench, "reading", static_cast<double>(rows) / ours.seconds, "rows/s");
  figure(bench, "reading / bare loop, seconds", ours.seconds / bare.seconds, "", reading_limit);
  figure(bench, "peak memory", ours.megabytes, "MB", memory_limit);
}

int run(int tables, long rows) {
  if (test::find_mariadb() == nullptr) {
    fmt::print(stderr, "odbc: there is no MariaDB server, so nothing is measured\n");
    return 0;
  }
  test::find_mariadb()->run("DROP DATABASE IF EXISTS " + database);
  test::find_mariadb()->run("CREATE DATABASE " + database + " CHARACTER SET utf8mb4");
  measure_reading(rows);
  test::find_mariadb()->run("DROP TABLE " + database + ".orders");
  measure_discovery(tables);
  return 0;
}

}  // namespace
}  // namespace mapctl::bench

int main(int argc, char** argv) {
  try {
    return mapctl::bench::run(argc > 1 ? std::atoi(argv[1]) : 5000,
                              argc > 2 ? std::atol(argv[2]) : 1'000'000);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
