#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whole jobs on believable and on real data: the quickstart, and what MAPCTL_TEST_DATA holds."""
import csv
import json
import os
import shutil
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from project import Project, SOURCE, test_data


def floors(path):
    """The few numbers of expected.yaml; not worth a YAML library."""
    found = {}
    for line in path.read_text().splitlines():
        words = line.split("#")[0].split(":")
        if len(words) == 2 and words[0].strip() in ("precision", "recall"):
            found[words[0].strip()] = float(words[1])
    return found


class Quickstart(Project):
    def setUp(self):
        super().setUp()
        self.init()
        self.example = self.folder / "quickstart"
        shutil.copytree(SOURCE / "examples/quickstart", self.example,
                        ignore=shutil.ignore_patterns("out"))

    def decisions(self):
        """(source, table, column) -> target (table, column) as the batch decided."""
        found = {}
        out, _ = self.run_mapctl("export", "--run", "--format", "jsonl")
        for line in out.splitlines():
            row = json.loads(line)
            if row.get("target_column"):
                key = (row["source_endpoint"], row["source_table"], row["source_column"])
                found.setdefault(key, set()).add((row["target_table"], row["target_column"]))
        return found

    @staticmethod
    def pairs_of(path):
        with open(path, newline="", encoding="utf-8") as file:
            return {((r["source"], r["source_table"], r["source_column"]),
                     (r["target_table"], r["target_column"])) for r in csv.DictReader(file)}

    def test_the_quickstart_maps_what_people_would_map(self):
        self.batch(self.example / "plan.yaml", "--profiles", self.example / "profiles")
        truth = self.pairs_of(self.example / "truth.csv")
        alternates = self.pairs_of(self.example / "truth_alternates.csv")
        decided = {(key, target) for key, targets in self.decisions().items() for target in targets}
        right = decided & truth
        counted = decided - (alternates - truth)
        precision, recall = len(right) / len(counted), len(right) / len(truth)
        wrong = sorted(counted - truth)
        wanted = floors(self.example / "expected.yaml")
        message = f"precision {precision:.3f}, recall {recall:.3f}, wrong: {wrong}"
        print(message)
        self.assertGreaterEqual(precision, wanted["precision"], message)
        self.assertGreaterEqual(recall, wanted["recall"], message)

    def test_the_warnings_name_the_faults_of_the_files(self):
        self.batch(self.example / "plan.yaml", "--profiles", self.example / "profiles")
        document = json.loads((self.example / "out/quickstart.json").read_text())
        warnings = "\n".join(
            warning
            for pair in document["pairs"] for field in pair["fields"]
            for candidate in field["candidates"] for warning in candidate["warnings"])
        self.assertIn("characters", warnings)


class RealData(Project):
    def setUp(self):
        super().setUp()
        self.data = test_data()
        if self.data is None:
            self.skipTest("MAPCTL_TEST_DATA is not set")
        self.init()

    def test_the_sample_sources_of_the_eight_mapping_files(self):
        sources = self.data / "data/aam/sources"
        entities = {"accounts": "account", "opportunities": "opportunity", "contacts": "contact",
                    "aws_resources": "aws_resources", "cost_reports": "cost_reports"}
        pairs = []
        for path in sorted(sources.glob("*.csv")):
            kind = path.stem.rsplit("_", 1)[0]
            pairs.append(f"{{source: {path.stem}, target: {entities[kind]}}}")
        self.write("plan.yaml", "\n".join(
            ["version: 1", "name: aam", f"source: 'file:{sources}'", "target: canonical", "pairs:"]
            + [f"  - {pair}" for pair in pairs]
            + ["output: {workbook: out/w.xlsx}"]) + "\n")
        summary, _ = self.batch("plan.yaml", "--fail-under", "0.6")
        self.assertEqual({job["status"] for job in summary["jobs"]}, {"done"})
        self.assertEqual(len(summary["jobs"]), len(pairs))

    def load(self, name, scripts):
        database = sqlite3.connect(self.folder / name)
        database.execute("pragma synchronous = off")
        database.execute("pragma journal_mode = memory")
        for script in scripts:
            database.executescript(script.read_text(encoding="utf-8-sig"))
        database.commit()
        database.close()

    def test_chinook_to_northwind_finds_the_tables_that_hold_the_same(self):
        chinook = sorted((self.data / "data/samples/chinook").glob("*qlite*.sql"))
        northwind = sorted((self.data / "data/samples/northwind-sqlite").glob("*.sql"))
        self.load("chinook.db", chinook[:1])
        self.load("northwind.db", northwind[:1])
        self.write("plan.yaml", "\n".join([
            "version: 1", "name: chinook-to-northwind", "source: 'sqlite:chinook.db'",
            "target: 'sqlite:northwind.db'", "pairs:", "  - {source: '*', target: auto}",
            "output: {workbook: out/w.xlsx, also: [html, json]}"]) + "\n")
        summary, _ = self.batch("plan.yaml")
        self.assertEqual({job["status"] for job in summary["jobs"]}, {"done"})
        document = json.loads((self.folder / "out/w.json").read_text())
        found = {pair["source_table"]: pair["target_table"] for pair in document["pairs"]}
        self.assertEqual(found["Customer"], "Customers")
        self.assertEqual(found["Employee"], "Employees")
        self.assertIn(found["Invoice"], ("Orders", "Invoices"))  # Invoices is a view of orders
        self.assertIn(found["InvoiceLine"], ("Order Details", "OrderDetails"))


if __name__ == "__main__":
    unittest.main()
