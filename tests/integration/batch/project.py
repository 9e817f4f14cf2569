# SPDX-License-Identifier: Apache-2.0
"""A project in a temporary folder and the program in it, for the batch tests."""
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAM = os.environ["MAPCTL_TEST_PROGRAM"]
SOURCE = Path(os.environ["MAPCTL_TEST_SOURCE_DIR"])
EPOCH = "1767225600"


def test_data():
    """The folder of real data, or None where it is not."""
    folder = os.environ.get("MAPCTL_TEST_DATA", "")
    return Path(folder) if folder and Path(folder).is_dir() else None


class Project(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="mapctl-batch-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.environment = {
            key: value for key, value in os.environ.items() if not key.startswith("MAPCTL_")
        }
        self.environment |= {
            "HOME": str(self.folder / "home"),
            "XDG_CONFIG_HOME": str(self.folder / "home/config"),
            "XDG_DATA_HOME": str(self.folder / "home/data"),
            "SOURCE_DATE_EPOCH": EPOCH,
            "MAPCTL_USER": "tester",
        }

    def start(self, *arguments, where=None, **options):
        return subprocess.Popen(
            [PROGRAM, *map(str, arguments)],
            cwd=where or self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run_mapctl(self, *arguments, expect=0, where=None, **options):
        process = self.start(*arguments, where=where, **options)
        out, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, expect, f"{arguments}\n{out}\n{err}")
        return out, err

    def batch(self, *arguments, expect=0, where=None, **options):
        out, err = self.run_mapctl(
            "batch", *arguments, "--format", "json", expect=expect, where=where, **options
        )
        return (json.loads(out) if out.strip() else None), err

    def init(self):
        self.run_mapctl("init")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def make_tables(self, count, rows=50):
        """`count` CSV tables under in/, with columns that canonical contact and account know."""
        columns = ["contact_id", "first_name", "last_name", "email", "phone", "city",
                   "created_at", "annual_revenue", "job_title", "is_active"]
        rng = random.Random(7)
        for number in range(count):
            chosen = columns[:6] + rng.sample(columns[6:], 3) + [f"extra_{number}"]
            lines = [",".join(chosen)]
            for row in range(rows):
                values = {
                    "contact_id": f"C-{row:05}", "first_name": rng.choice(["Ana", "Bo", "Cy"]),
                    "last_name": rng.choice(["Ray", "Sol", "Tam"]),
                    "email": f"u{row}@example.com", "phone": f"+1-555-01{row % 100:02}",
                    "city": rng.choice(["Oslo", "Bern", "Lima"]),
                    "created_at": f"2025-{row % 12 + 1:02}-{row % 28 + 1:02}",
                    "annual_revenue": f"{rng.randint(1, 99999)}.50",
                    "job_title": rng.choice(["CTO", "Buyer"]), "is_active": rng.choice("YN"),
                }
                lines.append(",".join(values.get(c, str(row)) for c in chosen))
            self.write(f"in/contacts_{number:03}.csv", "\n".join(lines) + "\n")

    def plan(self, pairs, name="plan.yaml", extra="", output="output: {workbook: out/w.xlsx, also: [html, csv, json]}"):
        lines = ["version: 1", "name: test", "source: 'file:in'", "target: canonical", "pairs:"]
        lines += [f"  - {pair}" for pair in pairs]
        return self.write(name, "\n".join(lines + [output, extra]) + "\n")

    def outputs(self, folder="out"):
        """Digests of every output but the summary, which names what was resumed."""
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((self.folder / folder).iterdir())
            if not path.name.endswith(".summary.json")
        }


