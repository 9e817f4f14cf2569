#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A registry that can only be read: looking works, changing says why it does not."""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../batch"))
from project import PROGRAM, Project

# Permissions do not hold root back, a mount does.
IN_READ_ONLY_MOUNT = """
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && cd "$1" && shift && exec "$@"
"""


class ReadOnly(Project):
    def setUp(self):
        super().setUp()
        self.init()
        self.make_tables(2)
        self.plan(["{source: 'contacts_*', target: contact}"])
        self.batch("plan.yaml")
        if os.geteuid() == 0 and (shutil.which("unshare") is None or
                                  self.look(program="true").returncode != 0):
            self.skipTest("a read-only mount cannot be made here")

    def set_modes(self, of_folders, of_files):
        for folder, _, names in os.walk(self.folder):
            os.chmod(folder, of_folders)
            for name in names:
                os.chmod(os.path.join(folder, name), of_files)

    def look(self, *arguments, program=PROGRAM):
        """Runs the program where nothing of the project can be written."""
        command = [program, *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["unshare", "--mount", "sh", "-c", IN_READ_ONLY_MOUNT, "sh", self.folder,
                       *command]
        else:
            self.set_modes(0o555, 0o444)
        try:
            return subprocess.run(command, cwd=self.folder, env=self.environment, text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=300, check=False)
        finally:
            if os.geteuid() != 0:
                self.set_modes(0o755, 0o644)

    def mapping(self):
        out, _ = self.run_mapctl("review", "list", "--format", "json")
        return json.loads(out)["items"][0]

    def test_commands_that_only_read_print_what_they_print_elsewhere(self):
        mapping = self.mapping()
        self.run_mapctl("review", "approve", mapping["id"])
        for arguments in (
            ["registry", "status"], ["registry", "runs"], ["registry", "audit"],
            ["registry", "history", mapping["id"]], ["registry", "conflicts"],
            ["registry", "lineage"], ["registry", "flag", "list"],
            ["registry", "lookup", "--connector", mapping["connector"], "--table",
             mapping["source_table"]],
            ["review", "list"], ["review", "stats"], ["tenant", "list"], ["tenant", "policy"],
            ["user", "list"], ["export", "--format", "csv"], ["batch", "plan.yaml", "--dry-run"],
        ):
            with self.subTest(arguments=arguments):
                out, err = self.run_mapctl(*arguments)
                found = self.look(*arguments)
                self.assertEqual((found.returncode, found.stderr), (0, err))
                self.assertEqual(found.stdout, out)

    def test_what_would_be_kept_on_the_way_is_left_out(self):
        found = self.look("discover", "file:in", "--format", "json")
        self.assertEqual(found.returncode, 0, found.stderr)
        self.assertEqual(json.loads(found.stdout)["schema"], "mapctl.catalog/1")
        self.assertIn("warning: no snapshot is kept: ", found.stderr)
        for arguments in (["registry", "similar", "e_mail"], ["registry", "verify"]):
            with self.subTest(arguments=arguments):
                found = self.look(*arguments)
                self.assertEqual(found.returncode, 0, found.stderr)
                self.assertNotEqual(found.stdout, "")

    def test_what_changes_the_registry_is_refused_and_names_its_file(self):
        mapping = self.mapping()["id"]
        self.run_mapctl("discover", "file:in")
        for arguments in (["review", "approve", mapping], ["batch", "plan.yaml"],
                          ["tenant", "add", "acme"], ["discover", "file:in", "--diff", "--refresh"]):
            with self.subTest(arguments=arguments):
                found = self.look(*arguments)
                self.assertEqual(found.returncode, 5, found.stderr)
                self.assertIn("registry.db", found.stderr)
                self.assertIn("hint: ", found.stderr)
        self.assertEqual(self.mapping()["status"], "proposed")

    def test_what_another_process_has_written_is_seen_before_it_is_in_the_file(self):
        path = self.folder / ".mapctl/registry.db"
        writer = sqlite3.connect(path)
        self.addCleanup(writer.close)
        writer.execute("UPDATE tenants SET status = 'suspended'")
        writer.commit()
        self.assertGreater(os.path.getsize(f"{path}-wal"), 0)
        found = self.look("tenant", "list", "--format", "json")
        self.assertEqual(found.returncode, 0, found.stderr)
        self.assertIn("suspended", found.stdout)


if __name__ == "__main__":
    unittest.main()
