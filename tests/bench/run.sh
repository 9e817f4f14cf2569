#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the release preset, runs every bench program and writes BENCHMARKS.md. Takes some minutes;
# nothing else should run beside it. MAPCTL_TEST_DATA may name the folder of labelled suites.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
if [ -z "${MAPCTL_TEST_DATA:-}" ] && [ -d "$root/../shared" ]; then
  MAPCTL_TEST_DATA=$(cd "$root/../shared" && pwd)
  export MAPCTL_TEST_DATA
fi

cmake/setup.sh --for test
cmake --preset release -D BUILD_TESTING=ON
cmake --build --preset release --target all bench

build=$root/build/release
figures=$build/figures.jsonl
: >"$figures"
run() { # PROGRAM ARGUMENTS...
  echo "bench: $*" >&2
  "$@" >>"$figures"
}
bin=$build/tests/bench
run "$bin/bench_startup" "$bin/bench_hello" "$build/bin/mapctl" "$root/examples"
run "$bin/bench_file_statistics" "${MAPCTL_BENCH_FILE_MB:-200}"
run "$bin/bench_batch" "$root/profiles/lexicon"
run "$bin/workbook/bench_workbook" 1000000
