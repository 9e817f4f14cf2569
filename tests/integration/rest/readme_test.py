# SPDX-License-Identifier: Apache-2.0
"""The README's page on REST systems, walked as it is written: its commands and its profile, with the
hosts of the text replaced by tests/support/rest_server.py (and a rate that takes less time)."""

import json
import os
import re
import unittest

from rest_program import SOURCE, RestProgram

SECTION = "## Add a REST system in ten minutes"
HOSTS = ("https://crm.example.org/openapi.json", "https://api.example.org/v1")

MANIFEST = """version: 4.0.0
type: DeclarativeSource
streams:
  - name: people
    primary_key: id
    retriever:
      requester: {url_base: "%s", path: people}
      record_selector: {extractor: {type: DpathExtractor, field_path: [data]}}
    schema_loader: {type: InlineSchemaLoader, schema: {properties: {id: {type: integer}}}}
"""


def fields(**properties):
    return {"type": "object", "properties": properties}


def answers(**properties):
    schema = fields(data={"type": "array", "items": fields(id={"type": "integer"})}, **properties)
    return {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}


DESCRIPTION = {
    "openapi": "3.0.3",
    "info": {"title": "CRM"},
    "servers": [{"url": "/crm"}],
    "paths": {
        "/people": {"get": {"parameters": [{"name": "after", "in": "query"}],
                            **answers(paging=fields(next={"type": "string"}))}},
        "/people/{person_id}/notes": {"get": answers()},
    },
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
}


class Readme(RestProgram):
    def setUp(self):
        super().setUp()
        with open(os.path.join(self.data, "openapi.json"), "w", encoding="utf-8") as file:
            json.dump(DESCRIPTION, file)
        with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
            section = file.read().split(SECTION)[1].split("\n## ")[0]
        for host in HOSTS:
            self.assertIn(host, section)
        section = section.replace(HOSTS[0], self.url + "/data/openapi.json")
        section = section.replace(HOSTS[1], self.url + "/crm")
        self.shell = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
        self.yaml = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)

    def walk(self, block):
        commands = 0
        for line in block.splitlines():
            words = line.split(" #")[0].split()
            if words[:1] == ["mapctl"]:
                self.run_program(*words[1:])
                commands += 1
            else:
                self.assertRegex(line, r"^export CRM_TOKEN=")
        return commands

    def test_from_a_description(self):
        self.assertEqual(self.walk(self.shell[0]), 2)
        found = json.loads(self.run_program("discover", "crm", "--format", "json").stdout)
        self.assertEqual([t["name"] for t in found["schemas"][0]["tables"]], ["notes", "people"])

    def test_from_a_page_of_yaml(self):
        self.assertEqual(len(self.yaml), 1)
        self.assertIn("requests_per_second: 5}", self.yaml[0])
        self.write("profiles/crm.yaml", self.yaml[0].replace("_second: 5}", "_second: 50}"))
        self.write("manifest.yaml", MANIFEST % (self.url + "/crm"))
        self.assertEqual(self.walk(self.shell[1]), 5)
        found = self.run_program("discover", "crm", "--format", "csv").stdout
        self.assertIn("notes", found)
        self.assertIn("people", found)


if __name__ == "__main__":
    unittest.main()
