# SPDX-License-Identifier: Apache-2.0
"""One list of commands: what the program offers, MAPCTL_COMMANDS of cli/CMakeLists.txt, the man
pages and the golden folders name the same commands, and so do the source files."""

import argparse
import os
import re
import subprocess
import sys


def offered_commands(program):
    """Command names of `mapctl --help`: the lines of the section of subcommands."""
    text = subprocess.run(
        [program, "--help"], stdout=subprocess.PIPE, text=True, check=True, timeout=60
    ).stdout
    names, inside = set(), False
    for line in text.splitlines():
        if re.match(r"^(sub)?commands:", line, re.IGNORECASE):
            inside = True
        elif inside and re.match(r"^\S", line):
            inside = False
        elif inside:
            match = re.match(r"^  ([a-z][a-z-]*)(\s|$)", line)
            if match:
                names.add(match.group(1))
    return names


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("commands", nargs="+")
    arguments = parser.parse_args()
    root, commands = arguments.root, set(arguments.commands)

    sources = {
        name[: -len(".cpp")].replace("_", "-")
        for name in os.listdir(os.path.join(root, "cli/commands"))
        if name.endswith(".cpp")
    }
    pages = {
        name[len("mapctl-") : -len(".md")]
        for name in os.listdir(os.path.join(root, "man"))
        if re.match(r"^mapctl-.*(?<!\.5)\.md$", name)
    }
    golden = {
        name
        for name in os.listdir(os.path.join(root, "tests/cli"))
        if os.path.isdir(os.path.join(root, "tests/cli", name)) and not name.startswith("_")
    } - {"global"}

    failed = False
    for what, found in (
        ("mapctl --help", offered_commands(arguments.program)),
        ("cli/commands", sources),
        ("man", pages),
        ("tests/cli", golden),
    ):
        for name in sorted(commands - found):
            print(f"{what}: command '{name}' of MAPCTL_COMMANDS is missing")
            failed = True
        for name in sorted(found - commands):
            print(f"{what}: '{name}' is not in MAPCTL_COMMANDS")
            failed = True
    print(f"{len(commands)} commands")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
