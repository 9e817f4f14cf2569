#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds and tests from nothing: tests/run.sh [--sanitize] [ctest arguments]
#
# Without --sanitize the dev preset, with it asan (address and undefined behaviour) and then tsan.
# May be called from any folder, again and again. MAPCTL_TEST_DATA may name a folder of real data;
# a folder `shared` beside the project is taken by itself. Stops at the first preset that fails,
# so ctest's summary is the last thing printed.
set -eu

presets=dev
if [ "${1:-}" = --sanitize ]; then
  presets='asan tsan'
  shift
fi

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

if [ -z "${MAPCTL_TEST_DATA:-}" ] && [ -d "$root/../shared" ]; then
  MAPCTL_TEST_DATA=$(cd "$root/../shared" && pwd)
  export MAPCTL_TEST_DATA
fi
# What the caller has set up for daily work must not change what the tests see.
unset MAPCTL_REGISTRY MAPCTL_TENANT MAPCTL_PROFILES MAPCTL_CONFIG MAPCTL_FORMAT MAPCTL_LOG_LEVEL \
  MAPCTL_LOG_FORMAT MAPCTL_COLOR MAPCTL_USER SOURCE_DATE_EPOCH
# setup.sh installs them: a test that finds no server is then a failure and no skip.
MAPCTL_REQUIRE=${MAPCTL_REQUIRE:+$MAPCTL_REQUIRE,}postgres,mariadb,odbc
export MAPCTL_REQUIRE

cmake/setup.sh --for test
for preset in $presets; do
  cmake --preset "$preset"
  cmake --build --preset "$preset"
  if [ "$preset" = dev ]; then
    cmake --build --preset headers
  fi
  # A sanitizer's report counts even when the second run of its test brings none.
  rm -f "build/$preset/Testing/Temporary/LastTest.log"
  # One more than there are cores: many a test waits for a server. A test that fails has one more
  # try, for it shares two cores and its servers with others; the output of both is printed.
  ctest --preset "$preset" -j "$(($(nproc) + 1))" --output-on-failure --repeat until-pass:2 "$@"
  if grep -E 'ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|: runtime error: ' \
    "build/$preset/Testing/Temporary/LastTest.log"; then
    echo "tests/run.sh: a test passed at its second try, but a sanitizer had reported" >&2
    exit 1
  fi
done
