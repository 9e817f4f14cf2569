#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGINT and SIGTERM in every phase, readers that go away, full disks, two processes at once."""
import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../batch"))
from project import PROGRAM, Project

SIGNALS = ((signal.SIGINT, 130), (signal.SIGTERM, 143))


class Signals(Project):
    def stopped(self, phase, number):
        """Sends the signal when `phase` is announced; exit code, what was said, the summary."""
        process = self.start("batch", "plan.yaml", "--jobs", "1")
        said = []
        for line in process.stderr:
            said.append(line)
            event = json.loads(line)
            if event["event"] == "phase_started" and event["phase"].startswith(phase):
                process.send_signal(number)
                break
        else:
            self.fail(f"no phase {phase}: {''.join(said)}")
        _, rest = process.communicate(timeout=60)
        summary = json.loads((self.folder / "out/w.summary.json").read_text())
        return process.returncode, "".join(said) + rest, summary

    def test_a_signal_in_each_phase_ends_with_its_code_and_the_way_on(self):
        self.init()
        self.make_tables(60, rows=400)
        self.plan(["{source: 'contacts_*', target: contact}"])
        for phase in ("reading", "proposing", "writing"):
            for number, code in SIGNALS:
                with self.subTest(phase=phase, signal=number):
                    found, said, summary = self.stopped(phase, number)
                    self.assertEqual(found, code, said)
                    self.assertRegex(said, r"error: run '.+' was interrupted\n"
                                           r"hint: mapctl batch plan.yaml --resume goes on with it\n$")
                    self.assertEqual(summary["status"], "interrupted")
                    self.assertEqual(summary["exit_code"], code)
                    self.assertFalse((self.folder / "out/w.xlsx").exists())
                    self.assertEqual([p.name for p in (self.folder / "out").iterdir()],
                                     ["w.summary.json"])
        done, _ = self.batch("plan.yaml", "--resume")
        self.assertEqual(done["status"], "done")

    def wait_until_open(self, process, name):
        """Until `process` has the file open: from then on it waits for the file's lock."""
        path = str((self.folder / name).resolve())
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.assertIsNone(process.poll(), "it should wait for the lock")
            files = pathlib.Path(f"/proc/{process.pid}/fd")
            with contextlib.suppress(OSError):
                if any(os.readlink(file) == path for file in files.iterdir()):
                    return
            time.sleep(0.01)
        self.fail(f"'{name}' was never opened")

    def test_a_signal_while_a_locked_source_is_waited_for(self):
        self.init()
        locked = sqlite3.connect(self.folder / "locked.db", isolation_level=None)
        locked.execute("create table people (email text)")
        locked.execute("begin exclusive")
        self.addCleanup(locked.close)
        for number, code in SIGNALS:
            with self.subTest(signal=number):
                process = self.start("propose", "--source", "sqlite:locked.db",
                                     "--target", "canonical")
                self.wait_until_open(process, "locked.db")
                process.send_signal(number)
                started = time.monotonic()
                out, err = process.communicate(timeout=60)
                self.assertEqual((process.returncode, out), (code, ""), err)
                self.assertIn("error: interrupted", err)
                self.assertLess(time.monotonic() - started, 30)

    def test_a_second_signal_ends_the_program_at_once(self):
        locked = sqlite3.connect(self.folder / "locked.db", isolation_level=None)
        locked.execute("create table people (email text)")
        locked.execute("begin exclusive")
        self.addCleanup(locked.close)
        process = self.start("discover", "sqlite:locked.db")
        self.wait_until_open(process, "locked.db")
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertIn(process.returncode, (143, -signal.SIGTERM))

    def test_head_closes_quietly(self):
        self.init()
        self.make_tables(30)
        for arguments in ("propose --source file:in --target canonical --target-table contact",
                          "discover file:in --format jsonl", "export --format csv"):
            with self.subTest(arguments=arguments):
                shell = subprocess.run(
                    ["bash", "-c", f"set -o pipefail; '{PROGRAM}' {arguments} | head -1"],
                    cwd=self.folder, env=self.environment, capture_output=True, text=True,
                    timeout=60, check=False)
                self.assertEqual(shell.returncode, 0, shell.stderr)
                self.assertEqual(len(shell.stdout.splitlines()), 1)
                self.assertNotIn("error", shell.stderr)

    def test_a_full_standard_output_is_an_error(self):
        self.init()
        self.make_tables(3)
        self.plan(["{source: 'contacts_*', target: contact}"])
        for arguments in (["batch", "plan.yaml"], ["batch", "plan.yaml", "--format", "jsonl"],
                          ["export", "--format", "csv"], ["registry", "status"],
                          ["propose", "--source", "file:in", "--target", "canonical"]):
            with self.subTest(arguments=arguments), open("/dev/full", "wb") as full:
                result = subprocess.run([PROGRAM, *arguments], cwd=self.folder,
                                        env=self.environment, stdin=subprocess.DEVNULL, stdout=full,
                                        stderr=subprocess.PIPE, text=True, timeout=60, check=False)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn("cannot write standard output: No space left", result.stderr)

    def test_a_run_that_could_not_go_on_is_not_left_running(self):
        self.init()
        self.make_tables(2)
        self.plan(["{source: 'contacts_*', target: contact}"])
        (self.folder / "out").write_text("a file where a folder should be")
        _, err = self.batch("plan.yaml", expect=1)
        self.assertIn("out", err)
        out, _ = self.run_mapctl("registry", "runs", "--format", "json")
        self.assertEqual([run["status"] for run in json.loads(out)["runs"]], ["interrupted"])
        (self.folder / "out").unlink()
        done, _ = self.batch("plan.yaml", "--resume")
        self.assertEqual(done["status"], "done")

    def test_two_processes_save_and_look_at_once(self):
        self.init()
        self.make_tables(6)
        saving = [self.start("propose", "--source", "file:in", "--target", "canonical", "--save",
                             "--source-table", f"contacts_00{number}") for number in range(4)]
        looking = [self.start("registry", "status", "--format", "json") for _ in range(4)]
        for process in saving + looking:
            _, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, err)
        out, _ = self.run_mapctl("registry", "status", "--format", "json")
        self.assertEqual(json.loads(out)["counts"]["runs"], 4)


if __name__ == "__main__":
    unittest.main()
