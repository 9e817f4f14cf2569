# SPDX-License-Identifier: Apache-2.0
"""A project with one reviewed pair, for the tests of this folder.

Its registry is a file, or a database where MAPCTL_TEST_REGISTRY is 'postgres'.
"""
import json
import os
import sqlite3
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(FOLDER, "../batch"), os.path.join(FOLDER, "../../support")]
from postgres_database import Database, server  # noqa: E402
from project import PROGRAM, Project  # noqa: E402,F401

SKIPPED = 4
ON_SERVER = os.environ.get("MAPCTL_TEST_REGISTRY") == "postgres"


def skip_without(need, reason):
    required = os.environ.get("MAPCTL_REQUIRE", "").split(",")
    if need in required or "all" in required:
        sys.exit(f"needed, but not available: {reason}")
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


if ON_SERVER and server() is None:
    skip_without("postgres", "no PostgreSQL server of the test run")


class ReviewProject(Project):
    """Three mappings of one pair: people.email, people.given and people.town are proposed."""

    def setUp(self):
        super().setUp()
        self.database = None
        if ON_SERVER:
            self.database = Database(server(), self.id().rsplit(".", 1)[1])
            self.addCleanup(self.database.drop)
            self.environment["MAPCTL_REGISTRY"] = self.database.url
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
        if self.database:
            self.database.wait_until_unused()
            return self.database.rows(text, *values)
        registry = sqlite3.connect(self.folder / ".mapctl/registry.db")
        try:
            return registry.execute(text, values).fetchall()
        finally:
            registry.close()

    def audit_rows(self):
        return self.sql("SELECT count(*) FROM mapping_audit_log")[0][0]
