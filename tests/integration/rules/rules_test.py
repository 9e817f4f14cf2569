#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every kind of rule as the SQL of each system that is at hand, run over the same values."""
import os
import shutil
import sqlite3
import subprocess
import sys
import unittest
from pathlib import Path

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(FOLDER, "../batch"), os.path.join(FOLDER, "../../support")]
from composites_test import DuckDb  # noqa: E402
from postgres_database import Database, server  # noqa: E402

# Target type, type of the source's columns, rule, then rows: inputs, and what they become.
TEXT, NUMBER = "varchar(60)", "decimal(12,4)"
RULES = [
    (TEXT, TEXT, "split(separator=\" \", part=first)", [("Ada Lovelace", "Ada"), ("Ada", "Ada")]),
    (TEXT, TEXT, "split(separator=\" \", part=last)",
     [("Ada King Lovelace", "King Lovelace"), ("Ada", None)]),
    (TEXT, TEXT, "split(separator=\" \", part=final)",
     [("Ada King Lovelace", "Lovelace"), ("Zoë Ångström", "Ångström"), ("Ada", "Ada"), (None, None)]),
    (TEXT, TEXT, "split(separator=\" \", part=before_final)",
     [("Ada King Lovelace", "Ada King"), ("Mühlenweg 12", "Mühlenweg"), ("Ada", None), (None, None)]),
    (TEXT, TEXT, "split(separator=\" \", part=last) | split(separator=\" \", part=before_final)",
     [("Ada King Noel Lovelace", "King Noel"), ("Ada Lovelace", None), ("Ada", None)]),
    (TEXT, TEXT, "split(separator=\",\", part=2) | trim",
     [("12 Mill Road, 3511 Utrecht, NL", "3511 Utrecht"), ("O'Hare \\ \"x\"", None)]),
    (TEXT, TEXT, "split(separator=\",\", part=first) | trim | replace(new=\"\", old=\"Dr. \") | "
     "split(separator=\" \", part=final)",
     [("Dr. Ada Lovelace, PhD", "Lovelace"), ("Ada Lovelace", "Lovelace")]),
    (TEXT, TEXT, "replace(at=start, new=\"\", old=\"Dr \") | replace(at=end, new=\"\", old=\" Sr\")",
     [("Dr Priya Srinivasan Sr", "Priya Srinivasan"), ("Priya Srinivasan", "Priya Srinivasan"),
      ("Sandr Dr Who", "Sandr Dr Who"), (None, None)]),
    (TEXT, TEXT, "replace(at=end, new=ß, old=ss)", [("Grossss", "Grossß"), ("Masse", "Masse")]),
    (TEXT, TEXT, "replace(new=|, old=;)".replace("=|", "=\"|\""),
     [("red;green", "red|green"), ("red", "red"), (None, None)]),
    (TEXT, TEXT, "substring(start=5, length=8)", [("DE44500105175407324931", "50010517")]),
    ("integer", TEXT, "count_parts(separator=;)",
     [("red;green;blue", "3"), ("red", "1"), ("", "0"), (None, None)]),
    ("integer", TEXT, "count_parts", [('["red", "green"]', "2"), ("[]", "0"), (None, None)]),
    ("integer", TEXT, "parse_duration", [("01:30:15", "5415"), ("100:00", "360000"), (None, None)]),
    (TEXT, TEXT, "inputs(column_1, column_2) | join(separator=\" \")",
     [("Ada", "King", "Ada King"), ("Ada", None, "Ada"), (None, None, None)]),
    (TEXT, TEXT, "inputs(column_1, column_2, column_3) | join(template=\"{1}, {2} {3}\")",
     [("Mill Road 12", "3511", "Utrecht", "Mill Road 12, 3511 Utrecht"),
      ("Mill Road 12", None, "Utrecht", "Mill Road 12 Utrecht"), (None, None, None, None)]),
    (NUMBER, TEXT, "parse_number(decimal=.)",
     [("€12.50", "12.5"), ("8.00-", "-8"), ("(8.00)", "-8"), ("$1,234.50", "1234.5"),
      ("-3.25", "-3.25"), ("12 %", "12"), ("USD 7.5", "7.5"), ("-", None), (None, None)]),
    (NUMBER, TEXT, "parse_number(decimal=\",\")",
     [("EUR 12,50", "12.5"), ("1.234,50 €", "1234.5"), ("1.234,50-", "-1234.5"), ("-0,5", "-0.5")]),
    (NUMBER, TEXT, "parse_number(decimal=.) | scale_unit(factor=0.01)", [("19 %", "0.19")]),
    (NUMBER, NUMBER, "scale_unit(factor=1000)", [(2.5, "2500"), (None, None)]),
    ("integer", NUMBER, "scale_unit(factor=1000) | cast(type=integer)", [(2.5, "2500")]),
    (NUMBER, NUMBER, "inputs(column_1, column_2) | expression(expression=column_1 * column_2)",
     [(3, 1.5, "4.5"), (3, None, None)]),
    (TEXT, TEXT, "code_map(F=female, M=male)", [("F", "female"), ("X", "X"), (None, None)]),
    ("boolean", TEXT, "parse_boolean", [("Y", True), ("no", False), ("?", None), (None, None)]),
    ("boolean", TEXT, "code_map(J=true, N=false) | parse_boolean", [("J", True), ("N", False)]),
    ("date", TEXT, "parse_date(format=%Y%m%d)",
     [("20260131", "2026-01-31"), ("00000000", None), (None, None)]),
    ("date", "integer", "parse_date(format=%Y%m%d)", [(20260131, "2026-01-31"), (0, None)]),
    ("date", TEXT, "parse_date(format=%d.%m.%Y)", [("31.01.2026", "2026-01-31"), (None, None)]),
    ("date", TEXT, "parse_date(format=%d/%m/%y)", [("31/01/26", "2026-01-31")]),
    ("timestamp", TEXT, "parse_date(format=%m/%d/%Y %H:%M)",
     [("01/31/2026 08:05", "2026-01-31 08:05:00")]),
    ("timestamp", TEXT, "parse_date(format=\"%Y-%m-%dT%H:%M:%S%z\")",
     [("2026-01-31T08:05:09Z", "2026-01-31 08:05:09")]),
    ("timestamp", "bigint", "parse_date(format=epoch_s)", [(1769846709, "2026-01-31 08:05:09")]),
    ("timestamp", "bigint", "parse_date(format=epoch_ms)", [(1769846709000, "2026-01-31 08:05:09")]),
    ("date", "bigint", "parse_date(format=epoch_ms)", [(1769846709000, "2026-01-31")]),
    ("date", "timestamp", "cast(type=date)", [("2026-01-31 08:05:09", "2026-01-31")]),
    ("time", "timestamp", "cast(type=time)", [("2026-01-31 08:05:09", "08:05:09")]),
    (TEXT, "date", "format_text(format=%Y-%m-%d)", [("2026-01-31", "2026-01-31")]),
    (TEXT, TEXT, "truncate(length=3)", [("abcdef", "abc"), ("äöüß", "äöü")]),
    (TEXT, TEXT, "truncate(length=1) | code_map(\"€\"=EUR, $=USD)", [("€12.50", "EUR"), ("$3", "USD")]),
    (TEXT, TEXT, "json_path(path=$.city)", [('{"city": "Utrecht"}', "Utrecht"), ("{}", None)]),
    (TEXT, TEXT, "json_path(path=\"$[0]\")", [('["red", "green"]', "red"), ("[]", None)]),
    (TEXT, TEXT, "default_value(value=n/a)", [("x", "x"), (None, "n/a")]),
    (TEXT, TEXT, "constant(value=EUR)", [("x", "EUR")]),
]


def literal(value):
    if value is None:
        return "NULL"
    return str(value) if not isinstance(value, str) else "'" + value.replace("'", "''") + "'"


def same(found, wanted):
    if wanted is None or found is None:
        return found is None and wanted is None
    if isinstance(wanted, bool):
        return found.lower() in (("1", "true", "t") if wanted else ("0", "false", "f"))
    if found == wanted or found.split(".")[0] == wanted:
        return True
    try:
        return abs(float(found) - float(wanted)) < 1e-9
    except ValueError:
        return False


class Rules(unittest.TestCase):
    def check(self, dialect, query, types=None, quote=literal):
        """`query(script)` runs a CREATE TABLE, an INSERT and a SELECT, and gives the rows' texts."""
        lines = "".join(f"{dialect}\t{to}\t{len(rows[0]) - 1}\t{rule}\n"
                        for to, _, rule, rows in RULES)
        done = subprocess.run([os.environ["MAPCTL_TEST_WRITE_RULES"]], input=lines, text=True,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        written = done.stdout.splitlines()
        self.assertEqual(len(written), len(RULES))
        for (to, source, rule, rows), sql in zip(RULES, written):
            with self.subTest(rule=rule, to=to):
                columns = ", ".join(f"column_{number} {(types or {}).get(source, source)}"
                                    for number in range(1, len(rows[0])))
                values = ", ".join(f"({number}, {', '.join(map(quote, row[:-1]))})"
                                   for number, row in enumerate(rows))
                found = query(f"CREATE TABLE t (n integer, {columns})",
                              f"INSERT INTO t VALUES {values}", sql)
                wanted = [row[-1] for row in rows]
                self.assertTrue(len(found) == len(wanted) and all(map(same, found, wanted)),
                                f"{found} for {wanted}: {sql}")

    def test_sqlite(self):
        def query(create, insert, sql):
            database = sqlite3.connect(":memory:")
            database.execute(create)
            database.execute(insert)
            return [None if row[0] is None else str(row[0])
                    for row in database.execute(f"SELECT {sql} FROM t AS s ORDER BY n")]

        # Text as it is: a column of dates would make numbers of it.
        self.check("sqlite", query)

    def test_duckdb(self):
        library = Path(os.environ["MAPCTL_TEST_BINARY_DIR"]) / "lib/mapctl/libduckdb.so"
        if not library.exists():
            self.skipTest("no DuckDB in this build")

        def query(create, insert, sql):
            database = DuckDb(library)
            database.run(create)
            database.run(insert)
            return [None if text == "\a" else text for text in database.run(
                f"SELECT coalesce(CAST({sql} AS VARCHAR), '\a') FROM t AS s ORDER BY n")]

        self.check("duckdb", query)

    def test_postgresql(self):
        if server() is None:
            self.skipTest("no PostgreSQL server")
        database = Database(server(), "rules")
        self.addCleanup(database.drop)

        def query(create, insert, sql):
            found = database.run(f"DROP TABLE IF EXISTS t; {create}; {insert};"
                                 f"SELECT coalesce(CAST({sql} AS text), '\a') FROM t AS s ORDER BY n;")
            return [None if text == "\a" else text for text in found.splitlines()]

        self.check("postgresql", query)

    def test_mariadb(self):
        state = Path(os.environ["MAPCTL_TEST_BINARY_DIR"]) / "tests/support/mariadb.state"
        client = shutil.which("mariadb")
        if client is None or not state.exists():
            self.skipTest("no MariaDB server or no client for it")
        _, socket, _, _, user, password = state.read_text(encoding="utf-8").splitlines()[:6]
        name = f"rules_{os.getpid()}"

        def run(script, database=""):
            done = subprocess.run(
                [client, "--no-defaults", "--batch", "--skip-column-names", "--raw",
                 "--default-character-set=utf8mb4", f"--socket={socket}", f"--user={user}",
                 *([database] if database else [])],
                input=script, text=True, capture_output=True, check=False,
                env={**os.environ, "MYSQL_PWD": password})
            if done.returncode != 0:
                raise AssertionError(f"{script}\n{done.stderr}")
            return done.stdout.splitlines()

        run(f"CREATE DATABASE {name}")
        self.addCleanup(run, f"DROP DATABASE {name}")

        def query(create, insert, sql):
            found = run(f"DROP TABLE IF EXISTS t; {create}; {insert};"
                        f"SELECT coalesce(CAST({sql} AS CHAR), '~') FROM t AS s ORDER BY n;", name)
            return [None if text == "~" else text for text in found]

        self.check("mysql", query, types={"timestamp": "datetime"},
                   quote=lambda value: literal(value).replace("\\", "\\\\"))


if __name__ == "__main__":
    unittest.main()
