#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every form of export, to a file and to standard output, of a run and of the registry."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../batch"))
from project import Project

TEXT = ("html", "csv", "json", "jsonl", "yaml", "sql")


class Export(Project):
    def setUp(self):
        super().setUp()
        self.init()
        self.make_tables(2)
        self.plan(["{source: 'contacts_*', target: contact}"])
        self.batch("plan.yaml")

    def test_a_file_holds_the_same_bytes_as_standard_output(self):
        for scope in ([], ["--run"]):
            for form in TEXT:
                with self.subTest(form=form, scope=scope):
                    out, err = self.run_mapctl("export", "--format", form, *scope)
                    self.assertIn("email", out)
                    self.assertEqual(err, "")
                    said, _ = self.run_mapctl("export", "--format", form, *scope, "-o",
                                              f"new/folder/x.{form}")
                    self.assertEqual(said, "")
                    path = self.folder / f"new/folder/x.{form}"
                    self.assertEqual(path.read_text(encoding="utf-8"), out)

    def test_workbooks_archives_and_projects_need_a_place(self):
        for scope in ([], ["--run"]):
            for form in ("xlsx", "zip"):
                self.run_mapctl("export", "--format", form, *scope, "-o", f"x.{form}")
                self.assertTrue((self.folder / f"x.{form}").read_bytes().startswith(b"PK"))
                self.run_mapctl("export", "--format", form, expect=2)
            self.run_mapctl("export", "--format", "dbt", *scope, "-o", "x-dbt")
            self.assertTrue(any((self.folder / "x-dbt").rglob("*.sql")))

    def test_filters_leave_only_what_matches(self):
        def rows(*filters):
            out, _ = self.run_mapctl("export", "--format", "jsonl", "--run", *filters)
            return [json.loads(line) for line in out.splitlines()]

        everything = rows()
        one = rows("--source", "contacts_000")
        self.assertTrue(0 < len(one) < len(everything))
        self.assertNotIn("contacts_001", json.dumps(one))
        self.assertEqual(rows("--entity", "account"), [])
        self.assertEqual(rows("--status", "approved"), [])
        self.assertTrue(rows("--status", "proposed"))

    def test_what_was_exported_before_stays_when_it_cannot_be_written(self):
        path = self.write("kept.csv", "mine\n")
        _, err = self.run_mapctl("export", "--format", "csv", "-o", "kept.csv/deeper.csv", expect=1)
        self.assertIn("kept.csv", err)
        self.assertEqual(path.read_text(), "mine\n")


if __name__ == "__main__":
    unittest.main()
