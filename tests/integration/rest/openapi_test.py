# SPDX-License-Identifier: Apache-2.0
"""Profiles whose OpenAPI description is named by its URL, on a server beside that of the system."""

import json
import os
import subprocess
import sys
import unittest
import urllib.request

from rest_program import SOURCE, TOKEN, RestProgram

PROFILE = """name: crm
connector: rest
options:
  base_url: {url}
  authentication: bearer
  openapi: "{openapi}"
  streams: {{things: {{path: /secured, records: items, operation: listThings}}}}
  {more}
auth: {{token: "${{env:CRM_TOKEN}}"}}
retry: {{attempts: 3, backoff: 10ms}}
"""

NO_REGISTRY = ("note: there is no registry, so no snapshot is kept\n"
               "hint: make one with 'mapctl init'\n")


def description(*names):
    properties = {name: {"type": "string", "maxLength": 40} for name in names}
    record = {"type": "object", "properties": {"id": {"type": "integer"}, **properties}}
    answer = {"type": "object", "properties": {"items": {"type": "array", "items": record}}}
    content = {"application/json": {"schema": answer}}
    return {"openapi": "3.0.3", "info": {"title": "Things"},
            "paths": {"/secured": {"get": {"operationId": "listThings",
                                           "responses": {"200": {"content": content}}}}}}


class OpenApi(RestProgram):
    def setUp(self):
        super().setUp()
        self.documents = subprocess.Popen(
            [sys.executable, os.path.join(SOURCE, "tests/support/rest_server.py"),
             "--data", self.data],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.place = f"http://127.0.0.1:{self.documents.stdout.readline().strip()}"
        self.describe("name")

    def tearDown(self):
        self.stop_documents()
        super().tearDown()

    def stop_documents(self):
        if not self.documents.stdin.closed:
            self.documents.stdin.close()
            self.documents.wait(10)
            self.documents.stdout.close()

    def describe(self, *names):
        with open(os.path.join(self.data, "openapi.json"), "w", encoding="utf-8") as file:
            json.dump(description(*names), file)

    def write_profile(self, path="/data/openapi.json", more=""):
        self.write("profiles/crm.yaml",
                   PROFILE.format(url=self.url, openapi=self.place + path, more=more))

    def asked(self):
        with urllib.request.urlopen(self.place + "/_log", timeout=20) as answer:
            return json.load(answer)["requests"]

    def columns(self, **environment):
        """Names of the columns that discovery finds, and what it says beside them."""
        result = self.run_program("discover", "crm", "--format", "json", **environment)
        table = json.loads(result.stdout)["schemas"][0]["tables"][0]
        said = result.stderr.replace(NO_REGISTRY, "")
        return [column["name"] for column in table["columns"]], said

    def files(self):
        for folder, _, names in os.walk(self.folder.name):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    yield os.path.join(folder, name), file.read()

    def kept(self):
        return [path for path, _ in self.files() if "/documents/" in path]

    def test_a_description_is_fetched_once_and_again_when_it_has_changed(self):
        self.write_profile()
        self.assertEqual(self.columns(), (["id", "name"], ""))
        first = self.asked()
        self.assertEqual(len(first), 1)
        self.assertNotIn("if-none-match", first[0]["headers"])
        self.assertEqual(self.columns(), (["id", "name"], ""))
        again = self.asked()
        self.assertEqual(len(again), 2)
        self.assertIn("if-none-match", again[1]["headers"])
        self.describe("name", "price")
        self.assertEqual(self.columns(), (["id", "name", "price"], ""))
        self.assertEqual(self.columns(), (["id", "name", "price"], ""))
        self.assertEqual(len(self.kept()), 2)

    def test_a_copy_that_was_spoiled_is_fetched_anew(self):
        self.write_profile()
        self.columns()
        copy = [path for path in self.kept() if not path.endswith(".note.json")][0]
        for spoil in (copy, copy.replace(".json", ".note.json")):
            for text in ("{", "[" * 100_000, '{"schema": 7, "sha256": [], "checked_at": {}}'):
                with open(spoil, "w", encoding="utf-8") as file:
                    file.write(text)
                self.assertEqual(self.columns(), (["id", "name"], ""))
                self.assertNotIn("if-none-match", self.asked()[-1]["headers"])

    def test_a_copy_serves_with_its_age_while_its_server_is_down(self):
        self.write_profile()
        self.columns()
        self.stop_documents()
        found, said = self.columns()
        self.assertEqual(found, ["id", "name"])
        self.assertRegex(said, r"warning: .*; the copy of \d{4}-.* is used, which is .* old")
        self.assertIn("hint: what has changed since then is not seen", said)
        self.run_program("connector", "test", "crm")
        # The system itself is asked as ever: what failed was not its own.
        self.assertRegex(self.run_program("profile", "test", "crm").stdout,
                         r"circuit breaker +closed")

    def test_a_page_of_a_proxy_is_no_description(self):
        self.write_profile("/html")
        result = self.run_program("discover", "crm", expect=1)
        self.assertIn("profile 'crm', option 'openapi': ", result.stderr)
        self.assertIn("a web page (HTTP 200)", result.stderr)
        self.write_profile()
        self.columns()
        with open(os.path.join(self.data, "openapi.json"), "w", encoding="utf-8") as file:
            file.write("<!DOCTYPE html><html><body>log in</body></html>")
        found, said = self.columns()
        self.assertEqual(found, ["id", "name"])
        self.assertIn("the copy of ", said)

    def test_without_a_copy_what_is_wrong_is_named(self):
        for path, code, said in (
            ("/status/404", 1, "HTTP 404"),
            ("/status/401", 5, "download it, and name the file instead"),
            ("/status/503", 5, "HTTP 503"),
            ("/broken", 1, "/broken'"),
            ("/nested/100000", 1, "/nested/100000'"),
            ("/redirect?to=elsewhere", 5, "redirects to"),
        ):
            self.write_profile(path)
            result = self.run_program("discover", "crm", expect=code)
            self.assertIn("error: profile 'crm', option 'openapi': ", result.stderr)
            self.assertIn(said, result.stderr)
            self.assertIn("hint: ", result.stderr)
        self.stop_documents()
        self.write_profile()
        result = self.run_program("discover", "crm", expect=5)
        self.assertIn("profile 'crm', option 'openapi': ", result.stderr)

    def test_a_description_counts_under_the_limit_of_answers(self):
        self.describe(*(f"field_{number}" for number in range(200)))
        self.write_profile(more="response_limit: 4KB")
        result = self.run_program("discover", "crm", expect=1)
        self.assertIn("option 'openapi'", result.stderr)
        self.assertIn("response_limit", result.stderr)

    def test_equal_bytes_of_a_server_that_tells_no_version_stay_one_file(self):
        self.write_profile("/data/openapi.json?untold=1", more="")
        with open(os.path.join(self.work, "profiles/crm.yaml"), "a", encoding="utf-8") as file:
            file.write("limits: {catalog_lifetime: 1h}\n")
        self.run_program("init", ".")
        self.assertEqual(self.columns()[0], ["id", "name"])
        found, said = self.columns()
        self.assertEqual(found, ["id", "name"])
        self.assertIn("the catalog of 'crm' is", said)
        self.describe("name", "price")
        self.assertEqual(self.columns()[0], ["id", "name", "price"])

    def test_no_secret_leaves_for_it_or_is_kept(self):
        self.write_profile("/data/openapi.json?key=${env:DOCUMENT_KEY}")
        key = "k3y-of-the-document"
        found, said = self.columns(DOCUMENT_KEY=key)
        self.assertEqual(found, ["id", "name"])
        request = self.asked()[0]
        self.assertEqual(request["query"], {"key": key})
        self.assertNotIn("authorization", request["headers"])
        self.stop_documents()
        said += self.columns(DOCUMENT_KEY=key)[1]
        self.assertIn("the copy of ", said)
        self.assertNotIn(key, said)
        self.assertEqual(len(self.kept()), 2)
        for path, content in self.files():
            self.assertNotIn(key.encode(), content, path)
            self.assertNotIn(TOKEN.encode(), content, path)

    def test_a_profile_is_added_with_a_url(self):
        self.write_profile()
        self.run_program("profile", "add", "other", "--extends", "crm", "--option",
                         f"openapi={self.place}/data/openapi.json")
        with open(os.path.join(self.work, "profiles/other.yaml"), encoding="utf-8") as file:
            self.assertIn(f"{self.place}/data/openapi.json", file.read())


if __name__ == "__main__":
    unittest.main()
