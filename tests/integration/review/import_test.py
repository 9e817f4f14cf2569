#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The round trip of a workbook: out, edited in another program, and back."""
import json
import os
import random
import shutil
import signal
import subprocess
import time
import unittest

from review_project import ON_SERVER, ReviewProject, skip_without

try:
    import openpyxl
except ImportError:
    skip_without("openpyxl", "the Python module openpyxl is not installed")

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


class Book:
    """A workbook in openpyxl, by line and title."""

    def __init__(self, path):
        self.path = path
        self.book = openpyxl.load_workbook(path)
        self.sheet = next(sheet for sheet in self.book if sheet.title.startswith("001 "))
        self.read_header()

    def read_header(self):
        for row in self.sheet.iter_rows():
            titles = [cell.value for cell in row]
            if "Mapping id" in titles:
                self.header = {title: at + 1 for at, title in enumerate(titles) if title}
                self.first = row[0].row + 1
                return
        raise AssertionError("the sheet has no header")

    def row_of(self, name):
        """Row of the line whose `Mapping` begins with `name`."""
        for row in range(self.first, self.sheet.max_row + 1):
            value = self.sheet.cell(row, self.header["Mapping"]).value
            if value and value.startswith(name):
                return row
        raise AssertionError(f"no line {name}")

    def set(self, name, title, value):
        cell = self.sheet.cell(self.row_of(name), self.header[title])
        cell.value = value
        return f"{self.sheet.title}!{cell.coordinate}"

    def get(self, name, title):
        return self.sheet.cell(self.row_of(name), self.header[title]).value

    def save(self, path=None):
        self.book.save(path or self.path)


class ImportTest(ReviewProject):
    def setUp(self):
        super().setUp()
        self.workbook = self.folder / "out/w.xlsx"

    def edited(self, change, name="edited.xlsx"):
        book = Book(self.workbook)
        change(book)
        book.save(self.folder / name)
        return name

    def test_an_untouched_workbook_changes_nothing(self):
        for path in (self.workbook, self.edited(lambda book: None)):
            result = self.review("import", path, "--apply")
            self.assertEqual(result["result"], "nothing_to_do", result["findings"])
            self.assertEqual(result["base"], "workbook")
            self.assertEqual(result["findings"], [])
            self.assertEqual(result["counts"]["unchanged"], result["counts"]["lines"])

    def test_edits_come_back_with_an_audit_row_for_each_cell(self):
        def change(book):
            book.set("email", "Status", "approved")
            book.set("first_name", "Status", "Flagged")
            book.set("first_name", "Comment", "which name?")
            book.set("city", "Status", "rejected")
            book.set("city", "Reason code", "definition differs")
            book.set("city", "Reviewer", "ann")

        name = self.edited(change)
        before, audit = self.statuses(), self.audit_rows()
        shown = self.review("import", name)
        self.assertEqual(shown["result"], "would_apply")
        self.assertEqual(shown["counts"]["change"], 6)
        self.assertEqual((self.statuses(), self.audit_rows()), (before, audit))
        done = self.review("import", name, "--apply")
        self.assertEqual(done["result"], "applied")
        self.assertEqual(self.statuses(), {"email>email": "approved",
                                           "first_name>first_name": "flagged",
                                           "city>city": "rejected"})
        self.assertEqual(self.audit_rows(), audit + 6)
        self.assertEqual(done["written"]["audit_rows"], 6)
        reasons = self.sql("SELECT DISTINCT change_reason FROM mapping_audit_log WHERE position > ?",
                           audit)
        for (reason,) in reasons:
            self.assertIn("edited.xlsx (sha256 " + done["sha256"][:16], reason)
        again = self.review("import", name, "--apply")
        self.assertEqual(again["result"], "nothing_to_do")
        self.assertEqual(again["counts"]["merged"], 6)
        self.assertEqual(self.audit_rows(), audit + 6)
        # The next export says what the file said.
        self.run_mapctl("export", "--run", "--format", "xlsx", "-o", "next.xlsx")
        book = Book(self.folder / "next.xlsx")
        self.assertEqual(book.get("email", "Status"), "approved")
        self.assertEqual(book.get("first_name", "Comment"), "which name?")
        self.assertEqual(book.get("city", "Reviewer"), "ann")
        self.assertEqual(self.review("import", "next.xlsx")["result"], "nothing_to_do")

    def test_all_or_nothing_and_every_cell_is_named(self):
        places = {}

        def change(book):
            places["ok"] = book.set("email", "Status", "approved")
            places["bad"] = book.set("city", "Status", "rejected")

        name = self.edited(change)
        result = self.review("import", name, "--apply", expect=4)
        self.assertEqual(result["result"], "refused")
        refused = [finding for finding in result["findings"] if finding["verdict"] == "refused"]
        self.assertEqual([f"{finding['sheet']}!{finding['cell']}" for finding in refused],
                         [places["bad"]])
        self.assertEqual(self.statuses()["email>email"], "proposed")
        result = self.review("import", name, "--apply", "--partial", expect=4)
        self.assertEqual(result["result"], "applied_partly")
        self.assertEqual(self.statuses()["email>email"], "approved")
        self.assertEqual(self.statuses()["city>city"], "proposed")

    def test_a_conflict_names_all_three_values(self):
        name = self.edited(lambda book: book.set("email", "Status", "flagged"))
        self.review("approve", "--search", "email")
        result = self.review("import", name, "--apply", expect=4)
        self.assertEqual(result["result"], "conflicts")
        conflict = next(f for f in result["findings"] if f["verdict"] == "conflict")
        self.assertEqual((conflict["base"], conflict["mine"], conflict["theirs"]),
                         ("proposed", "flagged", "approved"))
        self.assertEqual(self.statuses()["email>email"], "approved")

    def test_sorted_moved_filtered_and_without_hidden_sheets(self):
        def change(book):
            book.set("email", "Status", "approved")
            sheet = book.sheet
            lines = [[cell.value for cell in row]
                     for row in sheet.iter_rows(min_row=book.first, max_row=sheet.max_row)]
            lines.reverse()
            order = list(range(sheet.max_column))
            random.Random(3).shuffle(order)
            header = [cell.value for cell in sheet[book.first - 1]]
            for row, values in enumerate([header, *lines], book.first - 1):
                for at, column in enumerate(order):
                    sheet.cell(row, at + 1).value = values[column]
            sheet.title = "renamed"
            for hidden in ("_lists", "_baseline", "_baseline (codes)", "_meta"):
                if hidden in book.book:
                    del book.book[hidden]
            for sheet_name in ("Summary", "Issues"):
                del book.book[sheet_name]

        result = self.review("import", self.edited(change), "--apply")
        self.assertEqual((result["result"], result["base"]), ("applied", "registry"))
        self.assertEqual(self.statuses()["email>email"], "approved")

    def test_deleted_and_copied_lines(self):
        def delete(book):
            book.sheet.delete_rows(book.row_of("email"))

        result = self.review("import", self.edited(delete), "--apply")
        self.assertEqual(result["result"], "nothing_to_do")
        self.assertEqual(result["counts"]["missing"], 1)

        def copy(book):
            row = book.row_of("email")
            last = book.sheet.max_row + 1
            for column in range(1, book.sheet.max_column + 1):
                book.sheet.cell(last, column).value = book.sheet.cell(row, column).value

        self.assertEqual(self.review("import", self.edited(copy), expect=4)["result"], "refused")

    def test_unmapped_columns_get_a_target_or_a_decision(self):
        def change(book):
            book.set("zzz_flag", "Target column", "orbit_radius")
            book.set("zzz_flag", "Status", "approved")

        self.review("import", self.edited(change), "--apply")
        self.assertEqual(self.statuses()["zzz_flag>orbit_radius"], "approved")

    def test_not_used_and_constants_through_their_sheets(self):
        def change(book):
            for name, word, column, value in (("Unmapped source", "not used", "Comment", "empty"),
                                              ("Unmapped target", "constant", "Constant", "7")):
                sheet = book.book[name]
                for row in sheet.iter_rows():
                    titles = {cell.value: cell.column for cell in row if cell.value}
                    if "Decision id" in titles:
                        line = row[0].row + 1
                        sheet.cell(line, titles["Disposition"]).value = word
                        sheet.cell(line, titles[column]).value = value
                        break

        name = self.edited(change)
        self.assertEqual(self.review("import", name, "--apply")["result"], "applied")
        self.assertEqual(self.sql("SELECT source_field, reason FROM field_dispositions"),
                         [("zzz_flag", "empty")])
        constant = self.sql("SELECT canonical_field, transformation_rule, mapping_type, status FROM "
                            "field_mappings WHERE source_field = ''")
        self.assertEqual(len(constant), 1)
        self.assertEqual(constant[0][0], "orbit_radius")
        self.assertEqual(json.loads(constant[0][1])["steps"],
                         [{"kind": "constant", "value": "7"}])
        self.assertEqual(constant[0][2:], ("computed", "pending_review"))
        self.assertEqual(self.review("import", name, "--apply")["result"], "nothing_to_do")

    def test_edits_that_are_not_read_back_are_named(self):
        def change(book):
            issues = book.book["Issues"]
            for row in issues.iter_rows():
                titles = {cell.value: cell.column for cell in row}
                if "Answer" in titles:
                    issues.cell(row[0].row + 1, titles["Answer"]).value = "ask ada"
                    return
            raise AssertionError("the issues have no answers")

        result = self.review("import", self.edited(change), "--apply")
        self.assertEqual(result["result"], "nothing_to_do")
        self.assertEqual([(f["verdict"], f["sheet"], f["mine"]) for f in result["findings"]],
                         [("note", "Issues", "ask ada")])

    def test_codes_come_back_into_the_rule(self):
        rows = ["customer_id,customer_name,customer_type,email"]
        for number in range(30):
            kind = ("person", "company", "Firm")[number % 3]
            rows.append(f"C-{number:03},Ann {number},{kind},a{number}@example.com")
        self.write("in/customers.csv", "\n".join(rows) + "\n")
        self.write("codes.yaml", "version: 1\nname: codes\nsource: 'file:in'\ntarget: canonical\n"
                                 "pairs:\n  - {source: customers, target: customer}\n"
                                 "output: {workbook: out/codes.xlsx}\n")
        self.batch("codes.yaml")
        self.workbook = self.folder / "out/codes.xlsx"
        self.assertEqual(self.review("import", self.workbook)["result"], "nothing_to_do")

        def line_of(book, value):
            sheet = book.book["Code lists"]
            titles = {}
            for row in sheet.iter_rows():
                if not titles:
                    found = {cell.value: cell.column for cell in row if cell.value}
                    titles = found if "Code id" in found else {}
                elif sheet.cell(row[0].row, titles["Source value"]).value == value:
                    return lambda title: sheet.cell(row[0].row, titles[title])
            raise AssertionError(f"no code {value}")

        def change(book):
            line = line_of(book, "Firm")
            self.assertIn(line("Target code").value, (None, ""))
            line("Target code").value = "company"
            line("Status").value = "approved"
            line("Comment").value = "the old word"

        name = self.edited(change)
        done = self.review("import", name, "--apply")
        self.assertEqual((done["result"], done["counts"]["change"]), ("applied", 3))
        rule = self.sql("SELECT transformation_rule FROM field_mappings WHERE source_field = "
                        "'customer_type'")
        steps = json.loads(rule[0][0])["steps"]
        codes = next(step["codes"] for step in steps if step["kind"] == "code_map")
        self.assertEqual(codes["Firm"], "company")
        self.assertEqual(self.review("import", name, "--apply")["result"], "nothing_to_do")
        self.run_mapctl("export", "--run", "--format", "xlsx", "-o", "next.xlsx")
        line = line_of(Book(self.folder / "next.xlsx"), "Firm")
        self.assertEqual([line(title).value for title in ("Target code", "Status", "Comment")],
                         ["company", "approved", "the old word"])

    def test_another_target_replaces_the_mapping(self):
        def change(book):
            book.set("city", "Target column", "orbit_radius")
            book.set("city", "Comment", "a test")

        name = self.edited(change)
        self.review("import", name, "--apply")
        self.assertEqual(self.statuses()["city>city"], "rejected")
        self.assertEqual(self.statuses()["city>orbit_radius"], "proposed")
        self.assertEqual(self.review("import", name, "--apply")["result"], "nothing_to_do")

        def misspell(book):
            book.set("email", "Target column", "emial")
            book.set("email", "Comment", "a test")

        result = self.review("import", self.edited(misspell), expect=4)
        self.assertIn("did you mean 'email'", json.dumps(result["findings"]))

    def test_a_forged_or_foreign_workbook_is_refused(self):
        def forge(book):
            baseline = book.book["_baseline"]
            titles = {cell.value: cell.column for cell in baseline[1]}
            baseline.cell(2, titles["source_table"]).value = "salaries"
            book.set("email", "Status", "approved")

        name = self.edited(forge)
        result = self.review("import", name, "--apply", expect=4)
        self.assertEqual(result["result"], "refused")
        self.assertIn("hidden sheets were changed", result["refusals"][0])

        def other_tenant(book):
            for row in book.book["_meta"].iter_rows():
                if row[0].value == "tenant":
                    row[1].value = "other"

        result = self.review("import", self.edited(other_tenant), "--apply", expect=4)
        self.assertIn("tenant 'other'", result["refusals"][0])
        self.assertEqual(set(self.statuses().values()), {"proposed"})

    def test_what_is_no_workbook_of_ours(self):
        self.write("a.xlsx", "Name;Value\n")
        self.assertEqual(self.review("import", "a.xlsx", expect=2)["result"], "not_ours")
        book = openpyxl.Workbook()
        book.active["A1"] = "Budget"
        book.save(self.folder / "b.xlsx")
        self.assertEqual(self.review("import", "b.xlsx", expect=2)["result"], "not_ours")
        self.run_mapctl("review", "import", "missing.xlsx", expect=1)

    def test_signatures_are_kept(self):
        def sign(book):
            sheet = book.book["Sign-off"]
            for row in sheet.iter_rows():
                if row[0].value == "Business":
                    row[2].value, row[3].value, row[4].value = "Ada", "agreed", "2026-01-31"

        name = self.edited(sign)
        self.assertEqual(self.review("import", name, "--apply")["result"], "applied")
        self.assertEqual(self.sql("SELECT gate, name, decision, signed_on FROM sign_offs"),
                         [("Business", "Ada", "agreed", "2026-01-31")])
        self.assertEqual(self.review("import", name, "--apply")["result"], "nothing_to_do")

    def test_the_second_person_rule_holds_for_files_too(self):
        self.run_mapctl("tenant", "policy", "--second-person", "on")
        name = self.edited(lambda book: book.set("email", "Status", "approved"))
        result = self.review("import", name, "--apply", expect=4)
        self.assertEqual(result["result"], "refused")
        self.assertEqual(self.statuses()["email>email"], "proposed")
        self.assertEqual(self.review("import", name, "--apply", user="eve")["result"], "applied")

    def test_killed_at_any_moment_all_or_nothing_is_written(self):
        def change(book):
            for name in ("email", "first_name", "city"):
                book.set(name, "Status", "approved")

        name = self.edited(change)
        chance = random.Random(11)
        rounds = int(os.environ.get("MAPCTL_KILL_ROUNDS", "40"))
        audit = self.audit_rows()
        killed = written = 0
        longest = 0.12
        for _ in range(rounds):
            process = self.start("review", "import", name, "--apply")
            delay = chance.uniform(0, longest)
            time.sleep(delay)
            alive = process.poll() is None
            if alive:
                process.send_signal(signal.SIGKILL)
                killed += 1
            process.communicate()
            # One that came too late tells how long an import takes at most.
            longest = min(longest * 1.2, 0.5) if alive else delay
            found = {row[0] for row in self.sql("SELECT DISTINCT status FROM field_mappings")}
            self.assertIn(found, ({"pending_review"}, {"active"}))
            if found == {"active"}:
                written += 1
                self.assertEqual(self.audit_rows(), audit + 3)
                self.review("reopen", "--all", "--status", "approved")
                audit = self.audit_rows()
            else:
                self.assertEqual(self.audit_rows(), audit)
        self.assertGreater(killed, rounds // 3)
        self.run_mapctl("registry", "verify")
        self.assertEqual(self.review("import", name, "--apply")["result"], "applied")

    @unittest.skipIf(ON_SERVER, "another program's file is the same for every registry")
    @unittest.skipIf(OFFICE is None, "LibreOffice is not installed")
    def test_saved_again_by_libreoffice(self):
        def resave(name):
            subprocess.run(
                [OFFICE, f"-env:UserInstallation=file://{self.folder}/office", "--headless",
                 "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir",
                 str(self.folder / "resaved"), str(self.folder / name)],
                check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=150,
                env=dict(os.environ, HOME=str(self.folder)))
            return f"resaved/{os.path.basename(name)}"

        result = self.review("import", resave("out/w.xlsx"), "--apply")
        self.assertEqual(result["result"], "nothing_to_do", result["findings"])
        self.assertEqual((result["base"], result["findings"]), ("workbook", []))

        def change(book):
            book.set("email", "Status", "approved")
            book.set("city", "Default", "007")
            book.set("city", "Reviewed on", "2026-01-31")

        self.assertEqual(self.review("import", resave(self.edited(change)), "--apply")["result"],
                         "applied")
        self.assertEqual(self.statuses()["email>email"], "approved")
        self.run_mapctl("export", "--run", "--format", "xlsx", "-o", "next.xlsx")
        self.assertEqual(Book(self.folder / "next.xlsx").get("city", "Default"), "007")


if __name__ == "__main__":
    unittest.main()
