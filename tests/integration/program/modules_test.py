#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Damaged installations: modules and shipped data that are missing, cut off or of another version,
and registries of a newer program."""
import json
import os
import shutil
import sqlite3
import sys
import unittest
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../batch"))
from project import PROGRAM, Project


class Modules(Project):
    def setUp(self):
        super().setUp()
        installed = Path(PROGRAM).resolve().parent.parent
        self.prefix = self.folder / "prefix"
        (self.prefix / "bin").mkdir(parents=True)
        shutil.copy2(PROGRAM, self.prefix / "bin/mapctl")
        self.modules = self.prefix / "lib/mapctl"
        if not (installed / "lib/mapctl/mapctl_duckdb.so").exists():
            print("a build without modules: everything is linked")
            sys.exit(4)
        shutil.copytree(installed / "lib/mapctl", self.modules, symlinks=True)
        shutil.copytree(installed / "share", self.prefix / "share", symlinks=True)
        self.make_tables(1)
        self.program = str(self.prefix / "bin/mapctl")

    def start(self, *arguments, **options):
        import project

        original, project.PROGRAM = project.PROGRAM, self.program
        try:
            return super().start(*arguments, **options)
        finally:
            project.PROGRAM = original

    def test_the_copied_tree_works(self):
        self.run_mapctl("discover", "file:in")

    def test_a_missing_module_is_named_with_the_way_out(self):
        (self.modules / "mapctl_duckdb.so").unlink()
        _, err = self.run_mapctl("discover", "file:in", expect=1)
        self.assertIn("error: module 'duckdb' is missing", err)
        self.assertIn("hint: install mapctl completely", err)

    def test_what_needs_no_module_works_without_any(self):
        shutil.rmtree(self.modules)
        self.write("d.csv", "table,column,type,description\nt,email,varchar(9),\n")
        self.run_mapctl("discover", "dictionary:d.csv")
        self.init()
        self.run_mapctl("registry", "status")
        self.run_mapctl("export", "--format", "csv")

    def test_a_truncated_module_cannot_be_loaded(self):
        path = self.modules / "mapctl_duckdb.so"
        for size in (0, 100, 4096):
            with self.subTest(size=size):
                path.write_bytes(path.read_bytes()[:size])
                _, err = self.run_mapctl("discover", "file:in", expect=1)
                self.assertIn("error: module 'duckdb' cannot be loaded", err)
                self.assertIn("hint:", err)

    def test_a_library_that_is_no_module_is_told_as_such(self):
        shutil.copy(self.modules / "libduckdb.so", self.modules / "mapctl_xlsx.so")
        self.init()
        _, err = self.run_mapctl("export", "--format", "xlsx", "-o", "x.xlsx", expect=1)
        self.assertIn("is not a module of mapctl", err)
        self.assertFalse((self.folder / "x.xlsx").exists())

    def test_a_module_of_another_version_is_refused(self):
        other = os.environ.get("MAPCTL_TEST_OTHER_VERSION")
        if not other:
            self.skipTest("MAPCTL_TEST_OTHER_VERSION names no module")
        shutil.copy(other, self.modules / "mapctl_duckdb.so")
        _, err = self.run_mapctl("discover", "file:in", expect=1)
        self.assertRegex(err, r"error: module 'duckdb' has interface \d+, but this mapctl needs \d+")
        self.assertIn("hint: install module and program from the same version", err)
        out, _ = self.run_mapctl("doctor", "--format", "json", expect=1)
        self.assertIn("interface", out)

    def test_the_library_behind_a_module_may_be_missing(self):
        (self.modules / "libduckdb.so").unlink()
        self.environment.pop("LD_LIBRARY_PATH", None)
        _, err = self.run_mapctl("discover", "file:in", expect=1)
        self.assertIn("module 'duckdb' cannot be loaded", err)
        self.assertIn("libduckdb.so", err)

    def test_a_batch_whose_workbook_module_is_missing_keeps_its_results(self):
        (self.modules / "mapctl_xlsx.so").rename(self.folder / "kept.so")
        self.init()
        self.plan(["{source: contacts_000, target: contact}"])
        _, err = self.batch("plan.yaml", expect=1)
        self.assertIn("module 'xlsx' is missing", err)
        left = json.loads((self.folder / "out/w.summary.json").read_text())
        self.assertEqual((left["status"], left["exit_code"]), ("interrupted", None))
        (self.folder / "kept.so").rename(self.modules / "mapctl_xlsx.so")
        summary, _ = self.batch("plan.yaml", "--resume")
        self.assertEqual([job["status"] for job in summary["jobs"]], ["resumed"])
        self.assertTrue((self.folder / "out/w.xlsx").exists())

    def test_a_registry_of_a_newer_program_is_refused_and_left_alone(self):
        self.init()
        self.plan(["{source: contacts_000, target: contact}"])
        path = self.folder / ".mapctl/registry.db"
        registry = sqlite3.connect(path)
        columns = [row[1] for row in registry.execute("pragma table_info(mapctl_schema_version)")]
        row = list(registry.execute(
            "select * from mapctl_schema_version order by version desc limit 1").fetchone())
        row[columns.index("version")] += 1
        marks = ",".join("?" * len(row))
        with registry:
            registry.execute(f"insert into mapctl_schema_version values ({marks})", row)
        before = list(registry.iterdump())
        for command in (["registry", "status"], ["batch", "plan.yaml"], ["init"],
                        ["propose", "--source", "file:in", "--target", "canonical", "--save"],
                        ["export", "--format", "csv"]):
            with self.subTest(command=command):
                _, err = self.run_mapctl(*command, expect=2)
                self.assertIn("error: the registry has schema version", err)
                self.assertIn("hint: use the newer mapctl", err)
        self.assertEqual(list(registry.iterdump()), before)
        registry.close()


if __name__ == "__main__":
    unittest.main()
