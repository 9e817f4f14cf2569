# SPDX-License-Identifier: Apache-2.0
"""Help of one command, or of the program: exit code, sections, and what the man page says of it.

Every option that --help shows stands in the OPTIONS of the page, and the other way round. Every
command stands in mapctl(1), every subcommand in its page, and an option that is said to be
"Of `this` and `that`" is an option of just those.
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
    example = result.stdout.partition("Example:\n")[2].partition("\n\n")[0]
    if words and not re.search(rf"\bmapctl( --\S+ \S+)* {' '.join(words)}\b", example):
        sys.exit(f"{' '.join(words)} --help has no example of it")
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


def section(text, heading):
    return text.partition(f"\n# {heading}\n")[2].partition("\n# ")[0]


def faults_of_layout(options):
    """A term without a blank line before it becomes text of the term above."""
    lines = options.splitlines()
    return [f"no blank line before {line}" for above, line in zip(lines, lines[1:])
            if line.startswith("**-") and above]


def faults_of_owners(options, owners):
    """`owners` has the options of each subcommand."""
    said = {}
    for block in options.split("\n\n"):
        terms, _, text = block.partition("\n:")
        names = set()
        for words in re.findall(r"\bOf ((?:`[a-z -]+`(?:, | and )?)+)", text):
            names |= {word.split()[0] for word in re.findall(r"`([a-z -]+)`", words)}
        if names & set(owners):
            for option in re.findall(r"\*\*(--[a-z][a-z-]*)\*\*", terms):
                said.setdefault(option, set()).update(names & set(owners))
    faults = []
    for option, names in said.items():
        having = {name for name, options_of_it in owners.items() if option in options_of_it}
        faults += [f"{option} is no option of {name}" for name in sorted(names - having)]
        faults += [f"{option} is an option of {name} too" for name in sorted(having - names)]
    return faults


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
        with open(page, encoding="utf-8") as file:
            content = file.read()
        owners = {}
        for sub in subcommands_of_help(text):
            of_sub = read_help(arguments.program, [*words, sub])
            owners[sub] = options_of_help(of_sub)
            for part in subcommands_of_help(of_sub):
                owners[sub] |= options_of_help(read_help(arguments.program, [*words, sub, part]))
            shown |= owners[sub]
        options = section(content, "OPTIONS")
        faults = faults_of_layout(options) + faults_of_owners(options, owners)
        introduction = content.partition("\n# OPTIONS\n")[0]
        faults += [f"{sub} is not described" for sub in owners
                   if not re.search(rf"(\*\*|`)([a-z ]* )?{sub}\1", introduction)]
        described = options_of_page(page)
        shown.discard("--help")
    else:
        page = os.path.join(arguments.man, "mapctl.md")
        text = read_help(arguments.program, [])
        shown = options_of_help(text)
        with open(page, encoding="utf-8") as file:
            commands = section(file.read(), "COMMANDS")
        faults = [f"{command} is not in COMMANDS" for command in subcommands_of_help(text)
                  if f"**{command}**" not in commands]
        described = options_of_page(page) | options_of_page(
            os.path.join(arguments.man, "fragments/global-options.md")
        )
    for option in sorted(shown - described):
        print(f"{page}: {option} of --help is missing")
    for option in sorted(described - shown):
        print(f"{page}: {option} is not in --help")
    for fault in faults:
        print(f"{page}: {fault}")
    sys.exit(1 if faults or shown != described else 0)


if __name__ == "__main__":
    main()
