#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each shipped profile is loaded, and its connector takes it: what fails is the network."""
import json
import os
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


if __name__ == "__main__":
    unittest.main()
