# SPDX-License-Identifier: Apache-2.0
"""Checks every tracked text file that a tool or a reader depends on.

The SPDX line, at most 600 lines in sources, no folder of one machine, no mark of unfinished work,
and two calls that have one place: isatty() in cli/terminal, exit() nowhere.
"""

import argparse
import os
import re
import subprocess
import sys

MAX_LINES = 600
SPDX = "SPDX-License-Identifier: Apache-2.0"
COMMENTED = (".cpp", ".hpp", ".cmake", ".py", ".sh", ".yaml", ".yml", ".tsv")
COMMENTED_NAMES = ("CMakeLists.txt", ".clang-format", ".clang-tidy")
# Data and expected output are compared byte by byte and carry no licence line.
DATA_FOLDERS = ("tests/data/", "tests/cli/", "examples/")
SOURCE_FOLDERS = ("core/", "connectors/", "cli/")

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:work|root|home/\w+)/")
ISATTY = re.compile(r"\bisatty\s*\(")
EXIT = re.compile(r"\b(?:std::|::)?(?:quick_exit|exit)\s*\(\s*(?:\w|\d)")


def needs_licence(path):
    name = os.path.basename(path)
    if path.startswith(DATA_FOLDERS) and not name.endswith((".sh", ".cpp", ".hpp", ".py", ".cmake")):
        return name in COMMENTED_NAMES
    return name in COMMENTED_NAMES or path == ".ci/run" or name.endswith(COMMENTED)


def find_violations(path, text):
    lines = text.splitlines()
    # A script's first line names its interpreter.
    if needs_licence(path) and not any(SPDX in line for line in lines[:2]):
        yield f"{path}: the line '{SPDX}' is missing"
    is_source = path.startswith(SOURCE_FOLDERS) and path.endswith((".cpp", ".hpp"))
    if is_source and len(lines) > MAX_LINES:
        yield f"{path}: {len(lines)} lines, more than {MAX_LINES}"
    if path.startswith("tests/lint/files"):
        return
    for number, line in enumerate(lines, 1):
        if not path.startswith(DATA_FOLDERS + ("profiles/",)) and UNFINISHED.search(line):
            yield f"{path}:{number}: a mark of unfinished work"
        if MACHINE_PATH.search(line):
            yield f"{path}:{number}: a folder of one machine"
        if is_source and not path.startswith("cli/terminal/") and ISATTY.search(line):
            yield f"{path}:{number}: isatty() belongs to cli/terminal"
        if is_source and EXIT.search(line) and not line.lstrip().startswith("//"):
            yield f"{path}:{number}: exit() is used nowhere, return an exit code"


def list_files(root):
    """Tracked files, or all but the build folder where git does not know them."""
    listing = subprocess.run(
        ["git", "-c", f"safe.directory={os.path.abspath(root)}", "-C", root, "ls-files", "-z"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if listing.returncode == 0 and listing.stdout:
        return [os.fsdecode(name) for name in listing.stdout.split(b"\0") if name]
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in ("build", ".git")]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in files]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True)
    root = parser.parse_args().root
    violations, count = [], 0
    for path in sorted(list_files(root)):
        full = os.path.join(root, path)
        if not os.path.isfile(full):
            continue  # removed, but not committed yet
        with open(full, "rb") as file:
            content = file.read()
        if b"\0" in content:
            continue
        count += 1
        violations += find_violations(path, content.decode("utf-8", "replace"))
    print("\n".join(violations))
    print(f"{count} files, {len(violations)} violations")
    sys.exit(1 if violations or count == 0 else 0)


if __name__ == "__main__":
    main()
