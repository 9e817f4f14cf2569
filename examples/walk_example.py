#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Walks an example's README in one copy of its folder, from the first command line to the last.

  walk_example.py --program build/dev/bin/mapctl [--same mappings] examples/migrate-yaml

Each command must end with the exit code that a comment behind it names ("# exit 4"), or with 0. A
block of text behind commands is what the last of them prints. The folder that --same names must
be gone at some time and have its old content, byte for byte, at the end.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile


def content_of(folder):
    content = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                content[os.path.relpath(path, folder)] = file.read()
    return content


class Walk:
    def __init__(self, program, place):
        self.program = os.path.abspath(program)
        self.work = os.path.join(place, "example")
        self.environment = {k: v for k, v in os.environ.items()
                            if not k.startswith(("MAPCTL_", "XDG_"))}
        self.environment["HOME"] = place
        self.problems = []

    def run(self, line):
        command, _, comment = line.partition("#")
        program, *arguments = shlex.split(command)
        if program != "mapctl":
            self.problems.append(f"'{program}' is no command of an example")
            return ""
        named = re.search(r"exit (\d+)", comment)
        wanted = int(named.group(1)) if named else 0
        result = subprocess.run([self.program, *arguments], cwd=self.work, env=self.environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, timeout=300, check=False)
        if result.returncode != wanted:
            self.problems.append(f"{line}: exit {result.returncode}\n{result.stdout}"
                                 f"{result.stderr}")
        return result.stdout

    def walk(self, same):
        with open(os.path.join(self.work, "README.md"), encoding="utf-8") as file:
            blocks = re.findall(r"^```(\w+)\n(.*?)^```", file.read(), re.MULTILINE | re.DOTALL)
        folder = os.path.join(self.work, same or ".")
        before = content_of(folder)
        was_gone = False
        commands = 0
        printed = ""
        for kind, text in blocks:
            if kind == "sh":
                for line in text.splitlines():
                    printed = self.run(line)
                    commands += 1
                    was_gone = was_gone or not content_of(folder)
            elif printed.strip() != text.strip():
                self.problems.append(f"wanted:\n{text}\nprinted:\n{printed}")
        if commands == 0:
            self.problems.append("the README has no commands")
        if same and (not was_gone or content_of(folder) != before):
            self.problems.append(f"'{same}' did not go and come back as it was")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--same", default="")
    parser.add_argument("folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mapctl-example-") as place:
        walk = Walk(arguments.program, place)
        shutil.copytree(arguments.folder, walk.work)
        walk.walk(arguments.same)
    print("\n".join(walk.problems))
    sys.exit(1 if walk.problems else 0)


if __name__ == "__main__":
    main()
