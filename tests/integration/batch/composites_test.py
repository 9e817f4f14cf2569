#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules of several columns from the proposal to the exports, whose SQL is run and compared."""
import csv
import ctypes
import io
import json
import os
import re
import sqlite3
import sys
import unittest
from pathlib import Path

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [FOLDER, os.path.join(FOLDER, "../../support")]
from postgres_database import Database, server  # noqa: E402
from project import Project  # noqa: E402

PEOPLE = [
    ("Ada Lovelace", "12 Mill Road, Utrecht, 3511", "2026-01-31 08:05:09"),
    ("Grace Brewster Hopper", "7 High Street, Lyon, 69001", "2026-02-01 17:30:00"),
    ("Alan Turing", "203 Long Lane, Porto, 40000", "2025-12-24 23:59:59"),
    ("Edsger Dijkstra", "9 Elm Street, Boston, 02108", "2025-11-05 00:00:01"),
    ("Barbara Liskov", "1 Oak Avenue, Torino, 10121", "2026-03-03 12:00:00"),
    ("Tony O'Hoare", "88 Lime Walk, Gent, 90001", "2026-03-04 06:15:45"),
]
LINES = [(1, 2, 1.5, 950), (2, 3, 2.0, 1200), (3, 10, 0.99, 30), (4, 1, 20.0, 4501), (5, 4, 5.25, 7),
         (6, 6, 3.1, 88)]
PAYMENTS = ["12.50 EUR", "8.00 USD", "110.25 EUR", "3.99 GBP", "42.00 EUR", "7.10 USD"]

SOURCE = """
CREATE TABLE contacts (contact_id INTEGER PRIMARY KEY, full_name TEXT, address TEXT, created_at TIMESTAMP);
CREATE TABLE staff (staff_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT);
CREATE TABLE order_lines (order_line_id INTEGER PRIMARY KEY, quantity INTEGER, unit_price DECIMAL(10,2), duration_ms INTEGER);
CREATE TABLE payments (payment_id INTEGER PRIMARY KEY, amount TEXT);
"""
TARGET = """
CREATE TABLE contacts (contact_id INTEGER PRIMARY KEY, first_name VARCHAR(40), last_name VARCHAR(40), street VARCHAR(80),
  city VARCHAR(40), postal_code VARCHAR(12), created_date DATE, created_time TIME);
CREATE TABLE staff (staff_id INTEGER PRIMARY KEY, first_name VARCHAR(40), last_name VARCHAR(40), full_name VARCHAR(90));
CREATE TABLE order_lines (order_line_id INTEGER PRIMARY KEY, quantity INTEGER, unit_price DECIMAL(10,2),
  line_amount DECIMAL(12,2), duration_seconds DECIMAL(12,3));
CREATE TABLE payments (payment_id INTEGER PRIMARY KEY, amount DECIMAL(12,2), currency CHAR(3));
"""
TABLES = ["contacts", "staff", "order_lines", "payments"]

# What the views must give, whatever the system.
EXPECTED = {
    "contacts": {
        "first_name": [name.split(" ", 1)[0] for name, _, _ in PEOPLE],
        "last_name": [name.split(" ", 1)[1] for name, _, _ in PEOPLE],
        "street": [address.split(",")[0].strip() for _, address, _ in PEOPLE],
        "city": [address.split(",")[1].strip() for _, address, _ in PEOPLE],
        "postal_code": [address.split(",")[2].strip() for _, address, _ in PEOPLE],
        "created_date": [moment[:10] for _, _, moment in PEOPLE],
        "created_time": [moment[11:] for _, _, moment in PEOPLE],
    },
    "staff": {"full_name": [name for name, _, _ in PEOPLE]},
    "order_lines": {
        "line_amount": [round(quantity * price, 2) for _, quantity, price, _ in LINES],
        "duration_seconds": [milliseconds / 1000 for _, _, _, milliseconds in LINES],
    },
    "payments": {
        "amount": [float(text.split()[0]) for text in PAYMENTS],
        "currency": [text.split()[1] for text in PAYMENTS],
    },
}


def rows_of_source():
    """Table to its rows."""
    return {
        "contacts": [(number, *person) for number, person in enumerate(PEOPLE, 1)],
        "staff": [(number, *name.split(" ", 1)) for number, (name, _, _) in enumerate(PEOPLE, 1)],
        "order_lines": LINES,
        "payments": list(enumerate(PAYMENTS, 1)),
    }


def literal(value):
    return str(value) if isinstance(value, (int, float)) else "'" + value.replace("'", "''") + "'"


def source_script():
    script = SOURCE
    for table, rows in rows_of_source().items():
        for row in rows:
            script += f"INSERT INTO {table} VALUES ({', '.join(map(literal, row))});\n"
    return script


class DuckDb:
    """Just enough of DuckDB's C API to run a script and read rows as text."""

    class Result(ctypes.Structure):
        _fields_ = [("a", ctypes.c_uint64), ("b", ctypes.c_uint64), ("c", ctypes.c_uint64),
                    ("d", ctypes.c_void_p), ("e", ctypes.c_void_p), ("f", ctypes.c_void_p)]

    def __init__(self, library):
        self.library = ctypes.CDLL(str(library))
        self.database, self.connection = ctypes.c_void_p(), ctypes.c_void_p()
        self.library.duckdb_open(None, ctypes.byref(self.database))
        self.library.duckdb_connect(self.database, ctypes.byref(self.connection))
        self.library.duckdb_value_varchar.restype = ctypes.c_void_p
        self.library.duckdb_value_varchar.argtypes = [ctypes.c_void_p, ctypes.c_uint64,
                                                      ctypes.c_uint64]
        self.library.duckdb_row_count.restype = ctypes.c_uint64
        self.library.duckdb_column_count.restype = ctypes.c_uint64
        self.library.duckdb_result_error.restype = ctypes.c_char_p

    def run(self, script):
        result = self.Result()
        if self.library.duckdb_query(self.connection, script.encode(), ctypes.byref(result)):
            raise AssertionError(self.library.duckdb_result_error(ctypes.byref(result)).decode())
        count = self.library.duckdb_row_count(ctypes.byref(result))
        return [ctypes.string_at(self.library.duckdb_value_varchar(ctypes.byref(result), 0, row))
                .decode() for row in range(count)]


class Composites(Project):
    def setUp(self):
        super().setUp()
        self.init()
        for name, script in (("crm.db", source_script()), ("dwh.db", TARGET)):
            database = sqlite3.connect(self.folder / name)
            database.executescript(script)
            database.commit()
            database.close()
        self.plan()
        self.batch("plan.yaml")

    def plan(self, settings="{}"):
        pairs = "\n".join(f"  - {{source: {table}, target: {table}}}" for table in TABLES)
        self.write("plan.yaml", "version: 1\nname: composites\nsource: 'sqlite:crm.db'\n"
                   f"target: 'sqlite:dwh.db'\npropose: {settings}\npairs:\n{pairs}\n"
                   "output: {workbook: out/w.xlsx, also: [json, html]}\n")

    def export(self, *arguments):
        out, _ = self.run_mapctl("export", "--run", *arguments)
        return out

    def rows(self):
        return list(csv.DictReader(io.StringIO(self.export("--format", "csv").replace("\r\n", "\n"))))

    def compare(self, query):
        """`query(table, column)` gives the values of the table's view by its key."""
        for table, columns in EXPECTED.items():
            for column, wanted in columns.items():
                found = query(table, column)
                if isinstance(wanted[0], float):
                    found = [round(float(value), 3) for value in found]
                self.assertEqual(found, wanted, f"{table}.{column}")

    def view(self, table, column):
        key = {"contacts": "contact_id", "staff": "staff_id", "order_lines": "order_line_id",
               "payments": "payment_id"}[table]
        return f'"{table}_from_{table}"', column, key

    def test_one_column_feeds_several_and_several_feed_one(self):
        decided = {(row["source_table"], row["source_column"], row["target_column"]):
                   (row["mapping_type"], row["transformation"]) for row in self.rows()}
        self.assertEqual(decided["contacts", "full_name", "first_name"],
                         ("transformed", "take part first after a split at ' '"))
        self.assertEqual(decided["contacts", "address", "postal_code"],
                         ("transformed", "take part 3 after a split at ',', then trim"))
        self.assertEqual(decided["staff", "first_name", "full_name"],
                         ("computed", "join first_name, last_name with ' '"))
        self.assertEqual(decided["order_lines", "quantity", "line_amount"],
                         ("computed", "compute quantity * unit_price"))
        self.assertEqual(decided["order_lines", "duration_ms", "duration_seconds"],
                         ("transformed", "multiply by 0.001"))
        self.assertIn(("payments", "amount", "currency"), decided)
        summary = json.loads((self.folder / "out/w.json").read_text())
        self.assertEqual([pair["unmapped_targets"] for pair in summary["pairs"]], [[], [], [], []])
        self.assertIn("take part 3", (self.folder / "out/w.html").read_text())

    def test_the_evidence_says_what_was_seen(self):
        out, _ = self.run_mapctl("propose", "--source", "sqlite:crm.db", "--target", "sqlite:dwh.db",
                                 "--source-table", "contacts", "--target-table", "contacts",
                                 "--explain")
        self.assertIn("6 of 6 sampled values have 3 parts", out)
        out, _ = self.run_mapctl("propose", "--source", "sqlite:crm.db", "--target", "sqlite:dwh.db",
                                 "--source-table", "contacts", "--target-table", "contacts",
                                 "--no-composites", "--explain")
        self.assertNotIn("composite", out)

    def test_a_plan_may_turn_them_off(self):
        self.assertIn('"composite"', (self.folder / "out/w.json").read_text())
        self.plan("{composites: false}")
        self.batch("plan.yaml")
        self.assertNotIn('"composite"', (self.folder / "out/w.json").read_text())

    def test_sqlite_runs_the_views_and_the_dbt_models(self):
        database = sqlite3.connect(self.folder / "crm.db")
        self.addCleanup(database.close)
        database.executescript(self.export("--format", "sql", "--dialect", "sqlite"))

        def query(table, column):
            name, column, key = self.view(table, column)
            return [row[0] for row in database.execute(f"SELECT {column} FROM {name} ORDER BY {key}")]

        self.compare(query)
        self.export("--format", "dbt", "--dialect", "sqlite", "-o", "dbt")
        for table in TABLES:
            model, = (self.folder / "dbt/models/staging").glob(f"*__{table}_from_{table}.sql")
            select = re.sub(r"\{\{ source\('[^']*', '([^']*)'\) \}\}", r'"\1"', model.read_text())
            self.assertEqual(len(database.execute(select).fetchall()), 6, model.name)

    def test_duckdb_runs_the_views(self):
        library = Path(os.environ["MAPCTL_TEST_BINARY_DIR"]) / "lib/mapctl/libduckdb.so"
        if not library.exists():
            self.skipTest("no DuckDB in this build")
        database = DuckDb(library)
        database.run(source_script())
        database.run(self.export("--format", "sql", "--dialect", "duckdb"))

        def query(table, column):
            name, column, key = self.view(table, column)
            return database.run(f"SELECT CAST({column} AS VARCHAR) FROM {name} ORDER BY {key}")

        self.compare(query)

    def test_postgresql_runs_the_views(self):
        if server() is None:
            self.skipTest("no PostgreSQL server")
        database = Database(server(), "composites")
        self.addCleanup(database.drop)

        def psql(script):
            return database.run(script).splitlines()

        psql("CREATE SCHEMA main; SET search_path = main;" + source_script())
        psql("SET search_path = main;\n" + self.export("--format", "sql", "--dialect", "postgresql"))

        def query(table, column):
            name, column, key = self.view(table, column)
            return psql(f"SET search_path = main; SELECT {column} FROM {name} ORDER BY {key};")

        self.compare(query)

    def test_yaml_keeps_the_rules_and_is_read_back(self):
        text = self.export("--format", "yaml")
        self.assertIn("split(part=first", text)
        self.assertIn("inputs(quantity, unit_price)", text)
        self.assertIn("expression(expression=quantity * unit_price)", text)
        body = "".join(line for line in text.splitlines(True) if not line.startswith("#"))
        (self.folder / "yaml").mkdir()
        (self.folder / "yaml/crm.yaml").write_text(body)
        plan, _ = self.run_mapctl("migrate-yaml", "yaml", "--phase", "plan", "--format", "json")
        self.assertEqual(json.loads(plan)["counts"]["mappings"],
                         len([row for row in self.rows() if row["target_column"]]))

    def test_approved_parts_do_not_contradict_each_other(self):
        self.run_mapctl("review", "approve", "--all")
        out, _ = self.run_mapctl("registry", "conflicts", "--format", "json")
        self.assertEqual(json.loads(out)["conflicts"], [])

    def test_an_untouched_workbook_changes_nothing(self):
        out, _ = self.run_mapctl("review", "import", "out/w.xlsx", "--format", "json")
        self.assertEqual(json.loads(out)["counts"]["change"], 0, out)


if __name__ == "__main__":
    unittest.main()
