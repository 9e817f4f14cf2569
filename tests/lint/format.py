# SPDX-License-Identifier: Apache-2.0
"""clang-format would change no tracked C++ file. Other versions than 14 format differently."""

import argparse
import os
import re
import shutil
import subprocess
import sys

import files

VERSION = 14


def find_clang_format():
    for name in (f"clang-format-{VERSION}", "clang-format"):
        program = shutil.which(name)
        if program:
            text = subprocess.check_output([program, "--version"], text=True)
            if re.search(rf"version {VERSION}\.", text):
                return program
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True)
    root = parser.parse_args().root
    program = find_clang_format()
    if program is None:
        required = os.environ.get("MAPCTL_REQUIRE", "").split(",")
        print(f"skipped: clang-format {VERSION} is not installed")
        sys.exit(1 if {"all", "clang-format"} & set(required) else 4)
    sources = [name for name in files.list_files(root) if name.endswith((".cpp", ".hpp"))]
    sources = [name for name in sources if os.path.isfile(os.path.join(root, name))]
    if not sources:
        sys.exit("no sources found")
    result = subprocess.run(
        [program, "--dry-run", "--Werror", *sorted(sources)],
        cwd=root,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    badly = sorted({line.split(":")[0] for line in result.stderr.splitlines() if ": error: " in line})
    print("\n".join(f"{name}: run clang-format -i on it" for name in badly))
    print(f"{len(sources)} files, {len(badly)} to format")
    sys.exit(1 if result.returncode else 0)


if __name__ == "__main__":
    main()
