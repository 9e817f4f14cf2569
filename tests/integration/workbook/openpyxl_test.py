# SPDX-License-Identifier: Apache-2.0
"""The workbook as another library reads it."""

import zipfile

from support import Checks, Sample, skip

try:
    import openpyxl
except ImportError:
    skip("openpyxl", "the Python module openpyxl is not installed")

PAIR = "001 companies→account"


def check_workbook(checks, path):
    book = openpyxl.load_workbook(path)
    visible = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    hidden = [sheet.title for sheet in book if sheet.sheet_state != "visible"]
    checks.equal("first sheets", visible[:4], ["Read Me", "Summary", "Issues", PAIR])
    checks.equal("hidden sheets", hidden, ["_lists", "_baseline", "_baseline (codes)", "_meta"])
    sheet = book[PAIR]
    header = [cell.value for cell in sheet[8]]
    checks.equal("columns", header[:4], ["Mapping id", "Mapping", "Status", "Equivalence"])
    checks.equal("freeze", sheet.freeze_panes, "D9")
    checks.true("filter", sheet.auto_filter.ref)
    checks.equal("landscape", sheet.page_setup.orientation, "landscape")
    checks.true("repeated header", sheet.print_title_rows)
    checks.equal("drop-downs", len(sheet.data_validations.dataValidation), 8)
    fills = sum(len(part.rules) for part in sheet.conditional_formatting)
    checks.equal("conditional fills", fills, 14)
    checks.equal("charts", len(book["Summary"]._charts), 1)

    rows = {row[1].value: row for row in sheet.iter_rows(min_row=9)}
    hostile = rows["=SUM(A1:A9) → website"]
    column = header.index("Source column")
    checks.equal("formula text", hostile[column].value, "=SUM(A1:A9)")
    checks.equal("format of text", hostile[column].number_format, "@")
    confidence = rows["name → name"][header.index("Confidence")]
    checks.equal("number", confidence.value, 0.997)
    checks.equal("shown short of certain", confidence.number_format,
                 '[=1]0.00;[>=0.995]"0.99";0.00')
    checks.true("date is fixed", book.properties.created.isoformat().startswith("2026-01-01T00:00"))

    # openpyxl takes any text that starts with "=" for a formula, so the file itself is asked.
    with zipfile.ZipFile(path) as archive:
        checks.equal("damaged part", archive.testzip(), None)
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                text = archive.read(name).decode()
                checks.true(f"{name} holds no formula cell", "<f>" not in text)

    links = 0
    for sheet in book:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.hyperlink):
            target, _, place = cell.hyperlink.location.rpartition("!")
            name = target.strip("'").replace("''", "'")
            links += 1
            checks.true(f"{sheet.title}: link to {target}", name in book.sheetnames)
            checks.true(f"{sheet.title}: place {place}", book[name][place].row <= book[name].max_row)
    checks.true("links", links > 30)
    for name, defined in dict(book.defined_names.items() if hasattr(book.defined_names, "items")
                              else ((n.name, n) for n in book.defined_names.definedName)).items():
        if name.startswith("mapctl_baseline"):
            checks.true("baseline name", "_baseline" in defined.attr_text)


def main():
    checks = Checks()
    with Sample() as sample:
        check_workbook(checks, sample.path("sample.xlsx"))
        with zipfile.ZipFile(sample.path("sample.zip")) as archive:
            checks.equal("damaged entry", archive.testzip(), None)
            names = archive.namelist()
            for name in (name for name in names if name.endswith(".xlsx")):
                archive.extract(name, sample.folder)
                book = openpyxl.load_workbook(sample.path(name))
                checks.true(f"{name} has sheets", len(book.sheetnames) >= 5)
            index = openpyxl.load_workbook(sample.path("index.xlsx"))
            targets = {cell.hyperlink.target for row in index["Summary"].iter_rows()
                       for cell in row if cell.hyperlink and cell.hyperlink.target}
            checks.equal("the index links to every file", targets,
                         {name for name in names if name[:3].isdigit()})
    with Sample("20") as sample:
        book = openpyxl.load_workbook(sample.path("sample.xlsx"))
        checks.true("continued sheet", "Rules and checks (2)" in book.sheetnames)
    checks.finish()


main()
