#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A secret of a profile is in nothing that the program says, writes or keeps."""
import os
import sys
import unittest
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../batch"))
from project import Project

CANARY = "c4n4ry-5ecr3t-0f-a-bird"


class Secrets(Project):
    def setUp(self):
        super().setUp()
        self.environment["CANARY"] = CANARY
        self.environment["MAPCTL_LOG_LEVEL"] = "debug"
        self.init()
        self.make_tables(2)
        self.write("secret.txt", CANARY + "\n")
        self.seen = []

    def try_all(self, profile):
        """Every command on the profile, whatever becomes of it."""
        self.write("plan.yaml", f"version: 1\nname: test\nsource: {profile}\ntarget: canonical\n"
                                "pairs:\n  - {source: 'contacts_*', target: contact}\n"
                                "output: {workbook: out/w.xlsx,"
                                " also: [html, csv, json, jsonl, yaml, sql, dbt]}\n")
        codes = {}
        for arguments in (["profile", "show", profile], ["profile", "test", profile],
                          ["profile", "list"], ["discover", profile, "--stats"],
                          ["discover", profile, "--format", "json"], ["doctor", "--config"],
                          ["propose", "--source", profile, "--target", "canonical", "--explain",
                           "--save"],
                          ["batch", "plan.yaml", "--dry-run"], ["batch", "plan.yaml"],
                          ["batch", "plan.yaml", "--format", "jsonl", "--log-format", "json"],
                          ["export", "--format", "json"], ["export", "--run", "--format", "html"],
                          ["registry", "status"], ["registry", "runs", "--format", "json"]):
            process = self.start(*arguments)
            out, err = process.communicate(timeout=60)
            codes[" ".join(arguments[:2])] = process.returncode
            self.assertNotIn(CANARY, out, arguments)
            self.assertNotIn(CANARY, err, arguments)
            self.seen.append(out + err)
        return codes

    def check_files(self):
        looked_at = 0
        for path in self.folder.rglob("*"):
            if not path.is_file() or path.name in ("secret.txt", "crm.yaml"):
                continue
            contents = [path.read_bytes()]
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as book:
                    contents += [book.read(name) for name in book.namelist()]
            for content in contents:
                looked_at += 1
                self.assertNotIn(CANARY.encode(), content, path)
        return looked_at

    def test_secrets_by_reference_and_in_plain_text_stay_secret(self):
        for number, written in enumerate(("${env:CANARY}", "${file:../secret.txt}", CANARY)):
            with self.subTest(written=written):
                self.write("profiles/crm.yaml",
                           "name: crm\nconnector: file\noptions:\n  path: ../in\n"
                           f"auth:\n  user: ana\n  password: '{written}'\n")
                codes = self.try_all("crm")
                self.assertEqual(codes["batch plan.yaml"], 0, self.seen)
                self.assertGreater(self.check_files(), 20 + number)

    def test_a_secret_in_an_option_that_is_refused_is_not_repeated(self):
        for option in ("api_token", "pathh"):
            for written in (CANARY, "${env:CANARY}"):
                with self.subTest(option=option, written=written):
                    self.write("profiles/crm.yaml", "name: crm\nconnector: file\noptions:\n"
                                                    f"  path: ../in\n  {option}: '{written}'\n")
                    process = self.start("discover", "crm")
                    out, err = process.communicate(timeout=60)
                    self.assertNotEqual(process.returncode, 0)
                    self.assertNotIn(CANARY, out + err)
                    self.assertIn(option, err)
        self.check_files()


if __name__ == "__main__":
    unittest.main()
