#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# skip_test.sh PROGRAM: the exit codes of test programs, on which "Skipped" and "Failed" rest.
set -u
program=$1
failures=0

expect() { # CODE REQUIRED CASES
  MAPCTL_REQUIRE=$2 "$program" "$3" >/dev/null 2>&1
  actual=$?
  if [ "$actual" -ne "$1" ]; then
    echo "'$3' with MAPCTL_REQUIRE='$2': exit code $actual, expected $1"
    failures=$((failures + 1))
  fi
}

expect 0 '' 'passes'
expect 1 '' 'fails four times'
expect 4 '' 'needs a server'
expect 4 'other,servers' 'needs a server'
expect 1 'other,server' 'needs a server'
expect 1 'all' 'needs a server'
expect 4 '' 'skips without a name'
expect 4 'server' 'skips without a name'
expect 1 'all' 'skips without a name'
expect 1 '' 'fails before it skips'
expect 4 '' 'skips two sections'
expect 0 '' 'passes,skips two sections'
expect 1 '' 'needs a server,fails four times'
expect 1 '' 'there is no such case'

[ "$failures" -eq 0 ]
