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
cmake --build --preset release --target bench

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
run "$bin/bench_batch" "$root/profiles"
run "$bin/workbook/bench_workbook" 1000000
run "$bin/bench_registry"
run "$bin/bench_vectors"
run "$bin/bench_migrate"
run "$bin/bench_rates"
run "$bin/matching/bench_matching_speed" "$root"
if [ -n "${MAPCTL_TEST_DATA:-}" ]; then
  run "$bin/matching/bench_matching_memory" "$root" "$MAPCTL_TEST_DATA/bench/saas_staging"
fi
server=$build/bench-postgres.info
trap 'tests/support/postgres_server.sh stop "$server"' EXIT
tests/support/postgres_server.sh start "$server" >&2
if ! grep -q ^reason= "$server"; then
  if [ -x "$bin/bench_registry_postgres" ]; then
    MAPCTL_BENCH_POSTGRES=$server
    export MAPCTL_BENCH_POSTGRES
    run "$bin/bench_registry_postgres"
  fi
  directory=$(sed -n 's/^directory=//p' "$server")
  run "$bin/bench_postgres" "$directory" "$(sed -n 's/^port=//p' "$server")"
fi
tests/support/postgres_server.sh stop "$server"
trap - EXIT
export MAPCTL_TEST_SOURCE_DIR="$root" # where the script is that starts servers
run "$bin/bench_odbc"
run "$bin/bench_rest" "$root"

told() { # TITLE FILE PROGRAM ARGUMENTS...: what a program prints for people, as a section
  title=$1
  file=$2
  shift 2
  echo "bench: $*" >&2
  { printf '## %s\n\n```\n' "$title" && "$@" && printf '```\n'; } >"$file"
}
set --
if [ -n "${MAPCTL_TEST_DATA:-}" ]; then
  suites=$MAPCTL_TEST_DATA/bench
  echo "bench: mapctl eval $suites" >&2
  "$build/bin/mapctl" eval "$suites" --format json >"$build/quality.json"
  "$build/bin/mapctl" eval "$suites/saas_staging" --truth truth_renamed.csv --format json \
    >"$build/quality_renamed.json"
  for suite in saas saas_unified; do
    told "memory, each system of $suite left out" "$build/memory_$suite.md" \
      "$build/bin/mapctl" eval --progressive "$suites/$suite"
  done
  for left_out in family suite; do
    "$bin/train/bench_matching_train" "$root" "$suites" --leave-out $left_out \
      "$build/quality_$left_out.json" >"$build/weights.txt"
  done
  tests/bench/quality.py "$build/quality.json" "$build/quality_renamed.json" \
    "$build/quality_family.json" "$build/quality_suite.json" tests/bench/peers.tsv >"$build/quality.md"
  set -- "$@" "$build/quality.md" "$build/memory_saas.md" "$build/memory_saas_unified.md"
fi
tests/bench/report.py "$figures" "$@" >"$root/BENCHMARKS.md"
echo "bench: wrote $root/BENCHMARKS.md" >&2
