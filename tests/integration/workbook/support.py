# SPDX-License-Identifier: Apache-2.0
"""What the tests of this folder share."""

import os
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 4


def skip(need, reason):
    required = os.environ.get("MAPCTL_REQUIRE", "").split(",")
    if need in required or "all" in required:
        sys.exit(f"needed, but not available: {reason}")
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def find_program(*names):
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    return None


class Sample:
    """The artifacts of the sample run in a folder of their own."""

    def __init__(self, *arguments):
        self.folder = tempfile.mkdtemp(prefix="mapctl-workbook-")
        subprocess.run([sys.argv[1], self.folder, *arguments], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)


class Checks:
    def __init__(self):
        self.count = 0
        self.failed = []

    def equal(self, what, found, expected):
        self.count += 1
        if found != expected:
            self.failed.append(f"{what}: {found!r}, expected {expected!r}")

    def true(self, what, value):
        self.equal(what, bool(value), True)

    def finish(self):
        print("\n".join(self.failed))
        print(f"{self.count} checks, {len(self.failed)} failed")
        sys.exit(1 if self.failed or self.count == 0 else 0)
