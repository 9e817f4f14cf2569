#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A batch into a registry on PostgreSQL whose server goes away in the middle and comes back."""
import json
import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from project import SOURCE, Project

SKIPPED = 4
TABLES = 40


class ServerStop(Project):
    def setUp(self):
        super().setUp()
        self.info = self.folder / "server.info"
        self.server("start")
        self.addCleanup(self.server, "stop")
        self.about = dict(line.split("=", 1) for line in self.info.read_text().splitlines())
        if "reason" in self.about:
            if {"postgres", "all"} & set(os.environ.get("MAPCTL_REQUIRE", "").split(",")):
                self.fail(f"needed, but not available: {self.about['reason']}")
            self.skipTest(self.about["reason"])
        self.use_registry("one")

    def server(self, action):
        subprocess.run([str(SOURCE / "tests/support/postgres_server.sh"), action, str(self.info)],
                       check=True, stdout=subprocess.DEVNULL)

    def use_registry(self, schema):
        self.schema = schema
        self.environment["MAPCTL_REGISTRY"] = (
            f"postgresql://mapctl@/mapctl_test?host={self.about['directory']}"
            f"&port={self.about['port']}&schema={schema}")

    def sql(self, text):
        """One value, seen by the superuser, or None while the server is away."""
        done = subprocess.run(
            [f"{self.about['programs']}/psql", "-qXtAw", "-h", self.about["directory"], "-p",
             self.about["port"], "-U", "postgres", "-d", "mapctl_test", "-c",
             f"SET search_path = {self.schema}; {text}"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else None

    def prepare(self):
        self.make_tables(TABLES, rows=40)
        self.plan(["{source: 'contacts_*', target: contact}"],
                  output="output: {workbook: out/w.xlsx, also: [csv, json]}")

    def stop_in_the_middle(self, after, away):
        """Starts the batch, ends the server as a crash would when `after` jobs are done, and starts
        it again `away` seconds later. Returns the process."""
        process = self.start("batch", "plan.yaml", "--jobs", "2", "--format", "json")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            done = self.sql("SELECT count(*) FROM jobs WHERE status = 'done'")
            if done and int(done) >= after:
                break
        self.assertIsNone(process.poll(), "the batch was over before the server was stopped")
        self.server("halt")
        time.sleep(away)
        self.server("resume")
        return process

    def check_nothing_twice(self):
        self.assertEqual(self.sql("SELECT count(*) FROM jobs"), str(TABLES))
        self.assertEqual(self.sql("SELECT count(*) FROM batches"), "1")
        self.assertEqual(self.sql(
            "SELECT count(*) FROM (SELECT field_mapping_id FROM mapping_audit_log WHERE action = "
            "'created' GROUP BY 1 HAVING count(*) > 1) AS twice"), "0")
        self.assertEqual(self.sql(
            "SELECT (SELECT count(*) FROM field_mappings) - (SELECT count(*) FROM "
            "mapping_audit_log WHERE action = 'created')"), "0")
        self.assertEqual(self.sql("SELECT count(*) FROM mapping_versions"), "0")
        out, _ = self.run_mapctl("registry", "verify", "--format", "json")
        self.assertTrue(json.loads(out)["intact"])

    def test_jobs_in_flight_are_retried_or_reported_and_nothing_is_written_twice(self):
        self.prepare()
        self.run_mapctl("init")
        self.batch("plan.yaml", "--jobs", "2")
        wanted = self.outputs()
        retried = 0
        for number, (after, away) in enumerate(((3, 0), (8, 0.3), (15, 0.8), (1, 4))):
            with self.subTest(after=after, away=away):
                self.use_registry(f"stopped_{number}")
                self.run_mapctl("init")
                process = self.stop_in_the_middle(after, away)
                out, err = process.communicate(timeout=200)
                self.assertIn(process.returncode, (0, 1, 3, 5), err)
                self.assertNotIn("Traceback", err)
                if process.returncode == 0:
                    retried += 1
                elif process.returncode == 3:
                    failed = [job for job in json.loads(out)["jobs"] if job["status"] == "failed"]
                    self.assertTrue(failed)
                    for job in failed:
                        self.assertEqual(job["error"]["code"], "unreachable", job)
                        self.assertTrue(job["error"]["hint"])
                else:
                    self.assertIn("error: ", err)
                if process.returncode != 0:
                    self.batch("plan.yaml", "--resume")
                self.check_nothing_twice()
                self.assertEqual(self.outputs(), wanted)
        self.assertGreater(retried, 0, "no run got over a server that was away for a moment")


if __name__ == "__main__":
    program = unittest.main(exit=False)
    result = program.result
    if result.wasSuccessful() and result.skipped:
        sys.exit(SKIPPED)
    sys.exit(0 if result.wasSuccessful() else 1)
