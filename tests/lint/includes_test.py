# SPDX-License-Identifier: Apache-2.0
"""Plants one violation of each kind in a small tree: each must be found, and nothing else."""

import os
import tempfile
import unittest

import includes

ALLOWED = {
    "core/base/error.hpp": ["<string>", "<fmt/format.h>"],
    "core/base/hash.cpp": ['"core/base/error.hpp"', "<xxhash.h>", "<sys/stat.h>"],
    "core/catalog/table.hpp": ['"core/base/error.hpp"'],
    "core/mapping/mapping.hpp": ['"core/catalog/table.hpp"'],
    "core/ports/connector.hpp": ['"core/catalog/table.hpp"'],
    "core/batch/outcome.hpp": ['"core/base/error.hpp"'],
    "core/batch/runner.hpp": ['"core/batch/outcome.hpp"'],
    "core/config/yaml.hpp": ['"core/base/error.hpp"'],
    "core/config/yaml.cpp": ['"core/config/yaml.hpp"', "<yaml-cpp/yaml.h>"],
    "core/config/plan.hpp": ['"core/mapping/mapping.hpp"'],
    "core/matching/words/lexicon.hpp": ['"core/base/error.hpp"'],
    "core/matching/columns/side.hpp": ['"core/matching/words/lexicon.hpp"'],
    "core/matching/scoring/scorer.hpp": ['"core/matching/columns/side.hpp"'],
    "core/matching/matcher.hpp": [
        '"core/ports/connector.hpp"', '"core/matching/scoring/scorer.hpp"',
    ],
    "core/report/model.hpp": ['"core/matching/matcher.hpp"', '"core/batch/outcome.hpp"'],
    "core/jobs/propose.hpp": ['"core/batch/runner.hpp"', '"core/config/plan.hpp"'],
    "connectors/sqlite/handle.hpp": ["<sqlite3.h>", '"core/ports/connector.hpp"'],
    "connectors/dictionary/catalog.cpp": ['"core/config/yaml.hpp"', "<nlohmann/json.hpp>"],
    "cli/command.hpp": ["<CLI/CLI.hpp>", '"core/jobs/propose.hpp"'],
    "cli/wiring.cpp": ['"connectors/sqlite/handle.hpp"', '"cli/command.hpp"'],
}

FORBIDDEN = [
    ("core/base/error.hpp", '"core/catalog/table.hpp"'),
    ("core/catalog/table.hpp", '"core/mapping/mapping.hpp"'),
    ("core/mapping/mapping.hpp", '"core/ports/connector.hpp"'),
    ("core/batch/runner.hpp", '"core/ports/connector.hpp"'),
    ("core/matching/matcher.hpp", '"core/config/yaml.hpp"'),
    ("core/report/model.hpp", '"core/batch/runner.hpp"'),
    ("core/jobs/propose.hpp", '"core/report/model.hpp"'),
    ("core/jobs/propose.hpp", '"connectors/sqlite/handle.hpp"'),
    ("core/jobs/propose.hpp", '"cli/command.hpp"'),
    ("core/registry/store.cpp", "<sqlite3.h>"),
    ("core/base/json.hpp", "<nlohmann/json.hpp>"),
    ("core/matching/words/lexicon.hpp", '"core/matching/columns/side.hpp"'),
    ("core/matching/columns/side.hpp", '"core/matching/scoring/scorer.hpp"'),
    ("core/matching/scoring/scorer.hpp", '"core/matching/matcher.hpp"'),
    ("core/matching/surprise/new.hpp", '"core/matching/words/lexicon.hpp"'),
    ("core/matching/scoring/scorer.cpp", "<yaml-cpp/yaml.h>"),
    ("core/matching/scoring/scorer.cpp", "<boost/optional.hpp>"),
    ("core/surprise/new.hpp", '"core/base/error.hpp"'),
    ("connectors/duckdb/session.cpp", '"connectors/sqlite/handle.hpp"'),
    ("connectors/duckdb/session.cpp", '"core/mapping/mapping.hpp"'),
    ("connectors/duckdb/session.cpp", '"core/config/plan.hpp"'),
    ("connectors/duckdb/session.cpp", "<CLI/CLI.hpp>"),
    ("cli/commands/discover.cpp", '"connectors/sqlite/handle.hpp"'),
    ("cli/commands/discover.cpp", '"command.hpp"'),
    ("cli/commands/discover.cpp", '"core/base/hash.cpp"'),
    ("cli/commands/discover.cpp", '"core/base/missing.hpp"'),
    ("cli/commands/discover.cpp", '"tests/support/catch.hpp"'),
]


def plant(root, path, header):
    file = os.path.join(root, path)
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "a", encoding="utf-8") as stream:
        stream.write(f"# include {header}\n")


class IncludesTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = self.folder.name
        for path, headers in ALLOWED.items():
            for header in headers:
                plant(self.root, path, header)
        plant(self.root, "tests/support/catch.hpp", "<string>")

    def test_a_tree_that_keeps_the_rules_has_no_violation(self):
        self.assertEqual(list(includes.find_violations(self.root)), [])

    def test_every_planted_violation_is_found(self):
        for path, header in FORBIDDEN:
            with self.subTest(path=path, header=header):
                file = os.path.join(self.root, path)
                before = None
                if os.path.exists(file):
                    with open(file, encoding="utf-8") as stream:
                        before = stream.read()
                plant(self.root, path, header)
                found = list(includes.find_violations(self.root))
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(path + ":"), found)
                self.assertIn(header.strip('"<>'), found[0])
                if before is None:
                    os.remove(file)
                else:
                    with open(file, "w", encoding="utf-8") as stream:
                        stream.write(before)


if __name__ == "__main__":
    unittest.main()
