# SPDX-License-Identifier: Apache-2.0
"""The real program beside tests/support/rest_server.py, each test in a folder of its own."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
import urllib.request

PROGRAM = os.environ["MAPCTL_TEST_PROGRAM"]
SOURCE = os.environ["MAPCTL_TEST_SOURCE_DIR"]
TOKEN = "t0ken-of-the-tests"


class RestProgram(unittest.TestCase):
    """`self.work` is the working folder; the server gives what is in `self.data` under /data/."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="mapctl-rest-")
        self.work = os.path.join(self.folder.name, "work")
        os.makedirs(os.path.join(self.work, "profiles"))
        self.data = os.path.join(self.folder.name, "data")
        os.makedirs(self.data)
        self.server = subprocess.Popen(
            [sys.executable, os.path.join(SOURCE, "tests/support/rest_server.py"),
             "--data", self.data],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.url = f"http://127.0.0.1:{self.server.stdout.readline().strip()}"
        sanitizers = {name: value for name, value in os.environ.items() if "SAN_OPTIONS" in name}
        self.environment = {
            **sanitizers, "PATH": os.environ["PATH"], "HOME": os.path.join(self.folder.name, "home"),
            "LC_ALL": "C.UTF-8", "MAPCTL_USER": "tester", "CRM_TOKEN": TOKEN,
        }

    def tearDown(self):
        self.stop_server()
        self.folder.cleanup()

    def stop_server(self):
        if not self.server.stdin.closed:
            self.server.stdin.close()
            self.server.wait(10)
            self.server.stdout.close()

    def run_program(self, *arguments, expect=0, **environment):
        result = subprocess.run(
            [PROGRAM, *arguments], cwd=self.work, env={**self.environment, **environment},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False,
        )
        self.assertEqual(result.returncode, expect, result.stdout + result.stderr)
        self.assertNotIn(TOKEN, result.stdout + result.stderr)
        return result

    def write(self, name, text):
        with open(os.path.join(self.work, name), "w", encoding="utf-8") as file:
            file.write(text)

    def requests(self):
        """What the server was asked so far."""
        with urllib.request.urlopen(self.url + "/_log", timeout=20) as answer:
            return json.load(answer)["requests"]
