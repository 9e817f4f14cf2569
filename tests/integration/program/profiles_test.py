#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each shipped profile is loaded, and its connector takes it: what fails is the network."""
import json
import os
import sqlite3
import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAM = os.environ["MAPCTL_TEST_PROGRAM"]
SHIPPED = Path(os.environ["MAPCTL_TEST_SOURCE_DIR"]) / "profiles" / "connectors"

# Systems that mapctl promises to ship a profile for, and its connector.
PROMISED = {
    "postgres": "postgres", "redshift": "postgres", "mysql": "odbc", "mariadb": "odbc",
    "sqlserver": "odbc", "sqlite": "sqlite", "salesforce": "salesforce", "hubspot": "rest",
    "zendesk": "rest", "pipedrive": "rest", "dynamics365": "rest", "sap_odata": "rest",
    "netsuite": "rest", "stripe": "rest", "github": "rest", "slack": "rest", "intercom": "rest",
    "jira": "rest", "shopify": "rest", "quickbooks": "rest", "couchdb": "couchdb",
    "mongodb": "mongodb",
}
# What a profile of one's own adds to reach a system. Port 1 is reserved and never answers.
OWN = {
    "postgres": ({"host": "127.0.0.1", "port": "1", "user": "ana"}, {"password": "s3cret"}),
    "odbc": ({"server": "127.0.0.1", "port": "1"}, {"user": "ana", "password": "s3cret"}),
    "salesforce": ({"login_url": "http://127.0.0.1:1"},
                   {"client_id": "s3cret", "refresh_token": "s3cret"}),
    "couchdb": ({"url": "http://127.0.0.1:1"}, {"username": "ana", "password": "s3cret"}),
    "mongodb": ({"url": "mongodb://127.0.0.1:1"}, {"username": "ana", "password": "s3cret"}),
}
LEFT_OUT = "is not in this build"


class Profiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_mapctl(self, *args):
        return subprocess.run([PROGRAM, *args, "--profiles", self.folder], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False, cwd=self.folder)

    def test_every_promised_system_has_one_that_loads_without_a_warning(self):
        for name, connector in PROMISED.items():
            with self.subTest(profile=name):
                shown = self.run_mapctl("profile", "show", name, "--format", "json")
                self.assertEqual((shown.returncode, shown.stderr), (0, ""))
                profile = json.loads(shown.stdout)
                self.assertEqual(profile["connector"], connector)
                self.assertNotEqual(profile["description"], "")

    def test_every_shipped_file_has_options_that_its_connector_knows(self):
        listed = self.run_mapctl("connector", "list", "--options", "--format", "json")
        known = {}
        for connector in json.loads(listed.stdout)["connectors"]:
            known[connector["name"]] = {option["name"] for option in connector["options"]}
        files = sorted(path.stem for path in SHIPPED.glob("*.yaml"))
        self.assertGreaterEqual(len(files), len(PROMISED))
        for name in files:
            with self.subTest(profile=name):
                shown = self.run_mapctl("profile", "show", name, "--format", "json")
                self.assertEqual((shown.returncode, shown.stderr), (0, ""))
                profile = json.loads(shown.stdout)
                self.assertEqual(profile["name"], name)
                unknown = set(profile["options"]) - known[profile["connector"]]
                self.assertEqual(unknown, set())

    def test_a_profile_that_extends_one_gets_as_far_as_the_network(self):
        for name, connector in PROMISED.items():
            if connector not in OWN:
                continue
            with self.subTest(profile=name):
                options, secrets = OWN[connector]
                references = {}
                for key, value in secrets.items():
                    (self.folder / key).write_text(value, encoding="utf-8")
                    references[key] = f"${{file:{self.folder / key}}}"
                own = {"name": f"my_{name}", "extends": name, "options": options,
                       "auth": references, "limits": {"timeout": "5s"}, "retry": {"attempts": 1}}
                # JSON is YAML.
                (self.folder / f"my_{name}.yaml").write_text(json.dumps(own), encoding="utf-8")
                tested = self.run_mapctl("profile", "test", f"my_{name}")
                if LEFT_OUT in tested.stderr or "odbcinst" in tested.stderr:
                    continue  # this build lacks the connector, or this machine the driver
                self.assertEqual(tested.returncode, 5, tested.stderr)
                self.assertIn("hint: ", tested.stderr)
                self.assertNotIn("s3cret", tested.stdout + tested.stderr)

    def test_the_profile_of_sqlite_reads_a_file(self):
        database = self.folder / "x.db"
        database.write_bytes(b"")
        (self.folder / "mine.yaml").write_text(
            f"name: mine\nextends: sqlite\noptions: {{path: '{database}'}}\n", encoding="utf-8")
        tested = self.run_mapctl("profile", "test", "mine")
        self.assertEqual(tested.returncode, 0, tested.stderr)
        self.assertIn("SQLite", tested.stdout)

    def sqlite_through_odbc(self, **options):
        (self.folder / "profiles").mkdir(exist_ok=True)
        (self.folder / "else/where").mkdir(parents=True, exist_ok=True)
        (self.folder / "odbc.ini").write_text("[lite]\nDriver=SQLite3\n[typo]\nDriver=SQLite3\n"
                                              f"Database={self.folder}/typo.db\n", encoding="utf-8")
        with sqlite3.connect(self.folder / "shop.db") as database:
            database.execute("CREATE TABLE IF NOT EXISTS customer (id INTEGER PRIMARY KEY)")
        database.close()
        if options:
            own = {"name": "mine", "connector": "odbc", "options": options}
            (self.folder / "profiles/mine.yaml").write_text(json.dumps(own), encoding="utf-8")

    def at_other_folder(self, *args):
        # SQLite's driver reads a data source with a library of unixODBC that is unloaded together
        # with the driver and loses what it has read: no stack is left by which to pass over it.
        options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        ran = subprocess.run(
            [PROGRAM, *args, "--profiles", self.folder / "profiles"], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, check=False, cwd=self.folder / "else/where",
            env={**os.environ, "ODBCINI": str(self.folder / "odbc.ini"), "ASAN_OPTIONS": options})
        if LEFT_OUT in ran.stderr or "odbcinst" in ran.stderr:
            self.skipTest("no ODBC driver named 'SQLite3'")
        return ran

    def test_a_file_database_of_odbc_is_sought_beside_the_profile(self):
        self.sqlite_through_odbc(driver="SQLite3", database="../shop.db")
        found = self.at_other_folder("discover", "mine", "--format", "json")
        self.assertEqual(found.returncode, 0, found.stderr)
        self.assertIn('"customer"', found.stdout)

    def test_a_file_database_that_is_not_there_is_named_and_not_made(self):
        self.sqlite_through_odbc(driver="SQLite3", database="../shpo.db")
        tested = self.at_other_folder("profile", "test", "mine")
        self.assertEqual(tested.returncode, 1, tested.stderr)
        self.assertIn(f"there is no file '{self.folder}/shpo.db'", tested.stderr)
        self.sqlite_through_odbc(dsn="typo")
        tested = self.at_other_folder("profile", "test", "mine")
        self.assertEqual(tested.returncode, 1, tested.stderr)
        self.assertEqual([path.name for path in self.folder.rglob("*.db")], ["shop.db"])

    def test_a_file_database_of_a_data_source_takes_the_whole_path(self):
        # Which driver it has is known too late to tell that the option is a path.
        self.sqlite_through_odbc(dsn="lite", database="shop.db")
        tested = self.at_other_folder("profile", "test", "mine")
        self.assertEqual(tested.returncode, 2, tested.stderr)
        self.assertIn("write the whole path", tested.stderr)
        self.sqlite_through_odbc(dsn="lite", database=f"{self.folder}/shop.db")
        self.assertEqual(self.at_other_folder("profile", "test", "mine").returncode, 0)

    def test_a_file_database_is_added_by_its_path_from_here(self):
        self.sqlite_through_odbc()
        for name, more in (("mine", ["--connector", "odbc", "--option", "driver=SQLite3"]),
                           ("heir", ["--extends", "mine"])):
            added = self.at_other_folder("profile", "add", name, *more, "--option",
                                         "database=../../shop.db", "--directory", "../../profiles")
            self.assertEqual(added.returncode, 0, added.stderr)
            text = (self.folder / f"profiles/{name}.yaml").read_text(encoding="utf-8")
            self.assertIn('"../shop.db"', text)
            tested = self.at_other_folder("profile", "test", name)
            self.assertEqual(tested.returncode, 0, tested.stderr)


if __name__ == "__main__":
    unittest.main()
