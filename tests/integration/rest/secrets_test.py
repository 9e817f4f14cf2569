# SPDX-License-Identifier: Apache-2.0
"""Secrets of a REST profile from every source, and that none of them is seen anywhere after a run.

Vault and AWS Secrets Manager are simulated by tests/support/rest_server.py.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile

PROGRAM = os.environ["MAPCTL_TEST_PROGRAM"]
SOURCE = os.environ["MAPCTL_TEST_SOURCE_DIR"]
TOKEN = "t0ken-of-the-tests"
PASSPHRASE = "passphrase-of-the-tests"

PROFILE = """name: {name}
connector: rest
options:
  base_url: {url}
  authentication: {authentication}
  record_path: items
  streams: {{things: {{path: /secured, primary_key: id}}}}
auth: {auth}
retry: {{attempts: 2, backoff: 10ms}}
"""


class Secrets(unittest.TestCase):
    def setUp(self):
        self.server = subprocess.Popen(
            [sys.executable, os.path.join(SOURCE, "tests/support/rest_server.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.url = f"http://127.0.0.1:{self.server.stdout.readline().strip()}"
        self.folder = tempfile.TemporaryDirectory(prefix="mapctl-secrets-")
        self.work = os.path.join(self.folder.name, "work")
        os.makedirs(os.path.join(self.work, "profiles"))
        sanitizers = {name: value for name, value in os.environ.items() if "SAN_OPTIONS" in name}
        self.environment = {
            **sanitizers, "PATH": os.environ["PATH"], "HOME": os.path.join(self.folder.name, "home"),
            "LC_ALL": "C.UTF-8", "MAPCTL_USER": "tester", "CRM_TOKEN": TOKEN,
            "VAULT_ADDR": self.url, "VAULT_TOKEN": "vault-token",
            "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIDTEST",
            "AWS_SECRET_ACCESS_KEY": "aws-secret-of-the-tests",
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": self.url + "/secretsmanager",
            "MAPCTL_STORE_PASSPHRASE": PASSPHRASE,
        }
        self.seen = []

    def tearDown(self):
        self.server.stdin.close()
        self.server.wait(10)
        self.server.stdout.close()
        self.folder.cleanup()

    def run_program(self, *arguments, expect=0, given=None, **environment):
        result = subprocess.run(
            [PROGRAM, *arguments], cwd=self.work, env={**self.environment, **environment},
            input=given or "", capture_output=True, text=True, timeout=60, check=False,
        )
        self.assertEqual(result.returncode, expect, result.stdout + result.stderr)
        self.seen += [result.stdout, result.stderr]
        return result

    def write_profile(self, name, auth, authentication="bearer"):
        path = os.path.join(self.work, "profiles", name + ".yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(PROFILE.format(name=name, url=self.url, auth=auth,
                                      authentication=authentication))

    def test_every_source_opens_the_system(self):
        kept = self.run_program("profile", "secret", "set", "crm", "--format", "json",
                                given=TOKEN + "\n")
        self.assertEqual(json.loads(kept.stdout),
                         {"schema": "mapctl.secrets/1", "status": "kept", "name": "crm"})
        self.assertEqual(self.run_program("profile", "secret", "list", "--format", "csv").stdout,
                         "name\ncrm\n")
        listed = self.run_program("profile", "secret", "list", "--format", "json")
        self.assertEqual(json.loads(listed.stdout),
                         {"schema": "mapctl.secrets/1", "secrets": [{"name": "crm"}]})
        references = {
            "env": "${env:CRM_TOKEN}", "store": "${store:crm}",
            "vault": "${vault:secret/data/crm#token}", "aws": "${aws-sm:crm#token}",
            "cmd": "${cmd:printenv CRM_TOKEN}",
        }
        for name, reference in references.items():
            self.write_profile(name, json.dumps({"token": reference}))
            with self.subTest(name):
                self.run_program("profile", "test", name, MAPCTL_ALLOW_SECRET_COMMANDS="1")
        err = self.run_program("profile", "test", "cmd", expect=5).stderr
        self.assertIn("programs may not be run for secrets", err)
        err = self.run_program("profile", "test", "store", expect=5,
                               MAPCTL_STORE_PASSPHRASE="another").stderr
        self.assertIn("does not open with this key", err)
        err = self.run_program("profile", "test", "vault", expect=5, VAULT_TOKEN="bad").stderr
        self.assertIn("HTTP 403", err)
        self.check_nothing_seen()

    def write_command(self, name, script):
        path = os.path.join(self.work, name + ".sh")
        with open(path, "w", encoding="utf-8") as file:
            file.write(script)
        self.write_profile(name, json.dumps({"token": "${cmd:sh %s}" % path}))

    def test_a_program_has_the_usual_signals_and_must_end_well(self):
        allowed = {"MAPCTL_ALLOW_SECRET_COMMANDS": "1"}
        self.write_command(  # nothing is blocked, and a closed pipe ends it
            "usual", "grep -q '^SigBlk:.0*$' /proc/self/status || exit 1\n"
                     "grep -q '^SigIgn:.*[02468ace]...$' /proc/self/status || exit 1\n"
                     'echo "$CRM_TOKEN"\n')
        self.run_program("profile", "test", "usual", **allowed)
        self.write_command("failing", 'echo "$CRM_TOKEN"\nexit 3\n')
        err = self.run_program("profile", "test", "failing", expect=2, **allowed).stderr
        self.assertIn("program 'sh' failed", err)
        self.write_command("endless", "head -c 2000000 /dev/zero\n")
        err = self.run_program("profile", "test", "endless", expect=2, **allowed).stderr
        self.assertIn("program 'sh' printed more than 1 MiB", err)
        self.check_nothing_seen()

    def test_a_program_that_only_closes_its_output_is_ended_by_ctrl_c(self):
        ready = os.path.join(self.work, "ready")
        self.write_command("silent", f'echo $$ > "{ready}.new"\nmv "{ready}.new" "{ready}"\n'
                                     "exec >&-\nexec sleep 1000\n")
        environment = {**self.environment, "MAPCTL_ALLOW_SECRET_COMMANDS": "1"}
        with subprocess.Popen([PROGRAM, "profile", "test", "silent"], cwd=self.work,
                              env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) as program:
            while not os.path.exists(ready):
                self.assertIsNone(program.poll())
                time.sleep(0.01)
            program.send_signal(signal.SIGINT)
            self.assertIn("was interrupted", program.stderr.read())
        self.assertEqual(program.returncode, 130)
        with open(ready, encoding="utf-8") as file:
            with self.assertRaises(ProcessLookupError):
                os.kill(int(file.read()), 0)

    def test_an_odd_answer_of_a_secret_store_is_named(self):
        for number in range(8):
            for reference in (f"${{vault:secret/data/odd/{number}#token}}",
                              f"${{aws-sm:odd{number}#token}}", f"${{aws-sm:odd{number}}}"):
                self.write_profile("odd", json.dumps({"token": reference}))
                with self.subTest(reference):
                    result = subprocess.run(
                        [PROGRAM, "profile", "test", "odd"], cwd=self.work, env=self.environment,
                        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                        check=False)
                    self.assertIn(result.returncode, (1, 2, 5), result.stderr)
                    self.assertIn("error: ", result.stderr)
                    self.assertIn("hint: ", result.stderr)
                    self.assertNotIn("internal", result.stderr)

    def test_a_rotated_token_is_written_back_to_the_store(self):
        self.run_program("profile", "secret", "set", "refresh", given="refresh-1")
        self.write_profile(
            "rotating",
            json.dumps({"client_id": "me", "client_secret": "${env:CLIENT_SECRET}",
                        "refresh_token": "${store:refresh}"}),
            "{type: oauth2_refresh_token, token_url: \"%s/oauth\"}" % self.url,
        )
        for _ in range(2):  # the second process needs the token that the first one was given
            self.run_program("profile", "test", "rotating", CLIENT_SECRET="s3cret&")

    def test_no_secret_is_seen_in_outputs_registry_and_workbook(self):
        self.run_program("init")
        self.write_profile("crm", json.dumps({"token": "${env:CRM_TOKEN}"}))
        self.run_program("profile", "show", "crm")
        self.run_program("profile", "show", "crm", "--format", "json")
        self.run_program("discover", "crm", "--stats", "--log-level", "debug")
        with open(os.path.join(self.work, "plan.yaml"), "w", encoding="utf-8") as file:
            file.write("version: 1\nname: crm\nsource: crm\ntarget: canonical\n"
                       "pairs: [{source: things, target: product}]\n"
                       "output: {workbook: out/crm.xlsx, also: [json, csv]}\n")
        self.run_program("batch", "plan.yaml", "--log-level", "debug")
        self.write_profile("refused", json.dumps({"token": "${env:CRM_TOKEN}-wrong"}))
        err = self.run_program("discover", "refused", expect=5).stderr
        self.assertIn("does not accept the credentials", err)
        self.check_nothing_seen()

    def test_each_use_of_a_secret_is_noted_by_its_reference(self):
        self.run_program("profile", "secret", "set", "crm", given=TOKEN + "\n")
        self.write_profile("crm", json.dumps({"token": "${store:crm}"}))
        audit = os.path.join(self.folder.name, "audit.jsonl")
        self.run_program("profile", "test", "crm", MAPCTL_SECRET_AUDIT=audit)
        err = self.run_program("discover", "crm", "--log-level", "debug",
                               MAPCTL_SECRET_AUDIT=audit).stderr
        self.assertIn("profile 'crm' reads ${store:crm} for auth.token", err)
        with open(audit, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        self.assertEqual(len(lines), 2)
        for line in lines:
            self.assertEqual(line["user"], "tester")
            self.assertEqual((line["profile"], line["key"], line["reference"]),
                             ("crm", "auth.token", "${store:crm}"))
        self.assertEqual(os.stat(audit).st_mode & 0o777, 0o600)
        # What cannot be noted is not read.
        self.run_program("profile", "test", "crm", expect=1,
                         MAPCTL_SECRET_AUDIT=os.path.join(self.folder.name, "missing/audit"))
        self.check_nothing_seen()

    def test_a_profile_may_be_for_some_roles_only(self):
        self.write_profile("crm", json.dumps({"token": "${env:CRM_TOKEN}"}))
        path = os.path.join(self.work, "profiles", "crm.yaml")
        with open(path, "a", encoding="utf-8") as file:
            file.write("access: {roles: [approver]}\n")
        self.run_program("discover", "crm")  # there is no registry, so there are no roles
        self.run_program("init")
        self.run_program("discover", "crm")  # nor in one without users
        for name, role in (("ana", "analyst"), ("bob", "approver")):
            self.run_program("user", "add", name, "--role", role)
        err = self.run_program("discover", "crm", expect=5, MAPCTL_USER="ana").stderr
        self.assertIn("profile 'crm' is for approver, and 'ana' is analyst", err)
        self.run_program("discover", "crm", MAPCTL_USER="bob")
        self.run_program("discover", "crm")  # who gave the first role is an admin

    def test_nothing_of_a_salesforce_login_is_seen(self):
        server = subprocess.Popen(
            [sys.executable, os.path.join(SOURCE, "tests/support/salesforce_server.py"),
             "--data", os.path.join(SOURCE, "tests/data/salesforce")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        try:
            url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            with open(os.path.join(self.work, "profiles", "sf.yaml"), "w", encoding="utf-8") as file:
                file.write(f"name: sf\nextends: salesforce\noptions: {{login_url: '{url}'}}\n"
                           "auth: {client_id: client, refresh_token: '${env:SF_TOKEN}'}\n")
            with open(os.path.join(self.work, "plan.yaml"), "w", encoding="utf-8") as file:
                file.write("version: 1\nname: sf\nsource: sf\ntarget: canonical\n"
                           "pairs: [{source: Account, target: account}]\n"
                           "output: {workbook: out/sf.xlsx, also: [html, csv, json, sql, yaml]}\n")
            self.run_program("init")
            token = {"SF_TOKEN": "refresh-1"}
            for arguments in (["profile", "show", "sf"], ["profile", "test", "sf"],
                              ["discover", "sf", "--stats", "--refresh"], ["batch", "plan.yaml"],
                              ["registry", "export", "dump.jsonl"]):
                self.run_program(*arguments, "--log-level", "debug", "--log-format", "json", **token)
            self.run_program("discover", "sf", "--refresh", expect=5, SF_TOKEN="refresh-0")
            self.check_nothing_seen(["refresh-1", "refresh-0", "access-"])
            self.assertTrue(os.path.exists(os.path.join(self.work, "dump.jsonl")))
        finally:
            server.stdin.close()
            server.wait(10)
            server.stdout.close()

    def check_nothing_seen(self, more=()):
        secrets = [TOKEN, PASSPHRASE, "aws-secret-of-the-tests", "vault-token", *more]
        for secret in secrets:
            for output in self.seen:
                self.assertNotIn(secret, output)
        for folder, _, files in os.walk(self.folder.name):
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    content = file.read()
                for secret in secrets:
                    self.assertNotIn(secret.encode(), content, os.path.join(folder, name))
                if name.endswith((".xlsx", ".zip")):
                    with zipfile.ZipFile(os.path.join(folder, name)) as archive:
                        for part in archive.namelist():
                            for secret in secrets:
                                self.assertNotIn(secret.encode(), archive.read(part), part)


if __name__ == "__main__":
    unittest.main()
