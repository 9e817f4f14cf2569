#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes BENCHMARKS.md of the JSON lines that the bench programs print.

usage: report.py FIGURES.jsonl [TABLES.md ...] > BENCHMARKS.md
"""
import json
import os
import platform
import sys


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 10 else f"{value:.1f}"


def main():
    figures = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8") if line.strip()]
    print("# Benchmarks\n")
    print("Written by `tests/bench/run.sh`; every figure is the best or the median of several runs")
    print("on one machine in one go. Ratios travel between machines, absolute figures do not.\n")
    print(f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}.\n")
    for bench in dict.fromkeys(f["bench"] for f in figures):
        print(f"## {bench}\n")
        print("| figure | measured | held to | measured / held to | met |")
        print("|---|---:|---:|---:|:-:|")
        for f in (f for f in figures if f["bench"] == bench):
            limit, ratio, met = "", "", ""
            if f["limit"]:
                sign = "at most" if f["better"] == "lower" else "at least"
                limit = f"{sign} {number(f['limit'])} {f['unit']}"
                ratio = number(f["value"] / f["limit"])
                met = "yes" if f["met"] else "**no**"
            measured = f"{number(f['value'])} {f['unit']}"
            print(f"| {f['figure']} | {measured} | {limit} | {ratio} | {met} |")
        print()
    for path in sys.argv[2:]:
        print(open(path, encoding="utf-8").read())
    return 0


if __name__ == "__main__":
    sys.exit(main())
