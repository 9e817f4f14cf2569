#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Interrupted, killed and repeated runs: the same bytes as a run that nothing happened to."""
import json
import os
import shutil
import signal
import sqlite3
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from project import Project


class Resume(Project):
    PAIRS = ["{source: 'contacts_*', target: contact}"]

    def undisturbed(self, tables):
        self.make_tables(tables, rows=200)
        self.plan(self.PAIRS)
        self.init()
        started = time.monotonic()
        self.batch("plan.yaml", "--jobs", "2")
        self.duration = time.monotonic() - started
        wanted = self.outputs()
        self.forget_registry()
        return wanted

    def forget_registry(self):
        """A project as it was before its first run, but for the signing key."""
        for path in sorted((self.folder / ".mapctl").glob("registry.db*")):
            path.unlink()
        shutil.rmtree(self.folder / ".mapctl/runs", ignore_errors=True)
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        self.run_mapctl("init")

    def test_threads_do_not_change_a_byte(self):
        wanted = self.undisturbed(12)
        for jobs in ("1", "3", "7"):
            with self.subTest(jobs=jobs):
                self.forget_registry()
                self.batch("plan.yaml", "--jobs", jobs)
                self.assertEqual(self.outputs(), wanted)

    def test_killed_at_any_moment_a_run_resumes_to_the_same_bytes(self):
        wanted = self.undisturbed(25)
        begun = 0
        for share in (0.0, 0.05, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9):
            with self.subTest(share=share):
                self.forget_registry()
                process = self.start("batch", "plan.yaml", "--jobs", "2")
                if share == 0.0:
                    self.wait_until_begun(process)
                else:
                    time.sleep(share * self.duration)
                process.send_signal(signal.SIGKILL)
                process.communicate()
                rows = self.rows("select count(*) from batches")
                if rows and rows[0][0] > 0:
                    begun += 1
                    self.batch("plan.yaml", "--resume")
                else:
                    self.batch("plan.yaml")
                self.assertEqual(self.outputs(), wanted)
                self.assertEqual(self.rows("pragma integrity_check"), [("ok",)])
                self.assertEqual(list((self.folder / ".mapctl/runs").glob("*")), [])
        self.assertGreater(begun, 0, "no kill met a run that had begun")

    def wait_until_begun(self, process):
        while process.poll() is None and not list(self.folder.glob("out/*.summary.json")):
            time.sleep(0.005)

    def rows(self, sql):
        registry = sqlite3.connect(self.folder / ".mapctl/registry.db")
        try:
            return registry.execute(sql).fetchall()
        finally:
            registry.close()

    def test_ctrl_c_is_exit_130_and_the_run_goes_on_later(self):
        wanted = self.undisturbed(30)
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(signal=number):
                self.forget_registry()
                process = self.start("batch", "plan.yaml", "--jobs", "1")
                self.wait_until_begun(process)
                time.sleep(0.05)
                process.send_signal(number)
                _, err = process.communicate()
                self.assertEqual(process.returncode, code, err)
                self.assertIn("--resume", err)
                summary = json.loads((self.folder / "out/w.summary.json").read_text())
                self.assertEqual(summary["status"], "interrupted")
                resumed, _ = self.batch("plan.yaml", "--resume")
                self.assertEqual(resumed["run_id"], summary["run_id"])
                self.assertEqual(self.outputs(), wanted)

    def test_a_resume_of_a_finished_run_repeats_nothing(self):
        self.undisturbed(3)
        first, _ = self.batch("plan.yaml")
        again, _ = self.batch("plan.yaml", "--resume")
        self.assertEqual(again["run_id"], first["run_id"])
        self.assertEqual({job["status"] for job in again["jobs"]}, {"resumed"})
        self.assertEqual(again["totals"]["mapped"], first["totals"]["mapped"])

    def test_a_resume_repeats_what_failed_and_what_changed(self):
        self.undisturbed(3)
        self.plan(["{source: 'contacts_*', target: contact}", "{source: later, target: contact}"])
        first, _ = self.batch("plan.yaml", expect=3)
        table = (self.folder / "in/contacts_000.csv").read_text()
        self.write("in/later.csv", table)
        self.write("in/contacts_001.csv", table)  # other columns than before
        again, _ = self.batch("plan.yaml", "--resume")
        self.assertEqual({job["source"]: job["status"] for job in again["jobs"]},
                         {"contacts_000": "resumed", "contacts_001": "done",
                          "contacts_002": "resumed", "later": "done"})
        self.assertEqual(again["run_id"], first["run_id"])

    def test_a_changed_plan_is_not_mixed_with_an_old_run(self):
        self.undisturbed(2)
        self.batch("plan.yaml")
        self.plan(["{source: contacts_000, target: contact}"])
        _, err = self.batch("plan.yaml", "--resume", expect=2)
        self.assertIn("plan", err)

    def test_there_must_be_a_run_to_resume(self):
        self.undisturbed(1)
        _, err = self.batch("plan.yaml", "--resume", expect=1)
        self.assertIn("without --resume", err)
        _, err = self.batch("plan.yaml", "--resume", "no-such-run", expect=1)
        self.assertIn("no-such-run", err)

    def test_two_batches_at_once_share_one_registry(self):
        self.undisturbed(10)
        self.plan(["{source: 'contacts_*', target: account}"], name="other.yaml",
                  output="output: {workbook: out/other.xlsx}")
        first = self.start("batch", "plan.yaml")
        second = self.start("batch", "other.yaml")
        for process in (first, second):
            out, err = process.communicate(timeout=300)
            self.assertEqual(process.returncode, 0, err)
        self.assertEqual(self.rows("select count(*) from batches where status = 'done'"), [(2,)])

    def test_a_locked_registry_is_told_as_such(self):
        self.undisturbed(1)
        registry = sqlite3.connect(self.folder / ".mapctl/registry.db", isolation_level=None)
        registry.execute("begin immediate")
        started = time.monotonic()
        _, err = self.batch("plan.yaml", expect=1)
        registry.execute("rollback")
        registry.close()
        self.assertIn("lock", err + "busy")
        self.assertIn("hint", err)
        self.assertLess(time.monotonic() - started, 60)

    def test_a_full_disk_leaves_the_old_workbook_as_it_was(self):
        import resource

        self.undisturbed(8)
        self.batch("plan.yaml")
        before = (self.folder / "out/w.xlsx").read_bytes()

        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2,) * 2)

        process = self.start("export", "--run", "--format", "xlsx", "-o", "out/w.xlsx",
                             preexec_fn=small_files)
        _, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 1, err)
        self.assertIn("w.xlsx", err)
        self.assertEqual((self.folder / "out/w.xlsx").read_bytes(), before)
        self.assertEqual([p.name for p in (self.folder / "out").glob(".*")], [])


if __name__ == "__main__":
    unittest.main()
