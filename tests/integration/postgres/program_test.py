#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program on a PostgreSQL database: discovery, differences, proposals, a batch, failures."""
import json
import os
import sys
import unittest
import urllib.parse
import zipfile

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(FOLDER, "../batch"), os.path.join(FOLDER, "../../support")]
from postgres_database import PASSWORD, Database, server  # noqa: E402
from project import SOURCE, Project  # noqa: E402

SKIPPED = 4
SERVER = server()


class OnPostgres(Project):
    def setUp(self):
        super().setUp()
        self.init()
        self.environment["MAPCTL_LOG_LEVEL"] = "debug"
        self.database = Database(SERVER, self.id().rsplit(".", 1)[1])
        self.addCleanup(self.database.drop)
        self.name, self.url, self.sql = self.database.name, self.database.url, self.database.run
        self.sql((SOURCE / "tests/data/postgres/crm.sql").read_text(encoding="utf-8"))
        secret = urllib.parse.quote(PASSWORD, safe="")
        self.secret_url = f"postgresql://mapctl:{secret}@127.0.0.1:{SERVER['port']}/{self.name}"

    def tables(self, endpoint, *arguments):
        out, err = self.run_mapctl("discover", endpoint, *arguments, "--format", "json")
        document = json.loads(out)
        return {f"{s['name']}.{t['name']}": t for s in document["schemas"] for t in s["tables"]}, err

    def test_discover_shows_structure_and_statistics(self):
        tables, err = self.tables(self.url, "--stats")
        self.assertNotIn("warning", err)
        self.assertEqual(set(tables), {"public.contacts", "public.accounts", "sales.deals"})
        contacts = tables["public.contacts"]
        self.assertEqual(contacts["row_count"], 200)
        columns = {c["name"]: c for c in contacts["columns"]}
        self.assertEqual(columns["email"]["native_type"], "character varying(120)")
        self.assertEqual(columns["email"]["statistics"]["distinct"], 200)
        self.assertNotIn("ana1@example.com", json.dumps(columns["email"]["statistics"]))
        self.assertEqual(columns["stage"]["allowed_values"], ["lead", "customer", "lost"])
        self.assertEqual(contacts["foreign_keys"][0]["references"]["table"], "accounts")
        out, _ = self.run_mapctl("discover", self.url, "--table", "sales.*")
        self.assertIn("partition_key: RANGE (closed_on)", out)

    def test_diff_tells_what_changed_and_keeps_the_old_snapshot(self):
        self.run_mapctl("discover", self.url)
        self.sql("ALTER TABLE contacts ADD nickname text; ALTER TABLE contacts ALTER email TYPE text;"
                 "COMMENT ON TABLE accounts IS 'companies'")
        out, _ = self.run_mapctl("discover", self.url, "--diff", "--format", "json")
        changes = {(c["kind"], c["table"], c["column"]) for c in json.loads(out)["changes"]}
        self.assertIn(("column_added", "contacts", "nickname"), changes)
        self.assertIn(("type_changed", "contacts", "email"), changes)

    def test_batch_maps_to_canonical_with_a_password_that_no_file_or_output_holds(self):
        self.write("profiles/crm.yaml",
                   f"name: crm\nextends: postgres\noptions: {{host: 127.0.0.1, port: '{SERVER['port']}',"
                   f" database: {self.name}, user: mapctl}}\nauth: {{password: '${{env:CRM_PASSWORD}}'}}\n")
        self.environment["CRM_PASSWORD"] = PASSWORD
        said = ""
        for source in ("crm", self.secret_url):
            name = "profile" if source == "crm" else "url"
            self.write(f"{name}.yaml",
                       f"version: 1\nname: {name}\nsource: '{source}'\ntarget: canonical\npairs:\n"
                       "  - {source: public.contacts, target: contact}\n"
                       "  - {source: 'sales.*', target: auto}\n"
                       f"output: {{workbook: out/{name}.xlsx, also: [html, csv, json, sql]}}\n")
            summary, err = self.batch(f"{name}.yaml")
            said += err
            self.assertEqual([job["status"] for job in summary["jobs"]], ["done", "done"])
            self.assertGreaterEqual(summary["jobs"][0]["mapped"], 5)
            for arguments in (["propose", "--source", source, "--target", "canonical",
                               "--source-table", "contacts", "--save", "--explain"],
                              ["profile", "test", source], ["discover", source, "--diff"],
                              ["registry", "runs", "--format", "json"]):
                out, err = self.run_mapctl(*arguments)
                said += out + err
        self.assertIn("has its password in plain text", said)
        looked_at = 0
        for secret in (PASSWORD, urllib.parse.quote(PASSWORD, safe="")):
            self.assertNotIn(secret, said)
            for path in self.folder.rglob("*"):
                if not path.is_file() or path.name == "url.yaml":
                    continue
                contents = [path.read_bytes()]
                if zipfile.is_zipfile(path):
                    with zipfile.ZipFile(path) as book:
                        contents += [book.read(member) for member in book.namelist()]
                for content in contents:
                    looked_at += 1
                    self.assertNotIn(secret.encode(), content, path)
        self.assertGreater(looked_at, 20)

    def test_a_registry_is_named_by_a_service_and_opened_by_a_password_file(self):
        services = self.write("home/services", f"[registry]\nhost=127.0.0.1\nport={SERVER['port']}\n"
                                               f"dbname={self.name}\nuser=mapctl\n")
        escaped = PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
        passwords = self.write("home/.pgpass", f"*:*:{self.name}:mapctl:{escaped}\n")
        passwords.chmod(0o600)
        self.environment |= {"PGSERVICEFILE": str(services), "PGPASSFILE": str(passwords)}
        registry = "postgresql:///?service=registry&schema=maps"
        said = "".join(self.run_mapctl("init", "--registry-only", "--registry", registry))
        self.environment["MAPCTL_REGISTRY"] = registry
        self.write("in/leads.csv", "email,city\na@example.com,Oslo\n")
        said += "".join(self.run_mapctl("propose", "--source", "file:in/leads.csv", "--target", "canonical", "--save"))
        out, err = self.run_mapctl("registry", "status", "--format", "json")
        said += out + err
        self.assertIn("service=registry", out)
        out, err = self.run_mapctl("registry", "lineage", "--format", "csv")
        self.assertEqual(len(out.splitlines()), 1)
        self.assertIn("registry lineage --refresh", err)
        out, err = self.run_mapctl("registry", "lineage", "--refresh", "--format", "csv")
        self.assertIn("email", out)
        self.assertNotIn("--refresh", err)
        self.sql("SELECT 1 / count(*) FROM maps.field_mappings", role="postgres")
        passwords.chmod(0o640)
        out, err = self.run_mapctl("registry", "status", expect=5)
        said += out + err
        self.assertIn("mode 0640", err)
        self.assertIn(f"hint: chmod 0600 '{passwords}'", err)
        passwords.write_text("*:*:*:mapctl:hunter2\n", encoding="utf-8")
        passwords.chmod(0o600)
        out, err = self.run_mapctl("registry", "status", expect=5)
        said += out + err
        self.assertIn(f"check the line of '{passwords}'", err)
        for secret in (PASSWORD, escaped, "hunter2"):
            self.assertNotIn(secret, said)

    def test_a_system_that_refuses_ends_with_5_and_a_hint(self):
        wrong = self.secret_url.replace("p%40ss", "wrong")
        for url, words in ((wrong, "password"), (self.url.replace("mapctl@", "nobody@"), "nobody"),
                           ("postgresql://me@127.0.0.1:1/crm", "refused")):
            out, err = self.run_mapctl("discover", url, expect=5)
            self.assertEqual(out, "")
            self.assertIn("error: ", err)
            self.assertIn("hint: ", err)
            self.assertIn(words, err)
        _, err = self.run_mapctl("discover", self.url.replace(self.name, "nothing"), expect=1)
        self.assertIn("'nothing'", err)

    def test_a_kept_catalog_serves_until_the_structure_has_changed(self):
        self.write("profiles/crm.yaml",
                   "name: crm\nextends: postgres\n"
                   f"options: {{host: {SERVER['directory']}, port: '{SERVER['port']}',"
                   f" database: {self.name}, user: mapctl}}\nlimits: {{catalog_lifetime: 1h}}\n")

        def is_taken():
            out, err = self.run_mapctl("discover", "crm", "--format", "json")
            document = json.loads(out)
            self.assertEqual(document.get("cached", False), "nothing has changed since" in err)
            return document.get("cached", False)

        self.assertFalse(is_taken())
        self.sql("INSERT INTO accounts SELECT * FROM accounts LIMIT 0; ANALYZE accounts;"
                 "CREATE TEMPORARY TABLE passing (id int PRIMARY KEY, t text DEFAULT 'x')")
        self.sql("VACUUM accounts")
        self.assertTrue(is_taken())
        for change in ("ALTER TABLE contacts ADD nickname varchar(10)",
                       "ALTER TABLE contacts ALTER nickname TYPE varchar(20)",
                       "ALTER TABLE contacts RENAME nickname TO called",
                       "ALTER TABLE contacts ALTER called SET DEFAULT 'x'",
                       "COMMENT ON COLUMN contacts.called IS 'among friends'",
                       "ALTER TABLE contacts ADD UNIQUE (called)",
                       "ALTER TABLE contacts DROP called",
                       "CREATE TYPE mood AS ENUM ('good')", "ALTER TYPE mood ADD VALUE 'bad'",
                       "CREATE VIEW seen AS SELECT 1 AS one",
                       "GRANT SELECT ON accounts TO public",
                       "DROP VIEW seen"):
            self.sql(change)
            self.assertFalse(is_taken(), change)
            self.assertTrue(is_taken(), change)


if __name__ == "__main__":
    if SERVER is None:
        print("skipped: no PostgreSQL server of the test run")
        sys.exit(1 if "postgres" in os.environ.get("MAPCTL_REQUIRE", "").split(",") else SKIPPED)
    unittest.main()
