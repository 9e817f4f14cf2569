#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the section on matching quality of BENCHMARKS.md.

usage: quality.py ALL.json RENAMED.json LEFT_OUT.txt PEERS.tsv > SECTION.md

ALL.json is what `mapctl eval SUITES --format json` prints, RENAMED.json the same of saas_staging with
`--truth truth_renamed.csv`, LEFT_OUT.txt what bench_matching_fit prints, PEERS.tsv figures of others.
"""
import json
import sys

NAMES = ["recall_at_gt", "mrr", "hit_at_5", "precision", "recall", "f1", "f1_best", "abstention_f1", "ece"]
TITLES = ["recall@GT", "MRR", "hit@5", "precision", "recall", "F1", "best F1", "abstention F1", "ECE"]
# The truth of these is partial: what is missing from it is not wrong, so precision and abstention say little.
PARTIAL = {"t2dv2_dbpedia", "magellan784", "saas_unified"}


def cell(value):
    return "" if value is None else f"{value:.3f}"


def row(*cells):
    return "| " + " | ".join(cells) + " |"


def read_left_out(path):
    """Suite -> figures of the first table: fitted without the suite's whole family."""
    found = {}
    with open(path, encoding="utf-8") as file:
        header = next(file).split()
        if header[:2] != ["left", "out"]:
            sys.exit(f"quality.py: '{path}' does not begin with the figures of suites left out")
        for line in file:
            if line.startswith("mean"):
                break
            values = line.rsplit(maxsplit=8)
            found[values[0].strip()] = [float(value) for value in values[1:]]
    # Of saas_staging the fit uses the renamed pairs, and the whole under a name of its own.
    if "saas_staging" in found:
        found["saas_staging (renamed)"] = found.pop("saas_staging")
    if "saas_staging (all)" in found:
        found["saas_staging"] = found.pop("saas_staging (all)")
    return found


def read_peers(path):
    found = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                suite, kind, who, recall, mrr = line.rstrip("\n").split("\t")
                found.setdefault(suite, []).append((kind, who, float(recall), float(mrr)))
    return found


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__.strip())
    with open(sys.argv[1], encoding="utf-8") as file:
        suites = {suite["suite"]: suite["overall"] for suite in json.load(file)["suites"]}
    with open(sys.argv[2], encoding="utf-8") as file:
        suites["saas_staging (renamed)"] = json.load(file)["overall"]
    left_out = read_left_out(sys.argv[3])
    peers = read_peers(sys.argv[4])

    print("## matching quality\n")
    print("No language model, one default configuration, columns in random order. `mapctl eval` over")
    print("public labelled suites; figures are means over the tasks of a suite.\n")
    print("### On suites of a family the weights have not seen\n")
    print("The weights are fitted without all suites of the same origin; recall@GT / MRR beside others'. F1")
    print("and ECE here with every target column decided at most once in the whole task.\n")
    print(row("suite", "mapctl", "F1", "ECE", "measured on the same tasks", "published, for scale"))
    print("|---|---:|---:|---:|---|---|")
    for suite in sorted(left_out):
        recall, mrr, _, _, _, f1, _, ece = left_out[suite]
        told = {"measured": [], "published": []}
        for kind, who, other_recall, other_mrr in peers.get(suite, []):
            told[kind].append(f"{who} {other_recall:.2f} / {other_mrr:.2f}")
        print(row(suite, f"{recall:.3f} / {mrr:.3f}", cell(f1), cell(ece),
                  "; ".join(told["measured"]), "; ".join(told["published"])))
    print("\nThe abbreviations, synonyms and conventions of the lexicon were written knowing which fields of")
    print("business occur, so the figures are upper estimates for a field that nobody has looked at.\n")
    print("### As shipped\n")
    print("With the weights that are shipped, which were fitted on all of these but `t2dv2_dbpedia` and")
    print("`magellan784`.\n")
    print(row("suite", *TITLES))
    print("|---|" + "---:|" * len(TITLES))
    for suite in sorted(suites):
        figures = suites[suite]
        hidden = {"precision", "f1", "f1_best", "abstention_f1", "ece"} if suite in PARTIAL else set()
        print(row(suite, *("" if name in hidden else cell(figures[name]) for name in NAMES)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
