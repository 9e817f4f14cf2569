#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`limits: catalog_lifetime`: a kept catalog serves until it is too old or the system has changed."""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../batch"))
from project import EPOCH, SOURCE, Project

HOUR = 3600


class WithCache(Project):
    def setUp(self):
        super().setUp()
        self.init()

    def profile(self, body, lifetime="1h", name="crm"):
        self.write(f"profiles/{name}.yaml", f"name: {name}\n{body}\n"
                   + (f"limits: {{catalog_lifetime: {lifetime}}}\n" if lifetime else ""))

    def at(self, seconds):
        """From now on, the clock stands so long after the beginning."""
        self.environment["SOURCE_DATE_EPOCH"] = str(int(EPOCH) + seconds)

    def discover(self, *arguments, endpoint="crm"):
        out, err = self.run_mapctl("discover", endpoint, *arguments, "--format", "json")
        return json.loads(out), err

    def is_taken(self, *arguments):
        found, err = self.discover(*arguments)
        self.assertEqual(found.get("cached", False), "--refresh" in err, err)
        return found.get("cached", False)

    def tables(self, *arguments):
        return [t["name"] for s in self.discover(*arguments)[0]["schemas"] for t in s["tables"]]


class CatalogCache(WithCache):
    def database(self, *statements, name="shop.db"):
        with sqlite3.connect(self.folder / name) as database:
            for statement in statements:
                database.execute(statement)
        database.close()

    def make_shop(self, lifetime="1h"):
        self.database("CREATE TABLE orders (id INTEGER PRIMARY KEY, total REAL)",
                      "CREATE TABLE lines (id INTEGER PRIMARY KEY, o INTEGER REFERENCES orders)",
                      "INSERT INTO orders VALUES (1, 2.5)")
        self.profile("connector: sqlite\noptions: {path: ../shop.db}", lifetime)

    def test_without_a_lifetime_every_discovery_asks_the_system(self):
        self.make_shop(lifetime=None)
        self.assertFalse(self.is_taken())
        self.assertFalse(self.is_taken())
        self.assertFalse((self.folder / ".mapctl/catalogs").exists())

    def test_a_kept_catalog_is_what_discovery_would_print_and_tells_its_age(self):
        self.make_shop()
        fresh, _ = self.discover()
        self.at(600)
        kept, err = self.discover()
        self.assertRegex(err, "the catalog of 'crm' is 10m 00s old: the system says that nothing has")
        self.assertEqual(kept.pop("age_seconds"), 600)
        self.assertTrue(kept.pop("cached"))
        self.assertEqual(kept, fresh)
        self.assertEqual(self.tables("--table", "ord*"), ["orders"])
        self.assertEqual(kept["taken_at"][:19], "2026-01-01T00:00:00")

    def test_it_ends_with_its_lifetime_and_for_refresh(self):
        self.make_shop()
        self.assertFalse(self.is_taken())
        self.at(HOUR - 1)
        self.assertTrue(self.is_taken())
        self.at(HOUR)
        self.assertFalse(self.is_taken())
        self.at(HOUR + 10)
        self.assertTrue(self.is_taken())  # of what was read just now
        self.assertFalse(self.is_taken("--refresh"))
        self.at(2 * HOUR + 5)
        self.assertTrue(self.is_taken())  # of what --refresh kept
        self.at(-10)
        self.assertFalse(self.is_taken())  # from the future

    def test_a_changed_schema_ends_it_and_changed_rows_do_not(self):
        self.make_shop()
        self.discover()
        self.database("INSERT INTO orders VALUES (2, 7)")
        self.assertTrue(self.is_taken())
        self.database("ALTER TABLE orders ADD COLUMN note TEXT")
        found, _ = self.discover()
        self.assertNotIn("cached", found)
        self.assertIn("note", json.dumps(found))
        self.assertTrue(self.is_taken())
        # Another file in its place, with as many changes of its schema.
        self.database("CREATE TABLE a (x)", "CREATE TABLE b (x)", "ALTER TABLE a ADD COLUMN y",
                      name="other.db")
        os.replace(self.folder / "other.db", self.folder / "shop.db")
        self.assertEqual(self.tables(), ["a", "b"])

    def test_another_setting_of_the_profile_ends_it(self):
        self.make_shop()
        self.discover()
        shutil.copy(self.folder / "shop.db", self.folder / "copy.db")
        self.profile("connector: sqlite\noptions: {path: ../copy.db}")
        self.assertFalse(self.is_taken())
        self.assertTrue(self.is_taken())

    def test_statistics_and_differences_always_come_from_the_system(self):
        self.make_shop()
        self.discover()
        found, _ = self.discover("--stats")
        self.assertNotIn("cached", found)
        self.assertIn('"statistics": {', json.dumps(found))
        kept, _ = self.discover()
        self.assertTrue(kept["cached"])
        self.assertNotIn('"statistics": {', json.dumps(kept))
        self.database("CREATE TABLE more (id INTEGER)")
        out, _ = self.run_mapctl("discover", "crm", "--diff", "--format", "json")
        self.assertEqual([c["table"] for c in json.loads(out)["changes"]], ["more"])
        out, _ = self.run_mapctl("discover", "crm", "--diff", "--format", "json")
        self.assertEqual(len(json.loads(out)["changes"]), 1)  # it kept nothing
        self.assertFalse(self.is_taken())

    def test_a_part_is_taken_from_the_whole_and_never_kept_as_it(self):
        self.make_shop()
        self.assertEqual(self.tables("--table", "orders"), ["orders"])
        self.assertFalse(self.is_taken())
        self.assertTrue(self.is_taken("--table", "orders"))

    def test_proposals_and_batches_take_it_and_are_the_same(self):
        self.make_shop()
        propose = ("propose", "--source", "crm", "--target", "canonical", "--source-table", "orders",
                   "--format", "json")
        fresh, err = self.run_mapctl(*propose)
        self.assertNotIn("--refresh", err)
        kept, err = self.run_mapctl(*propose)
        self.assertIn("the catalog of 'crm' is", err)
        self.assertEqual(kept, fresh)
        _, err = self.run_mapctl(*propose, "--refresh")
        self.assertNotIn("the catalog of", err)
        self.write("plan.yaml", "version: 1\nname: p\nsource: crm\ntarget: canonical\n"
                   "pairs: [{source: orders, target: auto}]\noutput: {workbook: out/w.xlsx}\n")
        _, err = self.batch("plan.yaml")
        self.assertEqual(err.count("the catalog of 'crm' is"), 1, err)
        _, err = self.batch("plan.yaml", "--refresh")
        self.assertNotIn("the catalog of", err)
        self.assertTrue(self.is_taken())

    def test_files_are_read_anew_when_one_of_them_has_changed(self):
        self.write("in/a.csv", "id,name\n1,x\n")
        self.write("in/b.csv", "id\n1\n")
        self.profile("connector: file\noptions: {path: ../in}")
        self.discover()
        self.assertTrue(self.is_taken())
        self.write("in/b.csv", "id,more\n1,2\n")
        self.assertFalse(self.is_taken())
        self.assertTrue(self.is_taken())
        self.write("in/c.csv", "id\n1\n")
        self.assertEqual(self.tables(), ["a", "b", "c"])
        self.assertTrue(self.is_taken())
        os.unlink(self.folder / "in/a.csv")
        self.assertEqual(self.tables(), ["b", "c"])

    def test_a_wrong_lifetime_names_file_and_line(self):
        self.make_shop(lifetime="soon")
        _, err = self.run_mapctl("discover", "crm", expect=2)
        self.assertRegex(err, r"crm\.yaml:4:\d+")

    def test_a_system_that_is_gone_is_not_covered_up(self):
        self.make_shop()
        self.discover()
        (self.folder / "shop.db").unlink()
        self.run_mapctl("discover", "crm", expect=1)

    def test_a_damaged_note_is_as_none(self):
        self.make_shop()
        self.discover()
        (note,) = (self.folder / ".mapctl/catalogs").iterdir()
        deep = "[" * 300_000 + "]" * 300_000
        for text in ("", "{", "[]", '{"schema": "mapctl.kept_catalog/1", "snapshot": 7}',
                     '{"schema": "mapctl.kept_catalog/1", "mark": ' + deep + "}"):
            note.write_text(text)
            self.assertFalse(self.is_taken(), text[:100])

    def test_a_rest_source_without_a_mark_is_not_asked_within_the_lifetime(self):
        server = subprocess.Popen(
            [sys.executable, SOURCE / "tests/support/rest_server.py", "--data", str(self.folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait, 20)
        self.addCleanup(server.stdin.close)
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"

        def asked():
            with urllib.request.urlopen(url + "/_log", timeout=20) as answer:
                return len(json.load(answer)["requests"])

        self.profile(f"connector: rest\noptions: {{base_url: '{url}', "
                     "streams: {pages: {path: /pages, records: items}}}")
        self.assertFalse(self.is_taken())
        before = asked()
        self.assertGreater(before, 0)
        self.at(60)
        _, err = self.discover()
        self.assertIn("its profile lets it serve for 1h 00m", err)
        self.assertLessEqual(asked() - before, 1)  # this look itself
        self.at(HOUR)
        self.assertFalse(self.is_taken())


def mariadb_server():
    state = Path(os.environ["MAPCTL_TEST_BINARY_DIR"]) / "tests/support/mariadb.state"
    return state.read_text().split("\n") if state.exists() and shutil.which("mariadb") else None


@unittest.skipIf(mariadb_server() is None, "no MariaDB server of the test run")
class OnMariaDb(WithCache):
    def setUp(self):
        super().setUp()
        self.port, _, _, _, self.user, self.password = mariadb_server()[:6]
        self.name = f"cache_{os.getpid()}"
        self.sql(f"CREATE DATABASE {self.name}", database="")
        self.addCleanup(self.sql, f"DROP DATABASE {self.name}", "")
        self.environment["SHOP_PASSWORD"] = self.password
        self.profile(
            f"connector: odbc\noptions: {{driver: MariaDB Unicode, server: 127.0.0.1, "
            f"port: '{self.port}', database: {self.name}}}\n"
            f"auth: {{user: {self.user}, password: '${{env:SHOP_PASSWORD}}'}}")

    def sql(self, statement, database=None):
        subprocess.run(
            ["mariadb", "--no-defaults", "--protocol=tcp", "--host=127.0.0.1",
             f"--port={self.port}", f"--user={self.user}", self.name if database is None else database],
            input=statement, text=True, check=True, env={**os.environ, "MYSQL_PWD": self.password})

    def test_each_change_of_structure_ends_it(self):
        self.sql("CREATE TABLE p (a INT, b INT, PRIMARY KEY (a, b)); "
                 "CREATE TABLE c (id INT PRIMARY KEY, x INT, y INT, KEY (x, y))")
        self.discover()
        self.sql("INSERT INTO p VALUES (1, 2)")
        self.assertTrue(self.is_taken())
        for change in ("ALTER TABLE c ADD note VARCHAR(10)",
                       "ALTER TABLE c MODIFY note VARCHAR(20)",
                       "ALTER TABLE c MODIFY note VARCHAR(20) COMMENT 'told'",
                       "ALTER TABLE c ALTER note SET DEFAULT 'x'",
                       "ALTER TABLE c COMMENT 'children'",
                       "ALTER TABLE c ADD CONSTRAINT k FOREIGN KEY (x, y) REFERENCES p (a, b)",
                       "ALTER TABLE c DROP FOREIGN KEY k",
                       "ALTER TABLE p DROP PRIMARY KEY, ADD PRIMARY KEY (b, a)",
                       "CREATE VIEW v AS SELECT id FROM c",
                       "RENAME TABLE c TO d",
                       "DROP TABLE d"):
            self.sql(change)
            self.assertFalse(self.is_taken(), change)
            self.assertTrue(self.is_taken(), change)


if __name__ == "__main__":
    unittest.main()
