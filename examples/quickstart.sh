#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a fresh machine to a mapping workbook: builds mapctl (release preset) and maps the sample
# exports of examples/quickstart to the canonical entities. May be called from any folder, again
# and again. MAPCTL_PROGRAM names a program to use instead of building one.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
example=$root/examples/quickstart

program=${MAPCTL_PROGRAM:-}
if [ -z "$program" ]; then
  cd "$root"
  cmake/setup.sh --for build
  cmake --preset release
  cmake --build --preset release
  program=$root/build/release/bin/mapctl
fi

# The registry is made anew in a folder of its own, so that a second run shows the same.
project=${MAPCTL_QUICKSTART_DIR:-$root/build/quickstart}
mkdir -p "$project"
cd "$project"
rm -rf .mapctl mapctl.yaml
"$program" init

"$program" batch "$example/plan.yaml" --profiles "$example/profiles"

echo
echo "The result:"
for file in "$example"/out/*; do
  case "$file" in
    *.xlsx) echo "  workbook   $file" ;;
    *.html) echo "  HTML page  $file" ;;
    *.json) echo "  JSON       $file" ;;
  esac
done
