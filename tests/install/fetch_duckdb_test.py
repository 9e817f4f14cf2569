# SPDX-License-Identifier: Apache-2.0
"""cmake/fetch_duckdb.sh against an npm of our own that packs given files.

The packages are made from the DuckDB this build uses, so hashes are those of the real files and
nothing is fetched. Skipped where the build uses another DuckDB than the pinned one.
"""

import hashlib
import os
import re
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

SCRIPT, HEADER, LIBRARY = sys.argv[1:4]

NPM = """#!/bin/sh
# Called as: npm pack --silent PACKAGE
case "$3" in
  duckdb@*) name=header.tgz ;;
  *) name=library.tgz ;;
esac
echo "$3" >>"$FAKE_NPM/calls"
if [ -f "$FAKE_NPM/hang" ]; then
  : >"$FAKE_NPM/hanging"
  sleep 30
fi
[ -f "$FAKE_NPM/$name" ] || exit 1
cp "$FAKE_NPM/$name" . && echo "$name"
"""


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def pinned(name):
    with open(SCRIPT, encoding="utf-8") as file:
        return re.search(rf"^{name}=(\S+)$", file.read(), re.MULTILINE).group(1)


class FetchTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.npm, self.cache = os.path.join(folder.name, "npm"), os.path.join(folder.name, "cache")
        os.makedirs(self.npm)
        program = os.path.join(self.npm, "npm")
        with open(program, "w", encoding="utf-8") as file:
            file.write(NPM)
        os.chmod(program, 0o755)
        self.environment = dict(
            os.environ,
            PATH=self.npm + os.pathsep + os.environ["PATH"],
            FAKE_NPM=self.npm,
            XDG_CACHE_HOME=self.cache,
        )
        self.pack("header.tgz", HEADER, pinned("header_path"))
        self.pack("library.tgz", LIBRARY, pinned("library_path"))

    def pack(self, name, file, path):
        with tarfile.open(os.path.join(self.npm, name), "w:gz", compresslevel=1) as archive:
            archive.add(os.path.realpath(file), path)

    def start(self):
        return subprocess.Popen(
            [SCRIPT],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def fetch(self):
        process = self.start()
        out, err = process.communicate(timeout=60)
        return process.returncode, out.strip(), err

    def calls(self):
        path = os.path.join(self.npm, "calls")
        if not os.path.exists(path):
            return 0
        with open(path, encoding="utf-8") as file:
            return len(file.readlines())

    def leftovers(self):
        """What lies in the cache beside the finished folder."""
        found = os.listdir(os.path.join(self.cache, "mapctl"))
        return [name for name in found if not name.startswith("duckdb-")]

    def assert_complete(self, folder):
        self.assertEqual(sha256(os.path.join(folder, "include/duckdb.h")), pinned("header_sha256"))
        self.assertEqual(sha256(os.path.join(folder, "lib/libduckdb.so")), pinned("library_sha256"))
        self.assertEqual(self.leftovers(), [])

    def test_the_second_run_takes_the_cached_files(self):
        code, folder, err = self.fetch()
        self.assertEqual(code, 0, err)
        self.assert_complete(folder)
        self.assertEqual(self.calls(), 2)
        self.assertEqual(self.fetch()[:2], (0, folder))
        self.assertEqual(self.calls(), 2)

    def test_two_runs_at_once_both_succeed(self):
        runs = [self.start(), self.start()]
        results = [run.communicate(timeout=60) + (run.returncode,) for run in runs]
        self.assertEqual([code for _, _, code in results], [0, 0], results)
        self.assertEqual(results[0][0], results[1][0])
        self.assert_complete(results[0][0].strip())

    def test_other_content_is_refused_with_both_hashes(self):
        self.pack("library.tgz", HEADER, pinned("library_path"))
        code, out, err = self.fetch()
        self.assertEqual((code, out), (1, ""))
        self.assertIn("expected sha256 " + pinned("library_sha256"), err)
        self.assertIn("actual sha256   " + sha256(HEADER), err)
        self.assertEqual(os.listdir(os.path.join(self.cache, "mapctl")), [])

    def test_a_failing_npm_is_an_error_with_a_hint(self):
        os.remove(os.path.join(self.npm, "library.tgz"))
        code, out, err = self.fetch()
        self.assertEqual((code, out), (1, ""))
        self.assertIn("hint:", err)
        self.assertEqual(os.listdir(os.path.join(self.cache, "mapctl")), [])

    def test_an_interrupted_run_leaves_nothing(self):
        hang = os.path.join(self.npm, "hang")
        with open(hang, "w", encoding="utf-8"):
            pass
        process = self.start()
        deadline = time.monotonic() + 20
        while not os.path.exists(os.path.join(self.npm, "hanging")):
            self.assertLess(time.monotonic(), deadline, "npm was not called")
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=20)
        self.assertNotEqual(process.returncode, 0)
        self.assertEqual(os.listdir(os.path.join(self.cache, "mapctl")), [])
        os.remove(hang)
        code, folder, err = self.fetch()
        self.assertEqual(code, 0, err)
        self.assert_complete(folder)

    def test_a_damaged_file_in_the_cache_is_replaced(self):
        folder = self.fetch()[1]
        library = os.path.join(folder, "lib/libduckdb.so")
        with open(library, "r+b") as file:
            file.truncate(1000)
        code, again, err = self.fetch()
        self.assertEqual((code, again), (0, folder), err)
        self.assert_complete(folder)


if __name__ == "__main__":
    if sha256(LIBRARY) != pinned("library_sha256") or sha256(HEADER) != pinned("header_sha256"):
        print("skipped: this build uses another DuckDB than the pinned one")
        sys.exit(4)
    unittest.main(argv=sys.argv[:1])
