# SPDX-License-Identifier: Apache-2.0
"""Runs the golden cases of one command and compares bytes.

A case is a folder tests/cli/<command>/<case> with
  args     the arguments, in shell quoting; further lines are further calls, run before the last
  input/   files that are copied into an empty working folder, optional
  stdout, stderr, exit   what the last call must give
  output/  files that the calls must have written into the working folder, optional
  mask     regular expressions, one a line, optional: what they match in stdout, stderr and output/
           is not compared and stands as # in the expected files (scores, sizes)

{DIR} in a file stands for the working folder, {HOME}/home for the user's, {SHARE} for shipped data. The environment is
fixed: no configuration of this machine, SOURCE_DATE_EPOCH set. After a change that is meant:
  tests/cli/run_cases.py --program build/dev/bin/mapctl --update tests/cli/<command>
and read the difference before it is committed.
"""

import argparse
import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile


def make_environment(folder):
    keep = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    environment.update(
        HOME=os.path.join(folder, "home"),
        XDG_CONFIG_HOME=os.path.join(folder, "home/config"),
        XDG_DATA_HOME=os.path.join(folder, "home/data"),
        SOURCE_DATE_EPOCH="1767225600",
        LC_ALL="C.UTF-8",
        TZ="UTC",
        MAPCTL_USER="tester",
    )
    return environment


def run_case(case, program):
    share = os.path.realpath(os.path.join(os.path.dirname(program), "../share/mapctl"))
    with tempfile.TemporaryDirectory(prefix="mapctl-case-") as folder:
        folder = os.path.realpath(folder)
        work = os.path.join(folder, "work")
        source = os.path.join(case, "input")
        if os.path.isdir(source):
            shutil.copytree(source, work)
        else:
            os.mkdir(work)
        with open(os.path.join(case, "args"), encoding="utf-8") as file:
            calls = [shlex.split(line) for line in file.read().splitlines()] or [[]]
        for call in calls:
            result = subprocess.run(
                [program, *call],
                cwd=work,
                env=make_environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                timeout=60,
                check=False,
            )

        masks = []
        if os.path.isfile(os.path.join(case, "mask")):
            with open(os.path.join(case, "mask"), "rb") as file:
                masks = [re.compile(line, re.MULTILINE) for line in file.read().splitlines()]

        def neutral(output):
            for mask in masks:
                output = mask.sub(b"#", output)
            for path, name in ((work, b"{DIR}"), (folder, b"{HOME}"), (share, b"{SHARE}")):
                output = output.replace(path.encode(), name)
            return output

        found = {
            "stdout": neutral(result.stdout),
            "stderr": neutral(result.stderr),
            "exit": f"{result.returncode}\n".encode(),
        }
        output = os.path.join(case, "output")
        for parent, _, names in os.walk(output):
            for name in sorted(names):
                path = os.path.relpath(os.path.join(parent, name), output)
                written = os.path.join(work, path)
                content = b"(not written)\n"
                if os.path.isfile(written):
                    with open(written, "rb") as file:
                        content = file.read()
                found[os.path.join("output", path)] = neutral(content)
        return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("folder")
    arguments = parser.parse_args()
    program = os.path.abspath(arguments.program)

    failed = count = 0
    for name in sorted(os.listdir(arguments.folder)):
        case = os.path.join(arguments.folder, name)
        if not os.path.isfile(os.path.join(case, "args")):
            continue
        count += 1
        found = run_case(case, program)
        for part, content in found.items():
            path = os.path.join(case, part)
            if arguments.update:
                with open(path, "wb") as file:
                    file.write(content)
                continue
            expected = b""
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    expected = file.read()
            if content != expected:
                failed += 1
                print(f"{case}: {part} differs")
                sys.stdout.writelines(
                    difflib.unified_diff(
                        expected.decode("utf-8", "replace").splitlines(True),
                        content.decode("utf-8", "replace").splitlines(True),
                        "expected",
                        "found",
                    )
                )
    print(f"{count} cases, {failed} differences")
    sys.exit(1 if failed or count == 0 else 0)


if __name__ == "__main__":
    main()
