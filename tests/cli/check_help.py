# SPDX-License-Identifier: Apache-2.0
"""Help of one command, or of the program: exit code, sections, and the options of the man page.

Every option that --help shows stands in the OPTIONS of the page, and the other way round.
"""

import argparse
import os
import re
import subprocess
import sys

GLOBAL_HEADING = "Global options:"


def read_help(program, words):
    result = subprocess.run(
        [program, *words, "--help"], stdout=subprocess.PIPE, text=True, timeout=60, check=False
    )
    if result.returncode != 0:
        sys.exit(f"{' '.join(words)} --help ends with {result.returncode}")
    for section in ("Usage:", "Example:", "Exit codes:"):
        if section not in result.stdout:
            sys.exit(f"{' '.join(words)} --help has no section '{section}'")
    return result.stdout


def options_of_help(text):
    return set(re.findall(r"^  (?:-\w,)?(--[a-z][a-z-]*)", text, re.MULTILINE))


def subcommands_of_help(text):
    match = re.search(r"^Commands?:\n((?:  .*\n)+)|^Subcommands:\n((?:  .*\n)+)", text, re.MULTILINE)
    if not match:
        return []
    return re.findall(r"^  ([a-z][a-z-]*)", match.group(1) or match.group(2), re.MULTILINE)


def options_of_page(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    folder = os.path.dirname(path)
    options = set()
    for part in re.findall(r"<!-- include: ([^ ]+) -->", text):
        if not os.path.isfile(os.path.join(folder, part)):
            sys.exit(f"{path}: there is no fragment '{part}'")
    # Definition terms begin a line with the option in bold.
    for line in text.splitlines():
        if line.startswith("**-"):
            options |= set(re.findall(r"\*\*(--[a-z][a-z-]*)\*\*", line))
    return options


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--man", required=True)
    parser.add_argument("command", nargs="?")
    arguments = parser.parse_args()
    if arguments.command:
        words = [arguments.command]
        page = os.path.join(arguments.man, f"mapctl-{arguments.command}.md")
        text = read_help(arguments.program, words)
        shown = options_of_help(text)
        for sub in subcommands_of_help(text):
            shown |= options_of_help(read_help(arguments.program, [*words, sub]))
        described = options_of_page(page)
        shown.discard("--help")
    else:
        page = os.path.join(arguments.man, "mapctl.md")
        shown = options_of_help(read_help(arguments.program, []))
        described = options_of_page(page) | options_of_page(
            os.path.join(arguments.man, "fragments/global-options.md")
        )
    for option in sorted(shown - described):
        print(f"{page}: {option} of --help is missing")
    for option in sorted(described - shown):
        print(f"{page}: {option} is not in --help")
    sys.exit(1 if shown != described else 0)


if __name__ == "__main__":
    main()
