#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs a build into an empty folder, compares the files with manifest.txt (an extra file fails
# as a missing one does), moves the folder, and runs the program there without any setting.
#
# tests/install/check.sh --build FOLDER [--libdir lib] [--update]
# --update writes manifest.txt instead of comparing. A line of the manifest that begins with "? "
# may be missing: it depends on what the system brings.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
manifest=$here/manifest.txt
cmake=${MAPCTL_CMAKE:-cmake}
build=
libdir=lib
update=no
while [ $# -gt 0 ]; do
  case "$1" in
    --build) build=$2; shift 2 ;;
    --libdir) libdir=$2; shift 2 ;;
    --update) update=yes; shift ;;
    *) echo "usage: check.sh --build FOLDER [--libdir lib] [--update]" >&2; exit 2 ;;
  esac
done
[ -n "$build" ] || { echo "error: --build is missing" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"$cmake" --install "$build" --prefix "$work/first" >"$work/log" 2>&1 || {
  cat "$work/log"
  exit 1
}
(cd "$work/first" && find . ! -type d | sed 's,^\./,,') |
  sed "s,^$libdir/mapctl/,lib/mapctl/," | LC_ALL=C sort >"$work/actual"

if [ "$update" = yes ]; then
  sed 's,^lib/mapctl/libduckdb,? &,' "$work/actual" >"$manifest"
  echo "$(wc -l <"$manifest") files in $manifest"
  exit 0
fi

sed 's,^? ,,' "$manifest" | LC_ALL=C sort >"$work/allowed"
sed '/^? /d' "$manifest" | LC_ALL=C sort >"$work/required"
LC_ALL=C comm -13 "$work/actual" "$work/required" | sed 's,^,missing: ,' >"$work/findings"
LC_ALL=C comm -23 "$work/actual" "$work/allowed" | sed 's,^,not in the manifest: ,' >>"$work/findings"
if [ -s "$work/findings" ]; then
  cat "$work/findings"
  echo "hint: tests/install/update-manifest.sh, when this is intended"
  exit 1
fi

for file in bin/mapctl "$libdir"/mapctl/mapctl_*.so; do
  for path in "$work/first"/$file; do
    if [ "$(head -c 4 "$path" | od -An -c | tr -d ' ')" != '177ELF' ]; then
      echo "not a program or library: $path"
      exit 1
    fi
  done
done

# A moved installation finds its modules and its data by itself.
mv "$work/first" "$work/second"
mkdir "$work/home" "$work/project"
printf 'customer_id,e_mail\n1,a@example.com\n' >"$work/project/customers.csv"
run() {
  (cd "$work/project" && env -i HOME="$work/home" PATH=/usr/bin:/bin LC_ALL=C.UTF-8 \
    ${TSAN_OPTIONS:+TSAN_OPTIONS="$TSAN_OPTIONS"} "$work/second/bin/mapctl" "$@")
}
run --version
run init >"$work/output" 2>&1 || { cat "$work/output"; exit 1; }
run discover file:customers.csv --format json >"$work/output" 2>"$work/errors" || {
  cat "$work/errors"
  exit 1
}
grep -q '"e_mail"' "$work/output" || { echo "discover printed no column"; cat "$work/output"; exit 1; }
run profile list >"$work/output" 2>&1 || { cat "$work/output"; exit 1; }
echo "installed $(wc -l <"$work/actual") files, moved and run"
