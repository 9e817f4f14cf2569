#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program on a terminal: live progress that leaves a clean screen, and none elsewhere."""
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../batch"))
from project import PROGRAM, Project


def screen(output):
    """What a terminal shows after `output`, for the few codes a progress display needs."""
    lines, row, column = [""], 0, 0
    for code in re.finditer(r"\x1b\[(\d*)([A-Za-z])|(\r)|(\n)|([^\x1b\r\n])", output):
        count, letter, back, down, text = code.groups()
        if letter == "A":
            row = max(0, row - int(count or 1))
        elif letter == "K":
            lines[row] = lines[row][:column]
        elif letter == "J":
            lines[row:] = [lines[row][:column]]
        elif letter == "m":
            pass
        elif letter:
            raise AssertionError(f"an escape code nobody expects: {code.group()!r}")
        elif back:
            column = 0
        elif down:
            row += 1
            if row == len(lines):
                lines.append("")
        else:
            lines[row] = lines[row][:column].ljust(column) + text + lines[row][column + 1:]
            column += 1
    return [line.rstrip() for line in lines]


class TerminalTest(Project):
    def setUp(self):
        super().setUp()
        self.environment.pop("SOURCE_DATE_EPOCH", None)  # rates need a clock that goes on
        self.environment["TERM"] = "xterm"
        self.environment.pop("NO_COLOR", None)
        self.init()
        self.make_tables(60, rows=400)
        self.plan(["{source: 'contacts_*', target: contact}"])

    def on_terminal(self, *arguments, columns=100):
        """Exit code, stdout through a pipe, stderr as the terminal got it."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        process = subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, env=self.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave)
        os.close(slave)
        output = b""
        while True:
            try:
                chunk = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            if not chunk:
                break
            output += chunk
        os.close(master)
        out, _ = process.communicate(timeout=60)
        return process.returncode, out.decode(), output.decode()

    def test_a_batch_shows_pairs_rate_and_time_left_and_cleans_up(self):
        code, out, shown = self.on_terminal("batch", "plan.yaml", "--jobs", "1")
        self.assertEqual(code, 0, shown)
        # A phase that ends between two redraws is not seen, so either will do.
        self.assertRegex(shown, r"(reading|proposing) \[[#.]{20}\] \d+/60")
        self.assertIn("writing w.xlsx", shown)
        self.assertRegex(shown, r"\r  file:in: contacts_\d{3}( -> canonical: contact)? ")
        self.assertRegex(shown, r", \d+\.\d/s, [\d.]+ ?\w+ left")
        self.assertEqual([line for line in screen(shown) if line], [])
        self.assertNotIn('{"event"', shown)
        self.assertNotIn("\x1b", out)
        self.assertIn("60 pairs: 60 done", out)

    def test_no_line_is_wider_than_the_terminal(self):
        _, _, shown = self.on_terminal("batch", "plan.yaml", "--jobs", "2", columns=30)
        lines = re.split(r"[\r\n]+", re.sub(r"\x1b\[\d*[A-Za-z]", "", shown))
        self.assertGreater(max(map(len, lines)), 20)
        self.assertLess(max(map(len, lines)), 30)

    def test_an_error_stands_on_a_clean_screen(self):
        self.plan(["{source: 'contacts_*', target: contact}", "{source: gone, target: contact}"])
        (self.folder / "out").write_text("a file where a folder should be")
        code, _, shown = self.on_terminal("batch", "plan.yaml", "--jobs", "1")
        self.assertEqual(code, 1)
        left = [line for line in screen(shown) if line]
        self.assertRegex(left[0], "^error: ")
        self.assertTrue(all(re.match("(error|hint): ", line) for line in left), left)

    def test_no_progress_and_quiet_draw_nothing(self):
        for option in ("--no-progress", "--quiet"):
            with self.subTest(option=option):
                code, _, shown = self.on_terminal("batch", "plan.yaml", option)
                self.assertEqual((code, shown), (0, ""))

    def test_colours_are_only_there_when_wanted(self):
        self.plan(["{source: gone, target: contact}"])
        for arguments, coloured in ((["--no-progress"], True),
                                    (["--no-progress", "--color", "never"], False)):
            with self.subTest(arguments=arguments):
                _, out, shown = self.on_terminal("propose", "--source", "file:gone", "--target",
                                                 "canonical", *arguments)
                self.assertEqual("\x1b[" in shown, coloured, shown)
                self.assertNotIn("\x1b", out)
        self.environment["NO_COLOR"] = "1"
        _, _, shown = self.on_terminal("discover", "file:gone", "--no-progress")
        self.assertNotIn("\x1b", shown)

    def test_without_a_terminal_events_are_lines_of_json(self):
        out, err = self.run_mapctl("batch", "plan.yaml")
        self.assertNotIn("\x1b", out + err)
        events = [json.loads(line) for line in err.splitlines()]
        self.assertEqual([e["phase"] for e in events if e["event"] == "phase_started"],
                         ["reading", "proposing", "writing w.xlsx", "writing w.html",
                          "writing w.csv", "writing w.json"])
        finished = [e for e in events if e["event"] == "finished" and e["phase"] == "proposing"]
        self.assertEqual(len(finished), 60)
        self.assertEqual(finished[-1]["done"], finished[-1]["total"])
        for option in ("--no-progress", "--quiet"):
            _, err = self.run_mapctl("batch", "plan.yaml", option)
            self.assertEqual(err, "")


if __name__ == "__main__":
    unittest.main()
