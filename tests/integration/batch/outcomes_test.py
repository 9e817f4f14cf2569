#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a batch says and returns: failures, gates, wrong plans, formats."""
import json
import os
import resource
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from project import Project


class Outcomes(Project):
    def test_without_registry_the_hint_says_init(self):
        self.make_tables(1)
        self.plan(["{source: contacts_000, target: contact}"])
        _, err = self.run_mapctl("batch", "plan.yaml", expect=1)
        self.assertIn("mapctl init", err)

    def test_a_batch_writes_what_the_plan_asks_for_and_a_summary(self):
        self.init()
        self.make_tables(2)
        self.plan(["{source: contacts_000, target: contact}", "{source: contacts_001, target: auto}"])
        summary, _ = self.batch("plan.yaml")
        self.assertEqual(summary["schema"], "mapctl.batch/1")
        self.assertEqual(summary["status"], "done")
        self.assertEqual([job["status"] for job in summary["jobs"]], ["done", "done"])
        self.assertGreaterEqual(summary["jobs"][0]["coverage"], 0.5)
        self.assertEqual({o["kind"] for o in summary["outputs"]}, {"xlsx", "html", "csv", "json"})
        for output in summary["outputs"]:
            self.assertTrue(os.path.getsize(output["path"]) > 0, output)
        on_disk = json.loads((self.folder / "out/w.summary.json").read_text())
        self.assertEqual(on_disk, summary)
        self.assertEqual(summary["exit_code"], 0)

    def test_one_pair_that_fails_stops_no_other(self):
        self.init()
        self.make_tables(2)
        self.plan(["{source: no_such_table, target: contact}",
                   "{source: contacts_001, target: contact}",
                   "{source: contacts_000, target: no_such_entity}"])
        summary, _ = self.batch("plan.yaml", expect=3)
        self.assertEqual([job["status"] for job in summary["jobs"]], ["failed", "done", "failed"])
        self.assertIn("no_such_table", summary["jobs"][0]["error"]["message"])
        self.assertEqual(summary["jobs"][0]["error"]["code"], "not_found")
        self.assertEqual(summary["status"], "partial")
        self.assertTrue((self.folder / "out/w.xlsx").exists())

    def test_a_table_that_cannot_be_read_is_the_failure_of_its_pair_alone(self):
        self.init()
        self.make_tables(2)
        self.write("in/broken.csv", 'a,b\n"never closed,1\n' + "x,2\n" * 3)
        (self.folder / "in/binary.parquet").write_bytes(b"PAR1 this is no parquet file PAR1")
        self.plan(["{source: 'contacts_*', target: contact}", "{source: binary, target: contact}"])
        summary, _ = self.batch("plan.yaml", expect=3)
        by_source = {job["source"]: job["status"] for job in summary["jobs"]}
        self.assertEqual(by_source["contacts_000"], "done")
        self.assertEqual(by_source["binary"], "failed")

    def test_a_pattern_that_matches_nothing_is_a_failed_pair_with_the_nearest_name(self):
        self.init()
        self.make_tables(1)
        self.plan(["{source: 'kontakts_*', target: contact}"])
        summary, _ = self.batch("plan.yaml", expect=3)
        self.assertIn("kontakts_*", summary["jobs"][0]["error"]["message"])
        self.assertIn("contacts_000", summary["jobs"][0]["error"]["hint"])

    def test_the_gate_is_exit_code_4(self):
        self.init()
        self.make_tables(1)
        self.plan(["{source: contacts_000, target: contact}"])
        summary, _ = self.batch("plan.yaml", "--fail-under", "1.0", expect=4)
        self.assertEqual(summary["exit_code"], 4)
        self.batch("plan.yaml", "--fail-under", "0.1")

    def test_failed_jobs_outrank_the_gate(self):
        self.init()
        self.make_tables(1)
        self.plan(["{source: contacts_000, target: contact}", "{source: nothing, target: contact}"])
        self.batch("plan.yaml", "--fail-under", "1.0", expect=3)

    def test_a_dry_run_prints_the_pairs_and_writes_nothing(self):
        self.make_tables(3)
        self.plan(["{source: 'contacts_*', target: contact}"])
        document, _ = self.batch("plan.yaml", "--dry-run")
        self.assertEqual([pair["source"] for pair in document["pairs"]],
                         ["contacts_000", "contacts_001", "contacts_002"])
        self.assertFalse((self.folder / "out").exists())

    def test_an_unknown_key_is_named_with_its_line_and_the_nearest_one(self):
        self.init()
        self.make_tables(1)
        self.plan(["{source: contacts_000, target: contact}"], extra="proposee: {top: 3}")
        _, err = self.batch("plan.yaml", expect=2)
        self.assertIn("plan.yaml", err)
        self.assertIn("proposee", err)
        self.assertIn("propose", err.replace("proposee", ""))

    def test_the_same_pair_twice_is_refused(self):
        self.init()
        self.make_tables(1)
        self.plan(["{source: contacts_000, target: contact}",
                   "{source: contacts_000, target: contact}"])
        _, err = self.batch("plan.yaml", expect=2)
        self.assertIn("contacts_000", err)

    def test_the_same_pair_through_two_patterns_is_refused(self):
        self.init()
        self.make_tables(1)
        self.plan(["{source: 'contacts_*', target: contact}",
                   "{source: contacts_000, target: contact}"])
        _, err = self.batch("plan.yaml", expect=2)
        self.assertIn("contacts_000", err)

    def test_an_endpoint_that_is_not_there_fails_its_pairs_only(self):
        self.init()
        self.make_tables(1)
        self.plan(["{source: contacts_000, target: contact}",
                   "{source: x, target: contact, source_endpoint: 'file:missing'}"])
        summary, _ = self.batch("plan.yaml", expect=3)
        self.assertEqual([job["status"] for job in summary["jobs"]], ["done", "failed"])
        self.assertIn("missing", summary["jobs"][1]["error"]["message"])

    def test_json_lines_come_one_a_pair(self):
        self.init()
        self.make_tables(3)
        self.plan(["{source: 'contacts_*', target: contact}"])
        out, _ = self.run_mapctl("batch", "plan.yaml", "--format", "jsonl")
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertEqual({line["source"] for line in lines},
                         {"contacts_000", "contacts_001", "contacts_002"})

    def test_layout_zip_writes_a_zip(self):
        self.init()
        self.make_tables(2)
        self.plan(["{source: 'contacts_*', target: contact}"],
                  output="output: {workbook: out/w.xlsx, layout: zip}")
        summary, _ = self.batch("plan.yaml")
        self.assertEqual([o["kind"] for o in summary["outputs"]], ["zip"])
        self.assertTrue((self.folder / "out/w.zip").read_bytes().startswith(b"PK"))
        self.assertFalse((self.folder / "out/w.xlsx").exists())

    def test_a_limit_of_file_size_is_an_error_like_a_full_disk(self):
        self.init()
        self.make_tables(4, rows=400)
        self.plan(["{source: 'contacts_*', target: contact}"], output="output: {workbook: out/w.xlsx}")
        limit = 8 * 1024
        _, err = self.batch("plan.yaml", expect=1, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (limit, limit)))
        self.assertIn("error: ", err)

    def test_the_folder_that_cannot_be_made_says_why(self):
        self.init()
        self.make_tables(1)
        self.write("out", "a file where the folder should be")
        self.plan(["{source: contacts_000, target: contact}"])
        _, err = self.batch("plan.yaml", expect=1)
        self.assertIn("Not a directory", err)

    def test_a_full_disk_leaves_a_summary_that_says_the_run_has_ended(self):
        self.init()
        self.make_tables(4, rows=400)
        (self.folder / "out").mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k,nr_inodes=64", "none",
                                  str(self.folder / "out")], capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("a small disk cannot be made here")
        self.addCleanup(subprocess.run, ["umount", str(self.folder / "out")], check=True)
        (self.folder / "out/ballast").write_bytes(b"x" * 8192)
        self.plan(["{source: 'contacts_*', target: contact}"], output="output: {workbook: out/w.xlsx}")
        _, err = self.batch("plan.yaml", expect=1)
        self.assertIn("No space left", err)
        summary = json.loads((self.folder / "out/w.summary.json").read_text())
        self.assertEqual(summary["status"], "interrupted")

    def test_a_folder_without_write_permission_is_named(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everywhere")
        self.init()
        self.make_tables(1)
        (self.folder / "out").mkdir(mode=0o500)
        self.plan(["{source: contacts_000, target: contact}"])
        _, err = self.batch("plan.yaml", expect=1)
        self.assertIn("out", err)


if __name__ == "__main__":
    unittest.main()
