# SPDX-License-Identifier: Apache-2.0
"""A connector module exports one function: nothing of ours can bind across module borders."""

import subprocess
import sys


def exported_symbols(module):
    text = subprocess.run(
        ["nm", "-D", "--defined-only", "--format=posix", module],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    return sorted(line.split()[0] for line in text.splitlines())


def main():
    failed, entries = False, set()
    for module in sys.argv[1:]:
        # Compilers add their own instrumentation symbols, and templates of the standard library
        # are visible whatever we ask for; C++ names of ours would be mangled with "6mapctl".
        symbols = [
            name
            for name in exported_symbols(module)
            if "mapctl" in name and not name.startswith(("__asan", "__odr", "__tsan", "__gcov"))
        ]
        print(f"{module}: {' '.join(symbols)}")
        if len(symbols) != 1 or symbols[0].startswith("_Z"):
            print(f"{module}: one C function must be exported, not {len(symbols)} symbols")
            failed = True
        entries.update(symbols)
    if len(entries) != 1:
        print(f"modules disagree on the name of the entry: {', '.join(sorted(entries))}")
        failed = True
    sys.exit(1 if failed or len(sys.argv) < 2 else 0)


if __name__ == "__main__":
    main()
