#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Puts DuckDB's shared library and C header into a cache folder and prints that folder.
#
# Both come from npm packages of one DuckDB version: the header out of the sources in `duckdb`, the
# library out of the prebuilt `@duckdb/node-bindings-linux-x64`. Each file is checked against the
# hash below before it counts. Runs at the same time, or cut short, leave a whole folder or none:
# files are fetched into a folder of their own, which is renamed when complete.
set -eu

version=1.4.4
header_package="duckdb@$version"
header_path=package/src/duckdb/src/include/duckdb.h
header_sha256=cbe6a827284375c5a646b8f27dbd3a00808ce8738b5bbb49c190cb1e08540281
library_package="@duckdb/node-bindings-linux-x64@$version-r.4"
library_path=package/libduckdb.so
library_sha256=1ef33048e12235115ac0d277a0aaccbb560e33248144f488b5ac005cd9ba81b5

cache="${XDG_CACHE_HOME:-$HOME/.cache}/mapctl"
final="$cache/duckdb-$version"

matches() { # FILE SHA256
  [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$2" ]
}

is_complete() {
  matches "$final/include/duckdb.h" "$header_sha256" &&
    matches "$final/lib/libduckdb.so" "$library_sha256"
}

if is_complete; then
  printf '%s\n' "$final"
  exit 0
fi

if [ "$(uname -s)-$(uname -m)" != Linux-x86_64 ]; then
  echo "error: no prebuilt DuckDB is known for $(uname -s) on $(uname -m)" >&2
  echo "hint: install DuckDB and set DUCKDB_ROOT to the folder with include/ and lib/" >&2
  exit 1
fi
if ! command -v npm >/dev/null 2>&1; then
  echo "error: npm is needed to fetch DuckDB and was not found" >&2
  echo "hint: run cmake/setup.sh, or set DUCKDB_ROOT to an installed DuckDB" >&2
  exit 1
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/.fetch-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

take() { # PACKAGE PATH SHA256 DESTINATION
  echo "fetching $1" >&2
  mkdir -p "$work/pack" "$(dirname "$4")"
  archive=$(cd "$work/pack" && npm pack --silent "$1" | tail -n 1)
  if [ -z "$archive" ] || [ ! -f "$work/pack/$archive" ]; then
    echo "error: npm could not fetch '$1'" >&2
    echo "hint: check the network and the npm configuration, or set DUCKDB_ROOT" >&2
    exit 1
  fi
  tar -xzf "$work/pack/$archive" -C "$work/pack" "$2"
  actual=$(sha256sum "$work/pack/$2" | cut -d' ' -f1)
  if [ "$actual" != "$3" ]; then
    echo "error: '$2' of '$1' has not the expected content" >&2
    echo "  expected sha256 $3" >&2
    echo "  actual sha256   $actual" >&2
    exit 1
  fi
  mv "$work/pack/$2" "$4"
  rm -rf "$work/pack"
}

take "$header_package" "$header_path" "$header_sha256" "$work/new/include/duckdb.h"
take "$library_package" "$library_path" "$library_sha256" "$work/new/lib/libduckdb.so"
chmod 755 "$work/new" "$work/new/lib/libduckdb.so"
chmod 644 "$work/new/include/duckdb.h"

# Another run may have finished meanwhile; its folder is as good as ours. A damaged one is moved
# aside first, as a folder with content cannot be replaced in one step.
if ! is_complete; then
  if [ -e "$final" ]; then
    mv "$final" "$work/damaged" 2>/dev/null || true
  fi
  mv -T "$work/new" "$final" 2>/dev/null || true
fi
if ! is_complete; then
  echo "error: '$final' could not be put in place" >&2
  echo "hint: remove that folder and run again" >&2
  exit 1
fi
printf '%s\n' "$final"
