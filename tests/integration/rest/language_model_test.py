#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""propose and batch with a language model: asked, kept, replayed, paid for, refused, failing.

The service is tests/support/chat_server.py.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
import zipfile
from pathlib import Path

PROGRAM = os.environ["MAPCTL_TEST_PROGRAM"]
SOURCE = os.environ["MAPCTL_TEST_SOURCE_DIR"]
KEY = "sk-k3y-of-the-tests-0123456789"

PROFILE = """name: llm
connector: llm
options: {{url: "{url}", model: tiny, prompt_price: 1000, answer_price: 5000}}
auth: {{key: "${{env:LLM_KEY}}"}}
limits: {{timeout: 5s}}
retry: {{attempts: 2, backoff: 10ms}}
"""
# Columns whose names say nothing, beside one that needs no help.
COLUMNS = "ref_a,varchar(20),\nzz_1,varchar(10),\nzz_2,date,\nemail,varchar(80),\n"
TARGET = """table,column,type,description
customer,customer_number,varchar(20),Number of the customer
customer,postal_code,varchar(10),Postal code
customer,email,varchar(80),Mail address
customer,birth_date,date,Date of birth
"""


class LanguageModel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen(
            [sys.executable, os.path.join(SOURCE, "tests/support/chat_server.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        cls.url = f"http://127.0.0.1:{cls.server.stdout.readline().strip()}"

    @classmethod
    def tearDownClass(cls):
        cls.server.stdin.close()
        cls.server.wait(10)
        cls.server.stdout.close()

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="mapctl-llm-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        sanitizers = {name: value for name, value in os.environ.items() if "SAN_OPTIONS" in name}
        self.environment = {
            **sanitizers, "PATH": os.environ["PATH"], "HOME": str(self.folder / "home"),
            "LC_ALL": "C.UTF-8", "MAPCTL_USER": "tester", "LLM_KEY": KEY,
            "SOURCE_DATE_EPOCH": "1767225600",
        }
        self.seen = []
        self.write("target.csv", TARGET)
        self.tables("kunden")
        self.run_program("init")
        self.fetch("/_reset", b"{}")
        self.use_service("securedfirst")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def tables(self, *names, columns=COLUMNS):
        lines = [f"{name},{line}\n" for name in names for line in columns.splitlines()]
        self.write("source.csv", "table,column,type,description\n" + "".join(lines))

    def use_service(self, mode, url=None):
        self.write("profiles/llm.yaml", PROFILE.format(url=url or f"{self.url}/{mode}"))

    def plan(self, names=("kunden",), llm=None):
        propose = f"propose: {{llm: {llm}}}\n" if llm else ""
        pairs = "".join(f"  - {{source: {name}, target: customer}}\n" for name in names)
        self.write("plan.yaml", "version: 1\nname: plan\nsource: dictionary:source.csv\n"
                   f"target: dictionary:target.csv\n{propose}pairs:\n{pairs}"
                   "output: {workbook: out/plan.xlsx, also: [json, html]}\n")

    def fetch(self, path, body=None):
        with urllib.request.urlopen(self.url + path, body, timeout=10) as answer:
            return json.loads(answer.read())

    def asked(self):
        return [entry for entry in self.fetch("/_log") if entry["path"].endswith("/completions")]

    def start(self, *arguments):
        return subprocess.Popen(
            [PROGRAM, *arguments], cwd=self.folder, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )

    def run_program(self, *arguments, expect=0):
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, expect, f"{arguments}\n{out}\n{err}")
        self.seen += [out, err]
        return out, err

    def propose(self, *arguments, expect=0):
        return self.run_program(
            "propose", "--source", "dictionary:source.csv", "--target", "dictionary:target.csv",
            "--format", "json", *arguments, expect=expect)

    def outputs(self):
        names = ("plan.xlsx", "plan.json", "plan.html")
        return {name: (self.folder / "out" / name).read_bytes() for name in names}

    def summary(self):
        return json.loads((self.folder / "out/plan.summary.json").read_text(encoding="utf-8"))

    def rows(self, sql):
        with sqlite3.connect(self.folder / ".mapctl/registry.db") as registry:
            return registry.execute(sql).fetchall()

    def forget_runs(self):
        """A registry as it was before, but for the answers that are kept."""
        kept = self.rows("SELECT * FROM llm_answers")
        for path in (self.folder / ".mapctl").glob("registry.db*"):
            path.unlink()
        shutil.rmtree(self.folder / ".mapctl/runs", ignore_errors=True)
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        self.run_program("init")
        tenant = self.rows("SELECT id FROM tenants")[0][0]
        with sqlite3.connect(self.folder / ".mapctl/registry.db") as registry:
            for row in kept:
                registry.execute("INSERT INTO llm_answers VALUES (?, ?, ?, ?, ?, ?, NULL)",
                                 (tenant, *row[1:6]))

    @staticmethod
    def chosen(document):
        """Columns that are mapped because the model chose so."""
        found = {}
        for pair in json.loads(document)["pairs"]:
            for field in pair["fields"]:
                for candidate in field["candidates"]:
                    said = [e for e in candidate["evidence"]
                            if e["signal"] == "language_model" and e["weight"] > 0]
                    if said:
                        found[field["source_column"]] = (field, candidate, said[0])
        return found

    def check_no_key(self):
        for output in self.seen:
            self.assertNotIn("k3y", output)
        for folder, _, files in os.walk(self.folder):
            for name in files:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    self.assertNotIn(b"k3y", file.read(), path)
                if name.endswith((".xlsx", ".zip")):
                    with zipfile.ZipFile(path) as archive:
                        for part in archive.namelist():
                            self.assertNotIn(b"k3y", archive.read(part), part)

    def test_propose_asks_only_when_told_and_labels_what_the_model_chose(self):
        before, _ = self.propose()
        self.assertEqual(self.asked(), [])
        out, err = self.propose("--llm")
        self.assertIn("language model: ", err)
        self.assertEqual(len(self.asked()), 1)
        self.assertEqual(self.chosen(before), {})
        chosen = self.chosen(out)
        self.assertTrue(chosen)
        self.assertNotIn("email", chosen)
        for field, candidate, said in chosen.values():
            self.assertEqual(field["decision"], candidate["target_column"])
            self.assertEqual(candidate["confidence"], 0.6)
            self.assertEqual(field["confidence"], 0.6)
            self.assertRegex(said["detail"], r"^the language model 'tiny' chose it from \d+ "
                                             r"\(prompt 2, answer '\d+'\)$")
        again, _ = self.propose("--llm")
        self.assertEqual(again, out)
        self.assertEqual(len(self.asked()), 1)
        self.check_no_key()

    def test_a_batch_keeps_answers_and_replays_them_byte_by_byte(self):
        self.plan()
        self.run_program("batch", "plan.yaml", "--llm", "--log-level", "debug")
        wanted = self.outputs()
        llm = self.summary()["llm"]
        self.assertGreater(llm["decided"], 0)
        self.assertEqual((llm["requests"], llm["kept_answers"], llm["failed"]), (1, 0, 0))
        self.assertEqual((llm["prompt_tokens"], llm["answer_tokens"]), (200, 10))
        self.assertAlmostEqual(llm["cost"], 0.25)
        sources = dict(self.rows("SELECT source_field, mapping_source FROM field_mappings"))
        self.assertEqual(sources["email"], "auto_detected")
        self.assertIn("llm", sources.values())
        with zipfile.ZipFile(self.folder / "out/plan.xlsx") as book:
            text = b"".join(book.read(name) for name in book.namelist()).decode()
        self.assertIn("the language model &apos;tiny&apos;".replace("&apos;", "'"),
                      text.replace("&apos;", "'"))
        status = json.loads(self.run_program("registry", "status", "--format", "json")[0])["llm"]
        self.assertEqual((status["requests"], status["kept_answers"]), (1, 1))
        self.assertEqual(status["days"][0]["model"], "tiny")
        self.assertIn("language model tokens", self.run_program("registry", "status")[0])
        self.run_program("registry", "export", "dump.jsonl")

        self.forget_runs()
        self.use_service("", url="http://127.0.0.1:9/nowhere")
        self.plan(llm="replay")
        self.environment.pop("LLM_KEY")
        self.run_program("batch", "plan.yaml")
        self.assertEqual(self.outputs(), wanted)
        self.assertEqual(self.summary()["llm"]["requests"], 0)
        self.check_no_key()

    def test_a_replay_says_what_it_does_not_find(self):
        plain, _ = self.propose()
        out, err = self.propose("--llm=replay", expect=4)
        self.assertEqual(out, plain)
        self.assertIn("keeps no answer for", err)
        self.assertEqual(self.asked(), [])

    def test_an_interrupted_batch_goes_on_with_the_answers_it_had(self):
        names = [f"kunden_{n}" for n in range(8)]
        self.tables(*names)
        self.plan(names)
        self.use_service("slowfirst")
        self.run_program("batch", "plan.yaml", "--llm", "--jobs", "2")
        wanted = self.outputs()
        whole = len(self.asked())
        self.assertEqual(whole, len(names))
        for path in (self.folder / ".mapctl").glob("registry.db*"):
            path.unlink()
        shutil.rmtree(self.folder / ".mapctl/runs", ignore_errors=True)
        shutil.rmtree(self.folder / "out")
        self.run_program("init")
        self.fetch("/_reset", b"{}")
        process = self.start("batch", "plan.yaml", "--llm", "--jobs", "2")
        until = time.monotonic() + 20
        while len(self.asked()) < 4 and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kept = self.rows("SELECT count(*) FROM llm_answers")[0][0]
        self.assertGreater(kept, 0)
        self.assertLess(kept, whole)
        before = len(self.asked())
        self.run_program("batch", "plan.yaml", "--llm", "--resume")
        self.assertEqual(self.outputs(), wanted)
        self.assertEqual(len(self.asked()) - before, whole - kept)

    def test_a_quota_stops_the_asking_and_makes_the_exit_code_4(self):
        plain, _ = self.propose()
        self.run_program("tenant", "quota", "--llm-tokens-a-day", "100")
        out, err = self.propose("--llm", expect=4)
        self.assertEqual(out, plain)
        self.assertIn("may use 100 tokens", err)
        self.assertIn("stayed as matching left them", err)
        self.assertEqual(self.asked(), [])
        self.run_program("tenant", "quota", "--llm-tokens-a-day", "none",
                         "--llm-cost-a-month", "0")
        self.assertIn("may spend 0 a month", self.propose("--llm", expect=4)[1])
        self.run_program("tenant", "quota", "--llm-cost-a-month", "none")
        self.propose("--llm")
        self.assertEqual(len(self.asked()), 1)

    def test_the_tenant_decides_whether_a_model_may_be_asked(self):
        self.run_program("registry", "flag", "set", "use_llm", "true")
        self.propose()
        self.assertEqual(len(self.asked()), 1)
        plain, _ = self.propose("--llm=off")
        self.run_program("registry", "flag", "set", "use_llm", "false")
        self.assertEqual(self.propose()[0], plain)
        out, err = self.propose("--llm", expect=5)
        self.assertIn("does not allow language models", err)
        self.assertEqual(out, "")
        self.assertTrue(self.chosen(self.propose("--llm=replay")[0]))
        self.plan(llm="on")
        self.run_program("batch", "plan.yaml", expect=5)
        self.run_program("batch", "plan.yaml", "--llm=off")
        self.assertEqual(len(self.asked()), 1)

    def test_nobody_but_the_tenants_own_rule_approves_a_choice(self):
        self.run_program("registry", "flag", "set", "auto_approve", "0.85")
        self.propose("--llm", "--save")
        states = "SELECT DISTINCT status FROM field_mappings WHERE mapping_source = 'llm'"
        self.assertEqual(self.rows(states), [("pending_review",)])
        self.run_program("registry", "flag", "set", "llm_confidence", "0.9", expect=2)

    def test_a_choice_that_people_rejected_is_not_made_again(self):
        chosen = self.chosen(self.propose("--llm", "--save")[0])
        rejected = {column: field["decision"] for column, (field, _, _) in chosen.items()}
        self.assertTrue(rejected)
        for mapping, in self.rows("SELECT id FROM field_mappings WHERE mapping_source = 'llm'"):
            self.run_program("review", "reject", mapping, "--reason", "it is not")
        for column, (field, _, _) in self.chosen(self.propose("--llm")[0]).items():
            self.assertNotEqual(field["decision"], rejected.get(column))
        question = json.loads(self.asked()[-1]["body"]["messages"][1]["content"])
        self.assertEqual(len(self.asked()), 2)
        names = {target["number"]: target["name"] for target in question["targets"]}
        for entry in question["questions"]:
            listed = [names[number] for number in entry["targets"]]
            self.assertNotIn(rejected.get(entry["column"]["name"]), listed)

    def test_a_service_that_fails_leaves_everything_as_it_was(self):
        plain, _ = self.propose()
        for mode in ("500", "words", "html", "cut", "badjson", "400"):
            with self.subTest(mode):
                self.use_service(mode)
                out, err = self.propose("--llm")
                self.assertEqual(out, plain)
                self.assertIn("stayed as matching left them", err)
        self.use_service("", url="http://127.0.0.1:9/nowhere")
        self.assertEqual(self.propose("--llm")[0], plain)
        self.use_service("outside")
        out, err = self.propose("--llm")
        self.assertEqual(out, plain)
        self.assertIn("named nothing that was listed", err)
        self.check_no_key()

    def test_a_model_is_no_source_and_hints_name_its_own_options(self):
        _, err = self.run_program("discover", "llm", expect=2)
        self.assertIn("profile 'llm' is of a language model, and no source", err)
        self.use_service("", url="http://nowhere.invalid/v1")
        _, err = self.propose("--llm")
        self.assertIn("check the spelling of option 'url'", err)

    def test_an_answer_to_nothing_is_not_kept(self):
        plain, _ = self.propose()
        self.use_service("empty")
        out, err = self.propose("--llm")
        self.assertEqual(out, plain)
        self.assertIn("answered with something other than the choices", err)
        self.assertEqual(self.rows("SELECT count(*) FROM llm_answers"), [(0,)])
        self.use_service("securedfirst")
        self.assertTrue(self.chosen(self.propose("--llm")[0]))

    def test_a_wrong_or_shown_key_is_seen_nowhere(self):
        self.environment["LLM_KEY"] = "another-k3y-that-is-wrong"
        self.plan()
        _, err = self.run_program("batch", "plan.yaml", "--llm", "--log-level", "debug")
        self.assertIn("does not accept the credentials", err)
        self.use_service("echo")
        self.run_program("batch", "plan.yaml", "--llm", "--log-level", "debug")
        self.run_program("profile", "show", "llm")
        self.run_program("doctor")
        self.run_program("registry", "export", "dump.jsonl")
        self.check_no_key()

    def test_a_model_may_be_for_some_roles_only(self):
        with open(self.folder / "profiles/llm.yaml", "a", encoding="utf-8") as file:
            file.write("access: {roles: [approver]}\n")
        self.propose("--llm")  # nobody has a role
        for name, role in (("ana", "analyst"), ("bob", "approver")):
            self.run_program("user", "add", name, "--role", role)
        self.fetch("/_reset", b"{}")
        self.tables("orte")  # other questions
        refusal = "profile 'llm' is for approver, and 'ana' is analyst"
        self.environment["MAPCTL_USER"] = "ana"
        self.assertIn(refusal, self.run_program("profile", "test", "llm", expect=5)[1])
        self.assertIn(refusal, self.propose("--llm", expect=5)[1])
        self.plan(("orte",))
        self.assertIn(refusal, self.run_program("batch", "plan.yaml", "--llm", expect=5)[1])
        self.assertIn(refusal, self.run_program("doctor")[0])
        self.assertEqual(self.fetch("/_log"), [])
        self.environment["MAPCTL_USER"] = "vic"
        self.assertIn("user 'vic' has no role", self.run_program("profile", "test", "llm", expect=5)[1])
        self.environment["MAPCTL_USER"] = "tester"  # an admin
        self.run_program("registry", "flag", "set", "use_llm", "true")
        self.environment["MAPCTL_USER"] = "ana"
        self.assertIn(refusal, self.propose()[1])  # nobody asked for it: a warning
        self.assertEqual(self.fetch("/_log"), [])
        self.environment["MAPCTL_USER"] = "bob"
        self.run_program("profile", "test", "llm")
        self.propose("--llm")
        self.assertEqual(len(self.asked()), 1)

    def test_each_use_of_a_key_is_noted_and_none_goes_without(self):
        audit = self.folder / "audit.jsonl"
        self.environment["MAPCTL_SECRET_AUDIT"] = str(audit)
        noted = "profile 'llm' reads ${env:LLM_KEY} for auth.key"
        self.assertIn(noted, self.run_program("profile", "test", "llm", "--log-level", "debug")[1])
        self.assertIn(noted, self.propose("--llm", "--log-level", "debug")[1])
        lines = [json.loads(line) for line in audit.read_text(encoding="utf-8").splitlines()]
        self.assertEqual([(line["profile"], line["key"], line["reference"]) for line in lines],
                         [("llm", "auth.key", "${env:LLM_KEY}")] * 2)
        self.fetch("/_reset", b"{}")
        self.tables("orte")
        self.environment["MAPCTL_SECRET_AUDIT"] = str(self.folder / "missing/audit")
        self.run_program("profile", "test", "llm", expect=1)
        self.assertIn("note the use of a secret", self.propose("--llm")[1])
        self.assertEqual(self.fetch("/_log"), [])
        self.check_no_key()

    def test_doctor_and_profile_test_say_whether_a_model_answers(self):
        out, _ = self.run_program("doctor")
        self.assertRegex(out, r"ok\s+language model llm\s+model 'tiny' at 'http://127.0.0.1")
        self.assertIn("model 'tiny'", self.run_program("profile", "test", "llm")[0])
        self.use_service("500")
        self.assertRegex(self.run_program("doctor")[0], r"warning\s+language model llm")
        self.run_program("profile", "test", "llm", expect=5)
        (self.folder / "profiles/llm.yaml").unlink()
        self.assertRegex(self.run_program("doctor")[0], r"ok\s+language model\s+none is configured")
        self.assertIn("llm", self.propose("--llm", expect=1)[1])
        self.run_program("registry", "flag", "set", "use_llm", "true")
        self.assertIn("no language model is asked", self.propose()[1])

    def test_a_profile_that_is_wrong_is_refused_where_it_stands(self):
        faults = {
            "key of a language model must be a reference": ('"${env:LLM_KEY}"', "plain-text-value"),
            "unknown option 'modell'": ("model: tiny", "model: tiny, modell: x"),
            "has no option 'model'": ("model: tiny, ", ""),
            "must be a number": ("prompt_price: 1000", "prompt_price: much"),
            "is of connector 'file'": ("connector: llm", "connector: file"),
        }
        for message, (old, new) in faults.items():
            with self.subTest(message):
                text = PROFILE.format(url=self.url + "/good")
                self.assertIn(old, text)
                self.write("profiles/llm.yaml", text.replace(old, new))
                _, err = self.propose("--llm", expect=2)
                self.assertIn(message, err)
        self.assertEqual(self.asked(), [])

    def test_values_leave_only_where_the_tenant_shows_them(self):
        self.write("in/kunden.csv", "ref_a,zz_1,contact_mail\n" + "".join(
            f"Qx-7{n:03},{n + 10000},person{n}@example.org\n" for n in range(30)))
        arguments = ("propose", "--source", "file:in", "--target", "dictionary:target.csv",
                     "--min-confidence", "0.99", "--llm")
        self.run_program(*arguments)
        self.run_program("registry", "flag", "set", "llm_values", "shown")
        self.run_program(*arguments)
        masked, shown = [entry["body"]["messages"][1]["content"] for entry in self.asked()]
        self.assertNotIn("Qx-7", masked)
        self.assertIn("Xx-9999", masked)
        self.assertIn("Qx-7", shown)
        for content in (masked, shown):
            self.assertNotIn("example.org", content)

    def test_without_a_registry_asking_says_what_is_missing(self):
        for path in (self.folder / ".mapctl").glob("registry.db*"):
            path.unlink()
        _, err = self.propose("--llm", expect=1)
        self.assertIn("mapctl init", err)
        self.propose()


if __name__ == "__main__":
    unittest.main()
