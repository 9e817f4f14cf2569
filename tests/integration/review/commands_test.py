#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Decisions by command: each is written with its audit rows, or nothing is."""
import json
import unittest

from review_project import ReviewProject


class CommandsTest(ReviewProject):
    def test_approve_and_take_back(self):
        before = self.audit_rows()
        done = self.review("approve", "--connector", "dictionary:*", "--search", "email")
        self.assertEqual((done["chosen"], done["changed"]), (1, 1))
        self.assertEqual(self.statuses()["email>email"], "approved")
        self.assertEqual(self.audit_rows(), before + 1)
        found, _ = self.run_mapctl("registry", "lookup", "--connector", "dictionary:old.csv",
                                   "--table", "people", "--field", "email")
        self.assertIn("email", found)
        again = self.review("approve", "--search", "email", "--status", "approved")
        self.assertEqual((again["chosen"], again["changed"]), (1, 0))
        self.assertEqual(self.audit_rows(), before + 1)
        item = self.review("list", "--search", "email")["items"][0]
        self.review("reopen", item["id"])
        self.assertEqual(self.statuses()["email>email"], "proposed")
        history, _ = self.run_mapctl("registry", "history", item["id"], "--format", "json")
        self.assertEqual(len(json.loads(history)["versions"]), 3)

    def test_nothing_is_chosen_by_accident(self):
        self.review("approve", expect=2)
        self.assertEqual(set(self.statuses().values()), {"proposed"})
        self.review("approve", "--all")
        self.assertEqual(set(self.statuses().values()), {"approved"})

    def test_reject_needs_a_reason(self):
        self.run_mapctl("review", "reject", "--all", expect=2)
        self.run_mapctl("review", "reject", "--all", "--reason", " ", expect=2)
        self.review("reject", "--search", "city", "--reason", "it is the birthplace")
        self.assertEqual(self.statuses()["city>city"], "rejected")
        reason = self.sql("SELECT change_reason FROM mapping_audit_log WHERE action = 'rejected'")
        self.assertIn("it is the birthplace", reason[0][0])

    def test_not_used(self):
        self.review("not-used", "--search", "city", "--reason", "old")
        self.assertEqual(self.statuses()["city>city"], "not_used")
        self.review("not-used", "--connector", "dictionary:old.csv", "--table", "people",
                    "--field", "zzz_flag", "--reason", "always empty")
        rows = self.sql("SELECT source_field, reason FROM field_dispositions ORDER BY 1")
        self.assertEqual(rows, [("city", "old"), ("zzz_flag", "always empty")])
        # What feeds something is used.
        self.review("not-used", "--connector", "dictionary:old.csv", "--table", "people",
                    "--field", "email", "--reason", "no", expect=1)
        self.review("approve", "--search", "city", "--status", "not_used")
        rows = self.sql("SELECT source_field FROM field_dispositions")
        self.assertEqual(rows, [("zzz_flag",)])

    def test_flag_comment_assign_and_stats(self):
        self.review("flag", "--search", "email", "--needs-info", "--comment", "which one?")
        item = self.review("list", "--status", "needs_info")["items"][0]
        self.assertEqual((item["source_field"], item["comment"]), ("email", "which one?"))
        self.review("assign", "--all", "--to", "ann,bob")
        self.assertEqual(len(self.review("list", "--assignee", "ann")["items"]), 2)
        self.assertEqual(len(self.review("list", "--assignee", "bob")["items"]), 1)
        self.assertEqual(self.review("list", "--unassigned")["found"], 0)
        self.review("approve", "--assignee", "bob")
        stats = self.review("stats", "--by", "assignee")
        self.assertEqual(stats["total"]["total"], 3)
        self.assertEqual(stats["total"]["approved"], 1)
        by_name = {group["name"]: group for group in stats["groups"]}
        self.assertEqual(by_name["bob"]["share"], 1.0)

    def test_edit_makes_another_mapping_in_the_place_of_the_old(self):
        item = self.review("list", "--search", "city")["items"][0]
        self.review("edit", item["id"], "--target", "orbit_radius", expect=2)
        self.review("edit", item["id"], "--target", "orbit_radius", "--reason", "why not")
        self.assertEqual(self.statuses()["city>city"], "rejected")
        self.assertEqual(self.statuses()["city>orbit_radius"], "proposed")
        item = self.review("list", "--search", "email")["items"][0]
        self.review("edit", item["id"][:8], "--rule", "lower(email)", "--comment", "as agreed")
        item = self.review("list", "--search", "email")["items"][0]
        self.assertEqual(item["transformation"], "compute lower(email)")
        self.assertEqual(item["comment"], "as agreed")
        self.review("edit", item["id"], expect=2)
        self.review("edit", item["id"], "--equivalence", "nearly", expect=2)
        self.review("edit", "ffffffff", "--comment", "x", expect=1)

    def test_bulk_by_confidence(self):
        items = self.review("list")["items"]
        sure = max(item["confidence"] for item in items)
        done = self.review("approve", "--min-confidence", str(sure - 1e-9), "--dry-run")
        self.assertEqual(set(self.statuses().values()), {"proposed"})
        self.review("approve", "--min-confidence", str(sure - 1e-9))
        approved = [key for key, status in self.statuses().items() if status == "approved"]
        self.assertEqual(len(approved), done["chosen"])

    def test_who_proposed_does_not_approve_where_the_tenant_says_so(self):
        self.run_mapctl("tenant", "policy", "--second-person", "on")
        before = self.audit_rows()
        self.review("approve", "--all", expect=5)
        self.assertEqual(set(self.statuses().values()), {"proposed"})
        self.assertEqual(self.audit_rows(), before)
        self.review("approve", "--all", user="somebody.else")
        self.assertEqual(set(self.statuses().values()), {"approved"})


if __name__ == "__main__":
    unittest.main()
