# SPDX-License-Identifier: Apache-2.0
"""What golden cases cannot show: closed pipes, full disks, permissions, completion in a shell."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else ""


def environment(folder, **more):
    result = {k: v for k, v in os.environ.items() if not k.startswith(("MAPCTL_", "XDG_"))}
    result.update(HOME=folder, **more)
    return result


class ProcessTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="mapctl-process-")
        self.addCleanup(shutil.rmtree, self.folder)

    def run_program(self, *arguments, more=None, **options):
        return subprocess.run(
            [PROGRAM, *arguments], cwd=self.folder, env=environment(self.folder, **(more or {})),
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60, check=False,
            **({"stdout": subprocess.PIPE} | options),
        )

    def test_a_reader_that_goes_away_is_no_error(self):
        reading, writing = os.pipe()
        os.close(reading)
        result = self.run_program("connector", "list", stdout=writing)
        os.close(writing)
        self.assertEqual((result.returncode, result.stderr), (0, b""))

    def test_a_full_disk_under_standard_output_is_an_error(self):
        with open("/dev/full", "wb") as full:
            result = self.run_program("connector", "list", stdout=full)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"error: cannot write standard output: No space left", result.stderr)

    def test_the_signing_key_is_for_its_owner_only(self):
        self.assertEqual(self.run_program("init").returncode, 0)
        key = os.path.join(self.folder, ".mapctl/signing.key")
        self.assertEqual(stat.S_IMODE(os.stat(key).st_mode), 0o600)
        with open(key, encoding="ascii") as file:
            first = file.read()
        self.assertEqual(len(first.strip()), 64)
        self.run_program("init")
        with open(key, encoding="ascii") as file:
            self.assertEqual(file.read(), first)

    def test_init_never_overwrites(self):
        with open(os.path.join(self.folder, "plan.yaml"), "w", encoding="ascii") as file:
            file.write("mine\n")
        self.assertEqual(self.run_program("init").returncode, 0)
        with open(os.path.join(self.folder, "plan.yaml"), encoding="ascii") as file:
            self.assertEqual(file.read(), "mine\n")

    def test_doctor_finds_modules_that_agree_with_the_program(self):
        result = self.run_program("doctor", "--format", "json")
        checks = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
        for name, check in checks.items():
            if name.startswith(("module", "shipped")):
                self.assertEqual(check["status"], "ok", check)
        self.assertEqual(result.returncode, 0)

    def test_an_error_is_a_json_object_too_when_json_is_asked_for(self):
        result = self.run_program("discover", "nope", "--format", "json")
        document = json.loads(result.stderr.splitlines()[-1])
        self.assertEqual(document["schema"], "mapctl.error/1")
        self.assertEqual(document["error"]["code"], "not_found")
        self.assertEqual(document["exit_code"], result.returncode)

    def test_a_folder_of_the_environment_that_is_not_there_is_a_warning(self):
        with open(os.path.join(self.folder, "a.csv"), "w", encoding="ascii") as file:
            file.write("id,name\n1,x\n")
        arguments = ("propose", "--source", "file:a.csv", "--target", "file:a.csv")
        result = self.run_program(
            *arguments, more={"MAPCTL_PROFILES": "nowhere", "MAPCTL_REGISTRY": "no.db"})
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stderr.count(b"warning: MAPCTL_PROFILES names"), 1)
        self.assertEqual(result.stderr.count(b"warning: there is no registry"), 1)
        self.assertIn(b"hint: MAPCTL_REGISTRY names it", result.stderr)

    def test_the_starter_project_can_be_discovered_and_compared(self):
        self.run_program("init")
        first = self.run_program("discover", "example", "--format", "json")
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertEqual(json.loads(first.stdout)["schema"], "mapctl.catalog/1")
        path = os.path.join(self.folder, "data/customers.csv")
        with open(path, encoding="utf-8") as file:
            text = file.read().replace("e_mail", "mail")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        for _ in range(2):  # looking does not change what is compared with
            changes = self.run_program("discover", "example", "--diff", "--format", "json")
            found = json.loads(changes.stdout)["changes"]
            self.assertIn(("column_renamed", "e_mail", "mail"),
                          [(c["kind"], c["before"], c["after"]) for c in found])
        self.run_program("discover", "example", "--diff", "--refresh")
        changes = self.run_program("discover", "example", "--diff", "--format", "json")
        self.assertEqual(json.loads(changes.stdout)["changes"], [])

    def complete(self, line):
        script = (
            f"source <('{PROGRAM}' completion bash); COMP_WORDS=({line}); "
            f"COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _mapctl; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        )
        result = subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, text=True,
                                env=environment(self.folder), timeout=60, check=True)
        return result.stdout.split()

    def test_bash_completes_commands_options_and_words(self):
        self.assertEqual(self.complete("mapctl disc"), ["discover"])
        self.assertEqual(self.complete("mapctl discover x --sch"), ["--schema"])
        self.assertEqual(self.complete("mapctl discover --format js"), ["json", "jsonl"])
        self.assertEqual(self.complete("mapctl profile sh"), ["show"])
        self.assertEqual(self.complete("mapctl completion z"), ["zsh"])

    def test_completion_scripts_are_valid_where_the_shell_is_installed(self):
        for shell, check in (("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")):
            script = self.run_program("completion", shell).stdout
            self.assertIn(b"discover", script)
            if shutil.which(shell):
                path = os.path.join(self.folder, shell)
                with open(path, "wb") as file:
                    file.write(script)
                subprocess.run([shell, check, path], check=True, timeout=60)


if __name__ == "__main__":
    unittest.main()
