#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the section on matching quality of BENCHMARKS.md.

usage: quality.py ALL.json RENAMED.json FAMILY.json SUITE.json PEERS.tsv > SECTION.md

ALL.json is what `mapctl eval SUITES --format json` prints, RENAMED.json the same of saas_staging with
`--truth truth_renamed.csv`, FAMILY.json and SUITE.json what bench_matching_train writes with each family and
each suite left out, PEERS.tsv figures of others.
"""
import json
import sys

NAMES = ["recall_at_gt", "mrr", "hit_at_5", "precision", "recall", "f1", "f1_best", "abstention_f1", "ece"]
TITLES = ["recall@GT", "MRR", "hit@5", "precision", "recall", "F1", "best F1", "abstention F1", "ECE"]
# The truth of these is partial: what is missing from it is not wrong, so precision and abstention say little.
PARTIAL = {"t2dv2_dbpedia", "magellan784", "saas_unified"}
# The truth of these lacks many pairs of equal names: sound proposals count as wrong, so that precision, abstention
# and calibration cannot be good. The mean is given without them too.
INCOMPLETE = {"schematch_sakila", "schematch_isia"}
# Experts disagree about this task, so that its suite is given without it too.
DISPUTED = {"smat_omap": "mimic_omop"}
# Not in the mean: equal names, a few rows, and what counts by its renamed columns.
TOYS = {"valentine_magellan", "schematch_denorm", "saas_staging"}


def cell(value):
    return "" if value is None else f"{value:.3f}"


def row(*cells):
    return "| " + " | ".join(cells) + " |"


def figures_of(values):
    pair = [f"{recall:.3f} / {mrr:.3f}" for recall, mrr in (values[0:2], values[2:4])]
    return pair + [cell(value) for value in values[4:]]


def means_of(rows, cells=False):
    """Titles and cells of the mean over all, and over those whose truth is complete."""
    complete = {suite: values for suite, values in rows.items() if suite not in INCOMPLETE}
    for title, kept in (("mean", rows), ("mean, truth complete", complete)):
        known = [[value for value in column if value is not None] for column in zip(*kept.values())]
        means = [sum(column) / len(column) for column in known]
        yield f"{title}: {len(kept)}", list(map(cell, means)) if cells else figures_of(means)


def undisputed(suite, by_suite, by_family, peers):
    """Cells of a suite without the task that experts disagree about."""
    title = f"{suite} without {DISPUTED[suite]}"
    means = []
    for result in (by_suite, by_family):
        tasks = [task for task in result["tasks"] if task["task"] != DISPUTED[suite]]
        means.append({name: sum(task[name] for task in tasks) / len(tasks)
                      for name in ("recall_at_gt", "mrr", "hit_at_5", "f1", "f1_best", "abstention_f1")})
    own, family = means
    values = [own["recall_at_gt"], own["mrr"], family["recall_at_gt"], family["mrr"], own["hit_at_5"], own["f1"],
              own["f1_best"], own["abstention_f1"]]
    goal = next((against_goal(own, recall, mrr) for kind, _, recall, mrr in peers.get(title, []) if kind == "goal"), "")
    recall, family, *others = figures_of(values)
    return title, recall, family, goal, *others, "", ""


def against_goal(figures, recall, mrr):
    """The goals with those that are met marked; a goal of 0 is none."""
    goals = ((figures["recall_at_gt"], recall), (figures["mrr"], mrr))
    return " / ".join("-" if not goal else f"{goal:.2f}" + (" ✓" if round(found, 2) >= goal else "")
                      for found, goal in goals)


def read_left_out(path, kind):
    """Suite -> figures by weights that were fitted without the suite, or without its whole family."""
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    if document.get("leave_out") != kind:
        sys.exit(f"quality.py: '{path}' does not hold figures with each {kind} left out")
    return {suite["suite"]: suite for suite in document["suites"]}


def read_peers(path):
    found = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                suite, kind, who, recall, mrr = line.rstrip("\n").split("\t")
                found.setdefault(suite, []).append((kind, who, float(recall), float(mrr)))
    return found


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__.strip())
    with open(sys.argv[1], encoding="utf-8") as file:
        suites = {suite["suite"]: suite["overall"] for suite in json.load(file)["suites"]}
    with open(sys.argv[2], encoding="utf-8") as file:
        suites["saas_staging (renamed)"] = json.load(file)["overall"]
    by_family = read_left_out(sys.argv[3], "family")
    by_suite = read_left_out(sys.argv[4], "suite")
    peers = read_peers(sys.argv[5])

    print("## matching quality\n")
    print("No language model, one default configuration, columns in random order. `mapctl eval` over")
    print("public labelled suites; figures are means over the tasks of a suite.\n")
    print("### On suites the weights have not seen\n")
    print("recall@GT / MRR by weights that were fitted without the suite itself, and by weights that were fitted")
    print("without all suites of the same origin; the other figures are of the former. Goal: what we want of the")
    print("former, with those that are met marked.\n")
    print(row("suite", "suite left out", "family left out", "goal", "hit@5", "F1", "best F1", "abstention F1",
              "measured on the same tasks", "published, for scale"))
    print("|---|" + "---:|" * 7 + "---|---|")
    accuracy, calibration = {}, {}
    for suite in sorted(by_suite):
        overall = by_suite[suite]["overall"]
        other = by_family[suite]["overall"]
        told = {"measured": [], "published": []}
        goal = ""
        for kind, who, other_recall, other_mrr in peers.get(suite, []):
            if kind == "goal":
                goal = against_goal(overall, other_recall, other_mrr)
            else:
                told[kind].append(f"{who} {other_recall:.2f} / {other_mrr:.2f}")
        abstention = None if suite in PARTIAL else overall["abstention_f1"]
        values = [overall["recall_at_gt"], overall["mrr"], other["recall_at_gt"], other["mrr"], overall["hit_at_5"],
                  overall["f1"], overall["f1_best"], abstention]
        if suite not in TOYS:
            accuracy[suite] = values
        recall, family, *others = figures_of(values)
        print(row(suite, recall, family, goal, *others, "; ".join(told["measured"]), "; ".join(told["published"])))
        if suite in DISPUTED:
            print(row(*undisputed(suite, by_suite[suite], by_family[suite], peers)))
    for title, (recall, family, *others) in means_of(accuracy):
        print(row(title, recall, family, "", *others, "", ""))
    names = " and ".join(f"`{suite}`" for suite in sorted(INCOMPLETE))
    print(f"\nThe truth of {names} lacks many pairs of equal names. Pairs that a suite calls acceptable")
    print("and does not ask for are neither right nor wrong, but in recall@GT and ranks.")
    print("The abbreviations, synonyms and conventions of the lexicon were written knowing which fields of")
    print("business occur, so the figures are upper estimates for a field that nobody has looked at.\n")
    print("### Calibration on suites the weights have not seen\n")
    print("Expected calibration error, ten bins. Of the proposals: mean over the tasks; over all tasks of the suite")
    print("together; the latter after somebody decided about 200 of them (each judged by a fit on 200 others, or on")
    print("four fifths of them where there are fewer than 250). Of the best: of the best target of every source column,")
    print("proposed or not, over all tasks together. By chance: what confidences that are exactly right would show, as a")
    print("task has few proposals for ten bins.\n")
    print(row("suite", "proposals", "by chance", "together", "after 200", "by chance", "of the best"))
    print("|---|" + "---:|" * 6)
    for suite in sorted(by_suite):
        values = [by_suite[suite]["overall"]["ece"]] + [by_suite[suite][name] for name in (
            "ece_by_chance", "ece_all", "ece_recalibrated", "ece_recalibrated_by_chance", "ece_best_all")]
        if suite not in TOYS:
            calibration[suite] = values
        print(row(suite, *map(cell, values)))
    for title, values in means_of(calibration, cells=True):
        print(row(title, *values))
    print()
    print("### As shipped\n")
    print("With the weights that are shipped, which were fitted on all of these but `t2dv2_dbpedia` and")
    print("`magellan784`; their faults were read, too, when signals were made.\n")
    print(row("suite", *TITLES))
    print("|---|" + "---:|" * len(TITLES))
    for suite in sorted(suites):
        figures = suites[suite]
        hidden = {"precision", "f1", "f1_best", "abstention_f1", "ece"} if suite in PARTIAL else set()
        print(row(suite, *("" if name in hidden else cell(figures[name]) for name in NAMES)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
