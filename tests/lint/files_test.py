# SPDX-License-Identifier: Apache-2.0
"""Each rule of files.py finds what breaks it and leaves alone what does not."""

import unittest

import files

HEAD = "// SPDX-License-Identifier: Apache-2.0\n"

BREAKING = [
    ("core/base/text.cpp", "int x;\n", "is missing"),
    ("cmake/setup.sh", "#!/bin/sh\nset -eu\n# SPDX-License-Identifier: Apache-2.0\n", "is missing"),
    ("cli/main.cpp", HEAD + "\n" * 600, "601 lines"),
    ("core/base/text.cpp", HEAD + "// TODO: later\n", "unfinished"),
    ("README.md", "Look into /root/thing\n", "one machine"),
    ("core/base/text.cpp", HEAD + "bool t = ::isatty(1);\n", "isatty"),
    ("core/base/text.cpp", HEAD + "  std::exit(1);\n", "exit()"),
]

KEEPING = [
    ("core/base/text.cpp", HEAD + "\n" * 599),
    ("cmake/setup.sh", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"),
    ("cli/terminal/tty.cpp", HEAD + "bool t = ::isatty(1);\n"),
    ("README.md", "no licence line needed\n"),
    ("tests/data/export.csv", "TODO,done\n"),
    ("tests/cli/batch/ok/plan.yaml", "version: 1\n"),
    ("cli/main.cpp", HEAD + "return on_exit(code);\n"),
    ("cmake/paths.cmake", "# SPDX-License-Identifier: Apache-2.0\nset(x ${root}/work/x)\n"),
]


class FilesTest(unittest.TestCase):
    def test_every_rule_finds_what_breaks_it(self):
        for path, text, reason in BREAKING:
            with self.subTest(path=path, reason=reason):
                found = list(files.find_violations(path, text))
                self.assertEqual(len(found), 1, found)
                self.assertIn(reason, found[0])

    def test_what_keeps_the_rules_is_left_alone(self):
        for path, text in KEEPING:
            with self.subTest(path=path):
                self.assertEqual(list(files.find_violations(path, text)), [])


if __name__ == "__main__":
    unittest.main()
