# SPDX-License-Identifier: Apache-2.0
"""REST systems that misbehave, as a user of the program meets them: one error line that names the
cause, a hint with the next step, the exit code, and no more time or memory than is allowed."""

import json
import os
import re
import resource
import time
import unittest

from rest_program import RestProgram

PROFILE = """name: crm
connector: rest
options:
  base_url: {url}
  record_path: items
  streams: {{things: {{{stream}}}}}
  {more}
retry: {{{retry}}}
"""
QUICK = "attempts: 2, backoff: 10ms"
SANITIZED = any("SAN_OPTIONS" in name for name in os.environ)


def peak_megabytes():
    """Of the largest process that this one has waited for."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


class Faults(RestProgram):
    def profile(self, stream, more="", retry=QUICK, url=None):
        self.write("profiles/crm.yaml",
                   PROFILE.format(url=url or self.url, stream=stream, more=more, retry=retry))

    def fails(self, *arguments, expect, cause, hint, **environment):
        result = self.run_program(*(arguments or ("discover", "crm")), expect=expect, **environment)
        self.assertEqual(result.stdout, "")
        lines = [line for line in result.stderr.splitlines() if line]
        self.assertRegex(lines[-2], "^error: .*" + cause)
        self.assertRegex(lines[-1], "^hint: .*" + hint)

    def test_429_for_ever_ends_at_the_deadline(self):
        self.profile("path: status/429",
                     retry="attempts: 100, backoff: 30ms, max_backoff: 60ms, deadline: 1s")
        began = time.monotonic()
        self.fails(expect=5, cause="HTTP 429", hint="requests_per_second")
        self.assertGreater(time.monotonic() - began, 0.9)
        self.assertGreater(len(self.requests()), 3)

    def test_429_with_a_wait_beyond_the_deadline_is_not_waited_for(self):
        self.profile("path: flaky/429/1000/k, parameters: {after: '3600'}",
                     retry="attempts: 5, deadline: 20s")
        began = time.monotonic()
        self.fails(expect=5, cause="HTTP 429", hint="requests_per_second")
        self.assertLess(time.monotonic() - began, 20)
        self.assertEqual(len(self.requests()), 1)

    def test_an_answer_of_500_megabytes_is_refused_in_little_memory(self):
        before = peak_megabytes()
        self.profile("path: huge/500", more="response_limit: 16MB")
        self.fails(expect=1, cause="larger than 15.3 MiB", hint="response_limit")
        if not SANITIZED:
            self.assertLess(peak_megabytes(), max(before, 150))

    def test_a_proxy_that_answers_itself_is_named(self):
        # The server takes the place of the proxy: it never asks the host that the profile names.
        self.profile("path: html", url="http://crm.example.org")
        self.fails(expect=1, cause="web page", hint=".", http_proxy=self.url)
        self.assertEqual(self.requests()[0]["headers"]["host"], "crm.example.org")
        self.profile("path: status/407", url="http://crm.example.org")
        self.fails(expect=5, cause="407", hint="HTTP_PROXY", http_proxy=self.url)
        self.profile("path: pages", url="https://crm.example.org")
        self.fails(expect=5, cause="proxy in front of 'crm.example.org' wants credentials",
                   hint="HTTPS_PROXY", https_proxy=self.url)
        self.profile("path: pages", url="https://forbidden.example.org")
        self.fails(expect=5, cause="proxy in front of 'forbidden.example.org' .*403",
                   hint="proxy", https_proxy=self.url)

    def test_a_proxy_that_is_down_is_named_and_the_system_is_not(self):
        for scheme, url in (("http", "http://crm.example.org:18081"), ("https", "https://crm.example.org")):
            self.profile("path: pages", url=url)
            for host in ("127.0.0.1", "[::1]", "localhost"):
                with self.subTest(scheme, proxy=host):
                    self.fails(expect=5, hint="NO_PROXY",
                               cause=re.escape(f"the proxy '{host}:1' in front of 'crm.example.org' "
                                               "does not accept connections") + "$",
                               **{f"{scheme}_proxy": f"http://pu:pw@{host}:1"})
        self.profile("path: pages", url="http://LOCALHOST:1")
        self.fails(expect=5, cause="'http://localhost:1' does not accept", hint="host and port",
                   http_proxy="http://127.0.0.1:2", no_proxy="localhost")

    def test_a_cursor_that_loops_is_found_out(self):
        self.profile("path: longloop, records: data, "
                     "paging: {type: cursor, parameter: after, path: paging.next}")
        self.fails("discover", "crm", expect=1, cause="round in a circle", hint="'paging'")

    def test_a_field_that_changes_its_type_is_text_and_said(self):
        self.profile("path: types, paging: {type: page, parameter: page}")
        found = self.run_program("discover", "crm", "--format", "json")
        columns = {c["name"]: c["type"]
                   for c in json.loads(found.stdout)["schemas"][0]["tables"][0]["columns"]}
        self.assertEqual(columns["value"], "string")
        self.assertRegex(found.stderr, "warning: .*'value'")

    def test_a_wait_until_a_moment_goes_by_the_clock_that_named_it(self):
        for ahead in (7200, -7200):
            self.profile(f"path: skewed/{ahead}/k", retry="attempts: 2, deadline: 60s")
            began = time.monotonic()
            self.run_program("discover", "crm")
            seconds = time.monotonic() - began
            # The moment is two seconds away, though our clock says hours or the past.
            self.assertGreater(seconds, 0.5)
            self.assertLess(seconds, 50)

    def test_a_breaker_that_one_process_opened_is_shown_by_another(self):
        self.run_program("init")
        kept = os.path.join(self.work, ".mapctl/breakers/crm.json")
        doctor = lambda: {
            check["name"]: check
            for check in json.loads(self.run_program("doctor", "--format", "json").stdout)["checks"]
            if check["name"].startswith("circuit breaker")
        }
        self.assertEqual(doctor()["circuit breakers"]["detail"], "all are closed")
        # The breaker opens after eight failures in a row.
        self.profile("path: flaky/503/9/k", retry="attempts: 20, backoff: 1ms, max_backoff: 2ms",
                     url=self.url)
        self.fails(expect=5, cause="failed 8 times in a row", hint=".")
        self.assertEqual(len(self.requests()), 8)
        with open(kept, encoding="utf-8") as file:
            document = json.load(file)
        self.assertEqual(document["failures"], 8)
        self.assertEqual(document["origin"], self.url)
        self.assertLess(document["opened_at"], document["next_try_at"])
        check = doctor()["circuit breaker crm"]
        self.assertEqual(check["status"], "warning")
        self.assertRegex(check["detail"], "^(open|half-open) since 20.*8 failures in a row")
        self.assertIn("profile test crm", check["hint"])
        # Another process tries all the same; the ninth failure leaves what was kept.
        self.profile("path: flaky/503/9/k", retry="attempts: 1")
        refused = self.run_program("profile", "test", "crm", expect=5)
        self.assertRegex(refused.stderr, "warning: the circuit breaker of 'crm' is (half-)?open")
        self.assertEqual(len(self.requests()), 9)
        # A good answer closes it for all.
        self.assertRegex(self.run_program("profile", "test", "crm").stdout,
                         r"circuit breaker +closed")
        self.assertFalse(os.path.exists(kept))
        self.assertEqual(doctor()["circuit breakers"]["status"], "ok")

    def test_a_breaker_kept_long_ago_is_half_open_and_a_broken_file_is_none(self):
        self.run_program("init")
        folder = os.path.join(self.work, ".mapctl/breakers")
        os.makedirs(folder)
        with open(os.path.join(folder, "old.json"), "w", encoding="utf-8") as file:
            json.dump({"schema": "mapctl.circuit_breaker/1", "profile": "old",
                       "origin": "https://old.example.org", "failures": 8,
                       "opened_at": "2020-01-01T00:00:00Z",
                       "next_try_at": "2020-01-01T00:00:30Z"}, file)
        for name, text in (("cut", '{"schema": "mapctl.circuit'), ("other", "[1, 2]"),
                           ("empty", ""), ("odd", '{"schema": 7, "opened_at": 3}'),
                           ("deep", "[" * 300_000 + "]" * 300_000)):
            with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as file:
                file.write(text)
        shown = self.run_program("doctor").stdout
        self.assertRegex(shown, "circuit breaker old +half-open since 2020-01-01T00:00:00Z")
        self.assertEqual(len(re.findall("circuit breaker", shown)), 1)


if __name__ == "__main__":
    unittest.main()
