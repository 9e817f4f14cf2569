# SPDX-License-Identifier: Apache-2.0
"""A project with one reviewed pair, for the tests of this folder."""
import json
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../batch"))
from project import PROGRAM, Project  # noqa: F401

SKIPPED = 4


def skip_without(need, reason):
    required = os.environ.get("MAPCTL_REQUIRE", "").split(",")
    if need in required or "all" in required:
        sys.exit(f"needed, but not available: {reason}")
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


class ReviewProject(Project):
    """Three mappings of one pair: people.email, people.given and people.town are proposed."""

    def setUp(self):
        super().setUp()
        self.init()
        self.write("old.csv", "table,column,type,description\n"
                              "people,email,varchar(80),E-mail address\n"
                              "people,first_name,varchar(40),Given name\n"
                              "people,city,varchar(40),Town\n"
                              "people,zzz_flag,varchar(1),\n")
        self.write("new.csv", "table,column,type,description\n"
                              "contact,email,varchar(80),E-mail address\n"
                              "contact,first_name,varchar(40),Given name\n"
                              "contact,city,varchar(40),Town\n"
                              "contact,orbit_radius,double,Distance from the star\n")
        self.plan_text()
        self.batch("plan.yaml")

    def plan_text(self):
        self.write("plan.yaml",
                   "version: 1\nname: test\nsource: 'dictionary:old.csv'\n"
                   "target: 'dictionary:new.csv'\npairs:\n"
                   "  - {source: people, target: contact}\n"
                   "output: {workbook: out/w.xlsx}\n")

    def review(self, *arguments, expect=0, user=None):
        before = self.environment["MAPCTL_USER"]
        self.environment["MAPCTL_USER"] = user or before
        try:
            out, err = self.run_mapctl("review", *arguments, "--format", "json", expect=expect)
        finally:
            self.environment["MAPCTL_USER"] = before
        return json.loads(out) if out.strip() else err

    def statuses(self):
        return {item["source_field"] + ">" + item["field"]: item["status"]
                for item in self.review("list")["items"]}

    def sql(self, text, *values):
        registry = sqlite3.connect(self.folder / ".mapctl/registry.db")
        try:
            return registry.execute(text, values).fetchall()
        finally:
            registry.close()

    def audit_rows(self):
        return self.sql("SELECT count(*) FROM mapping_audit_log")[0][0]
