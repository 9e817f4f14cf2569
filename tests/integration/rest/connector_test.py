# SPDX-License-Identifier: Apache-2.0
"""`connector new`, `connector test` and `--allow-stale` over HTTP, with the real program.

The system is tests/support/rest_server.py; its OpenAPI description stands below.
"""

import json
import os
import sqlite3
import unittest

from rest_program import TOKEN, RestProgram

ITEM = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "price": {"type": "number"},
        "owner": {"type": "object", "properties": {"mail": {"type": "string"}}},
    },
}


def lists(records, parameters=()):
    answer = {"type": "array", "items": ITEM}
    if records:
        answer = {"type": "object", "properties": {records: answer}}
    return {
        "get": {
            "parameters": [{"name": name, "in": "query"} for name in parameters],
            "responses": {"200": {"content": {"application/json": {"schema": answer}}}},
        }
    }


DESCRIPTION = {
    "openapi": "3.0.3",
    "info": {"title": "Things"},
    "servers": [{"url": "/"}],
    "security": [{"token": []}],
    "paths": {
        "/pages": lists("items", ["page", "per_page"]),
        "/offsets": lists("items", ["offset", "limit"]),
        "/secured": lists("items"),
        "/boxes/{box}/things": lists("items"),
    },
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
}

PROFILE = """name: {name}
connector: rest
options:
  base_url: {url}
  authentication: bearer
  record_path: items
  check: {check}
  paging: {{type: page, parameter: page, size_parameter: per_page, size: 10}}
  streams: {{pages: {{path: pages, primary_key: {key}}}, secured: {{path: secured, paging: none}}}}
  {more}
auth: {{token: "${{env:CRM_TOKEN}}"}}
retry: {{attempts: 2, backoff: 10ms}}
"""


class Connectors(RestProgram):
    def setUp(self):
        super().setUp()
        self.description = os.path.join(self.data, "openapi.json")
        with open(self.description, "w", encoding="utf-8") as file:
            json.dump(DESCRIPTION, file)

    def write_profile(self, name="crm", check="secured", key="id", more=""):
        self.write(f"profiles/{name}.yaml",
                   PROFILE.format(name=name, url=self.url, check=check, key=key, more=more))

    def report(self, *arguments, expect=0, **environment):
        result = self.run_program(
            "connector", "test", *arguments, "--format", "json", expect=expect, **environment
        )
        document = json.loads(result.stdout)
        self.assertEqual(document["schema"], "mapctl.connector_test/1")
        return document, {check["name"]: check for check in document["checks"]}

    def test_a_profile_made_from_a_url_reads_the_system(self):
        made = self.run_program("connector", "new", "things", "--from-openapi",
                                self.url + "/data/openapi.json", "--format", "json")
        document = json.loads(made.stdout)
        self.assertEqual(document["streams"], ["pages", "offsets", "secured"])
        self.assertEqual(document["missing_values"], ["box"])
        self.assertTrue(os.path.exists(os.path.join(self.work, "profiles/things.openapi.json")))
        found = json.loads(self.run_program("discover", "things", "--format", "json",
                                            THINGS_TOKEN=TOKEN).stdout)
        tables = {t["name"]: t for t in found["schemas"][0]["tables"]}
        self.assertEqual(sorted(tables), ["offsets", "pages", "secured"])
        types = {c["name"]: c["type"] for c in tables["pages"]["columns"]}
        self.assertEqual(types["id"], "integer")
        self.assertIn("owner.mail", types)
        self.assertEqual(tables["pages"]["primary_key"], ["id"])
        document, checks = self.report("things", "--table", "pages", THINGS_TOKEN=TOKEN, expect=4)
        self.assertIn("25 rows of 'pages'", checks["page"]["detail"])
        # /pages asks nobody who they are.
        self.assertIn("accepted", checks["wrong credentials"]["detail"])

    def test_a_description_in_a_file_is_named_and_nothing_is_overwritten(self):
        arguments = ["connector", "new", "things", "--from-openapi", self.description,
                     "--set", "box=b1", "--stream", "pages", "--stream", "things"]
        self.run_program(*arguments)
        with open(os.path.join(self.work, "profiles/things.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.assertIn("openapi: ", text)
        self.assertIn("boxes/{{ config.box }}/things", text)
        self.assertNotIn("offsets", text)
        again = self.run_program(*arguments, expect=1)
        self.assertIn("already", again.stderr)
        self.run_program("profile", "show", "things")

    def test_what_is_no_description_makes_no_profile(self):
        result = self.run_program("connector", "new", "bad", "--from-openapi", self.url + "/pages",
                                  expect=2)
        self.assertIn("no OpenAPI 3", result.stderr)
        self.assertEqual(os.listdir(os.path.join(self.work, "profiles")), [])
        self.run_program("connector", "new", "bad", "--from-openapi", self.url + "/status/404",
                         expect=1)

    def test_a_good_profile_passes_every_check(self):
        self.write_profile()
        document, checks = self.report("crm", "--table", "pages")
        self.assertEqual(document["status"], "passed")
        self.assertEqual(
            list(checks),
            ["connect", "list", "page", "resume", "wrong credentials", "rate limit"],
        )
        for name, check in checks.items():
            self.assertEqual(check["status"], "passed", name)
        self.assertEqual(checks["page"]["detail"], "25 rows of 'pages' in 3 requests")
        self.assertGreater(checks["rate limit"]["seconds"], 1.0)
        self.assertEqual(document["http"]["circuit_breaker"], "closed")
        self.assertEqual(document["http"]["requests"], len(self.requests()))
        table = self.run_program("connector", "test", "crm", "--table", "secured").stdout
        self.assertIn("wrong credentials", table)
        self.assertRegex(table, r"page +passed")

    def test_faults_are_found_and_named(self):
        self.write_profile(check="pages")
        _, checks = self.report("crm", expect=4)
        self.assertEqual(checks["wrong credentials"]["status"], "failed")
        self.assertTrue(checks["wrong credentials"]["hint"])
        # owner.id is no key: two of three rows share one.
        self.write_profile(key="owner.id")
        _, checks = self.report("crm", "--table", "pages", expect=4)
        self.assertEqual(checks["page"]["status"], "failed")
        self.assertIn("twice", checks["page"]["detail"])
        self.write_profile(more="errors: [{status: 429, action: fail}]")
        _, checks = self.report("crm", "--table", "pages", expect=4)
        self.assertEqual(checks["rate limit"]["status"], "failed")

    def test_a_system_that_is_down_or_refuses_ends_with_5(self):
        self.write_profile()
        _, checks = self.report("crm", expect=5, CRM_TOKEN="wrong")
        self.assertEqual(checks["connect"]["status"], "failed")
        self.assertEqual(checks["list"]["status"], "skipped")
        self.stop_server()
        self.report("crm", expect=5)
        self.run_program("connector", "test", "no_such_profile", expect=1)

    def test_a_database_is_held_to_what_applies_to_it(self):
        with sqlite3.connect(os.path.join(self.work, "shop.db")) as database:
            database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)")
            database.executemany("INSERT INTO t VALUES (?, ?)", [(i, f"v{i}") for i in range(900)])
        document, checks = self.report("sqlite:shop.db")
        self.assertEqual(document["status"], "passed")
        self.assertIn("500 rows of 't'", checks["page"]["detail"])
        self.assertEqual(checks["resume"]["status"], "passed")
        self.assertEqual(checks["rate limit"]["status"], "skipped")
        self.assertEqual(checks["wrong credentials"]["status"], "skipped")

    def test_every_connector_says_why_and_how_it_is_tested(self):
        listed = json.loads(self.run_program("connector", "list", "--format", "json").stdout)
        for one in listed["connectors"]:
            self.assertIn(one["approach"], ("generic", "openapi", "hybrid", "custom"), one["name"])
            self.assertTrue(one["reason"] and one["tested"], one["name"])

    def test_a_catalog_that_was_kept_stands_in_for_a_system_that_is_down(self):
        self.run_program("init")
        self.write_profile()
        self.run_program("discover", "crm")
        before = json.loads(self.run_program("registry", "status", "--format", "json").stdout)
        self.stop_server()
        self.run_program("discover", "crm", expect=5)
        result = self.run_program("discover", "crm", "--allow-stale", "--format", "json")
        found = json.loads(result.stdout)
        self.assertTrue(found["stale"])
        self.assertGreaterEqual(found["age_seconds"], 0)
        self.assertEqual([t["name"] for t in found["schemas"][0]["tables"]], ["pages", "secured"])
        self.assertRegex(result.stderr, r"its catalog of \d{4}-\d\d-\d\dT.* is used, which is .* old")
        one = self.run_program("discover", "crm", "--allow-stale", "--table", "pages",
                               "--format", "csv")
        self.assertNotIn("secured", one.stdout)
        proposed = json.loads(self.run_program(
            "propose", "--source", "crm", "--target", "canonical", "--source-table", "pages",
            "--target-table", "product", "--allow-stale", "--format", "json").stdout)
        self.assertEqual(proposed["pairs"][0]["source_table"], "pages")
        # What is old is not kept as new.
        after = json.loads(self.run_program("registry", "status", "--format", "json").stdout)
        self.assertEqual(before, after)
        self.write("plan.yaml", "version: 1\nname: stale\nsource: crm\ntarget: canonical\n"
                   "pairs: [{source: pages, target: product}]\noutput: {workbook: stale.xlsx}\n")
        self.run_program("batch", "plan.yaml", expect=5)
        ran = self.run_program("batch", "plan.yaml", "--allow-stale", "--format", "json")
        self.assertEqual(json.loads(ran.stdout)["jobs"][0]["status"], "done")
        again = json.loads(self.run_program(
            "discover", "crm", "--allow-stale", "--format", "json").stdout)
        self.assertEqual(again["taken_at"], found["taken_at"])
        # A system of which nothing was kept is still an error, and so is a wrong profile.
        self.write_profile(name="other")
        self.run_program("discover", "other", "--allow-stale", expect=5)
        self.run_program("discover", "no_such_profile", "--allow-stale", expect=1)


if __name__ == "__main__":
    unittest.main()
