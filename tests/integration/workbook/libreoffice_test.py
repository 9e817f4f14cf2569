# SPDX-License-Identifier: Apache-2.0
"""LibreOffice opens the workbook and shows in it what we wrote."""

import csv
import io
import os
import subprocess

from support import Checks, Sample, find_program, skip

OFFICE = find_program("soffice", "libreoffice")
if OFFICE is None:
    skip("libreoffice", "LibreOffice is not installed")


def convert(sample, name, kind):
    subprocess.run(
        [OFFICE, f"-env:UserInstallation=file://{sample.path('profile')}", "--headless",
         "--convert-to", kind, "--outdir", sample.path("converted"), sample.path(name)],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=150)


def main():
    checks = Checks()
    with Sample() as sample:
        # The last parameter asks for every sheet as a file of its own.
        convert(sample, "sample.xlsx", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,"
                "false,false,false,-1")
        files = sorted(os.listdir(sample.path("converted")))
        checks.equal("sheets", len(files), 18)
        pair = [name for name in files if "001 companies" in name]
        checks.equal("sheet of the first pair", len(pair), 1)
        with open(os.path.join(sample.path("converted"), pair[0]), encoding="utf-8") as file:
            rows = list(csv.reader(io.StringIO(file.read())))
        by_title = {row[1]: row for row in rows if len(row) > 1}
        header = by_title["Mapping"]
        row = by_title["=SUM(A1:A9) → website"]
        checks.equal("text that looks like a formula", row[header.index("Source column")],
                     "=SUM(A1:A9)")
        checks.equal("confidence", by_title["name → name"][header.index("Confidence")], "0.997")
        checks.equal("leading zeros", by_title["hs_object_id → account_id"][
            header.index("Example (masked)")], "999999")
        text = "\n".join(",".join(row) for row in rows)
        for mark in ("#REF!", "#NAME?", "#VALUE!", "Err:"):
            checks.true(f"no {mark}", mark not in text)
        convert(sample, "sample.xlsx", "pdf")
        checks.true("pages", os.path.getsize(sample.path("converted/sample.pdf")) > 20_000)
    checks.finish()


main()
