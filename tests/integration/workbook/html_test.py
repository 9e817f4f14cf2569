# SPDX-License-Identifier: Apache-2.0
"""The page in a browser: it lists, searches and filters by the fragment of its address."""

import html
import os
import re
import subprocess

from support import Checks, Sample, find_program, skip

BROWSER = find_program("chromium", "chromium-browser", "google-chrome")
if BROWSER is None:
    skip("chromium", "Chromium is not installed")


class Page:
    def __init__(self, sample, fragment):
        command = [BROWSER, "--headless", "--disable-gpu", "--disable-dev-shm-usage",
                   f"--user-data-dir={sample.path('browser')}", "--dump-dom",
                   "file://" + sample.path("sample.html") + fragment]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=60)
        self.text = done.stdout.decode()
        pairs = self.text[self.text.index('id="pairs"'):self.text.index("</main>")]
        self.rows = [[html.unescape(re.sub(r"<small>.*?</small>", "", cell)) for cell in
                      re.findall(r'<td class="name[^"]*">(.*?)</td>', row)]
                     for row in re.findall(r'<tr class="mapping">(.*?)</tr>', pairs)]
        self.count = re.search(r'id="count"[^>]*>([^<]*)<', self.text).group(1)
        self.open_evidence = pairs.count('class="evidence"') - pairs.count(
            'class="evidence" hidden')


def main():
    checks = Checks()
    with Sample() as sample:
        whole = Page(sample, "")
        checks.equal("all rows", len(whole.rows), 18)
        checks.equal("count", whole.count, "18 rows")
        checks.equal("evidence is folded", whole.open_evidence, 0)
        checks.true("title", "<title>Mappings: crm-to-canonical</title>" in whole.text)
        checks.true("failed pair is shown", "cannot read &#39;Orders" in whole.text or
                    "cannot read 'Orders" in whole.text)

        search = Page(sample, "#q=email&min=0.8")
        checks.equal("search", search.rows, [["email", "email"]])
        checks.equal("count of a search", search.count, "1 of 18 rows shown")

        low = Page(sample, "#source=companies&max=0.8")
        checks.equal("confidence range", [row[0] for row in low.rows], ["country", "=SUM(A1:A9)"])

        warned = Page(sample, "#warnings=1&evidence=1")
        checks.equal("only warnings", [row[0] for row in warned.rows], ["annualrevenue"])
        checks.equal("evidence is open", warned.open_evidence, 1)

        status = Page(sample, "#status=approved")
        checks.equal("status", status.rows, [["name", "name"]])
        target = Page(sample, "#target=contact&q=hubspot%20split")
        checks.equal("words must all be there", [row[1] for row in target.rows],
                     ["first_name", "last_name"])
        nothing = Page(sample, "#status=deprecated")
        checks.equal("nothing matches", nothing.rows, [])
        checks.true("it says so", "No mapping matches." in nothing.text)
    checks.finish()


main()
