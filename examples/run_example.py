#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the command lines of an example's README in a copy of its folder and judges what they give.

  run_example.py --program build/dev/bin/mapctl --precision 0.9 --recall 0.6 examples/csv-folder

Every command must succeed. Of `propose` the decisions count, not how sure they are: each line of
expected.csv must be among them, and the shares of them that stand in truth.csv (precision) and of
truth.csv that they cover (recall) must reach what is given. Of `discover --pii`, the columns in
expected_personal.csv must be found.
"""

import argparse
import csv
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

FIELDS = ("source_table", "source_column", "target_table", "target_column")


def commands_of(readme):
    with open(readme, encoding="utf-8") as file:
        blocks = re.findall(r"^```sh\n(.*?)^```", file.read(), re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.strip()]


def rows_of(path, fields):
    with open(path, encoding="utf-8", newline="") as file:
        return {tuple(row[field] for field in fields) for row in csv.DictReader(file)}


class Example:
    def __init__(self, program, folder):
        self.program = os.path.abspath(program)
        self.folder = folder
        self.problems = []

    def run(self, arguments):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAPCTL_", "XDG_"))}
        with tempfile.TemporaryDirectory(prefix="mapctl-example-") as place:
            work = os.path.join(place, "example")
            shutil.copytree(self.folder, work)
            environment["HOME"] = place
            result = subprocess.run([self.program, *arguments], cwd=work, env=environment,
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        if result.returncode != 0 or not result.stdout.strip():
            self.problems.append(f"{shlex.join(arguments)}: exit {result.returncode}, "
                                 f"{len(result.stdout)} bytes\n{result.stderr}")
        return result.stdout

    def rows(self, arguments, fields):
        text = self.run([*arguments, "--format", "csv"])
        return {tuple(row[field] for field in fields) for row in csv.DictReader(io.StringIO(text))}

    def expect(self, what, wanted, found):
        for row in sorted(wanted - found):
            self.problems.append(f"{what}: '{','.join(row)}' is not there")

    def check(self, precision, recall):
        truth = rows_of(os.path.join(self.folder, "truth.csv"), FIELDS)
        expected = rows_of(os.path.join(self.folder, "expected.csv"), FIELDS)
        commands = commands_of(os.path.join(self.folder, "README.md"))
        judged = False
        for program, *arguments in commands:
            if program != "mapctl":
                self.problems.append(f"'{program}' is no command of an example")
                continue
            text = self.run(arguments)
            if "--explain" in arguments:
                plain = self.run([word for word in arguments if word != "--explain"])
                if len(text) <= len(plain):
                    self.problems.append(f"{shlex.join(arguments)}: no reasons are given")
            elif arguments[0] == "propose":
                judged = True
                decided = {row for row in self.rows(arguments, FIELDS) if row[3]}
                self.expect("decisions", expected, decided)
                right = len(decided & truth)
                shares = (("precision", right / max(1, len(decided)), precision),
                          ("recall", right / len(truth), recall))
                for name, share, floor in shares:
                    print(f"{name} {share:.2f}")
                    if share < floor:
                        self.problems.append(f"{name} {share:.2f} is less than {floor}")
            elif "--pii" in arguments:
                fields = ("table", "column")
                wanted = rows_of(os.path.join(self.folder, "expected_personal.csv"), fields)
                self.expect("personal columns", wanted, self.rows(arguments, fields))
        if not judged:
            self.problems.append("the README proposes nothing")
        return self.problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--precision", type=float, required=True)
    parser.add_argument("--recall", type=float, required=True)
    parser.add_argument("folder")
    arguments = parser.parse_args()
    problems = Example(arguments.program, arguments.folder).check(
        arguments.precision, arguments.recall)
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
