#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The review with the keyboard, in a real terminal of 80 columns and 24 rows."""
import os
import shlex
import shutil
import subprocess
import time
import unittest

from review_project import PROGRAM, ReviewProject, skip_without

TMUX = shutil.which("tmux")
if TMUX is None:
    skip_without("tmux", "tmux is not installed")


class TuiTest(ReviewProject):
    def setUp(self):
        super().setUp()
        self.socket = str(self.folder / "tmux.socket")
        self.addCleanup(self.tmux, "kill-server", check=False)
        words = " ".join(f"{name}={shlex.quote(value)}" for name, value in self.environment.items()
                         if name.startswith(("MAPCTL_", "XDG_", "HOME", "SOURCE_")))
        self.command = f"cd {shlex.quote(str(self.folder))}; {words} {shlex.quote(PROGRAM)} review"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24",
                  "env PS1='ready> ' sh")

    def tmux(self, *arguments, check=True):
        return subprocess.run([TMUX, "-S", self.socket, *arguments], check=check,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              env=dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color")
                              ).stdout.decode()

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def wait_for(self, words, absent=False):
        for _ in range(100):
            text = self.screen()
            if (words in text) != absent:
                return text
            time.sleep(0.05)
        self.fail(f"{words!r} {'stays' if absent else 'never comes'}:\n{text}")

    def begin(self, *arguments, subcommand="tui"):
        self.keys(f"{self.command} {' '.join((subcommand, *arguments))}", "Enter")
        return self.wait_for("0 of 3 decided")

    def test_keys_search_evidence_and_undo(self):
        text = self.begin()
        self.assertIn("people.email", text)
        self.assertTrue(all(len(line) <= 80 for line in text.splitlines()))
        self.keys("/")
        self.keys("-l", "email")
        self.keys("Enter")
        self.wait_for("1 shown")
        self.keys("a")
        self.wait_for("1 of 3 decided")
        self.assertEqual(self.statuses()["email>email"], "approved")
        self.keys("u")
        self.wait_for("taken back")
        self.assertEqual(self.statuses()["email>email"], "proposed")
        self.keys("g")
        self.keys("e")
        self.wait_for("rule: ")
        self.keys("j", "k", "G", "Up", "Down", "Home", "NPage", "PPage")
        self.keys("e")
        self.wait_for("rule: ", absent=True)
        self.keys("?")
        self.wait_for("Each decision is written at once")
        self.keys("x")
        self.wait_for("Each decision", absent=True)
        self.keys("r")
        self.wait_for("reject, because")
        self.keys("Enter")
        self.wait_for("it needs a reason")
        self.keys("r")
        self.keys("-l", "wrongx")
        self.keys("BSpace", "Enter")
        self.wait_for("1 of 3 decided")
        self.assertEqual(list(self.statuses().values()).count("rejected"), 1)
        reason = self.sql("SELECT change_reason FROM mapping_audit_log WHERE action = 'rejected'")
        self.assertTrue(reason[0][0].endswith(": wrong"))
        self.keys("q")
        self.wait_for("decisions written")
        self.assertIn("ready>", self.screen())

    def test_resizes_and_leaves_the_terminal_as_it_was(self):
        self.begin()
        self.tmux("resize-window", "-x", "60", "-y", "15", check=False)
        text = self.wait_for("decided")
        for _ in range(40):
            text = self.screen()
            if all(len(line) <= 60 for line in text.splitlines()) and "a approve" in text:
                break
            time.sleep(0.05)
        self.assertIn("a approve", text)
        self.keys("C-c")
        self.wait_for("a approve", absent=True)
        # Echo, lines and the cursor are back: what is typed shows, and is run once.
        self.keys("echo echoes=$(stty -a | grep -c ' echo ')", "Enter")
        self.wait_for("echoes=1")

    def test_ends_with_a_signal(self):
        self.begin()
        self.tmux("resize-window", "-x", "80", "-y", "24", check=False)
        pane = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        child = subprocess.run(["ps", "--ppid", pane, "-o", "pid="], stdout=subprocess.PIPE,
                               check=True).stdout.decode().split()
        os.kill(int(child[-1]), 15)
        self.wait_for("a approve", absent=True)
        self.keys("echo $?", "Enter")
        self.wait_for("143")

    def test_review_alone_is_the_review_with_the_keyboard(self):
        self.assertIn("people.email", self.begin(subcommand=""))
        self.keys("q")
        self.wait_for("0 decisions written")
        for command in (("review",), ("review", "--tenant", "default")):
            _, err = self.run_mapctl(*command, expect=2)
            self.assertIn("needs a terminal", err)

    def test_without_a_terminal_it_says_what_to_use(self):
        _, err = self.run_mapctl("review", "tui", expect=2)
        self.assertIn("needs a terminal", err)


if __name__ == "__main__":
    unittest.main()
