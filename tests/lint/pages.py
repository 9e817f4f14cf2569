# SPDX-License-Identifier: Apache-2.0
"""Names in manual pages: every word with an underscore of a Markdown page stands in the page that
is made of it, as often as there. Underscores are emphasis in Markdown, and then they are lost."""

import argparse
import os
import re
import sys
from collections import Counter


def names_of(text):
    return Counter(word for word in re.findall(r"\w+", text) if "_" in word)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def source_text(path):
    folder = os.path.dirname(path)
    return re.sub(
        r"<!-- include: ([^ ]+) -->",
        lambda match: read(os.path.join(folder, match.group(1))),
        read(path),
    )


def page_text(path):
    """Without changes of the font; other escapes part words."""
    text = re.sub(r"\\f(\(..|\[[^\]]*\]|.)", "", read(path))
    return re.sub(r"\\(\(..|\[[^\]]*\]|.)", " ", text)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", required=True)
    parser.add_argument("--pages", required=True)
    arguments = parser.parse_args()
    failed, looked_at = False, 0
    for name in sorted(os.listdir(arguments.sources)):
        if not name.endswith(".md"):
            continue
        stem = name[: -len(".md")]
        section = "5" if stem.endswith(".5") else "1"
        page = os.path.join(arguments.pages, f"man{section}", f"{stem.removesuffix('.5')}.{section}")
        text = page_text(page)
        names = names_of(source_text(os.path.join(arguments.sources, name)))
        for word, count in sorted(names.items()):
            # Within longer ones too: fonts may change in what is one word on the page.
            if text.count(word) < count:
                print(f"{page}: '{word}' of {name} is lost")
                failed = True
        looked_at += 1
    print(f"{looked_at} pages")
    sys.exit(1 if failed or looked_at == 0 else 0)


if __name__ == "__main__":
    main()
