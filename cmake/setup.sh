#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what building the program (--for build) or testing it (--for test, the default) needs and
# is missing, by Debian package names. Does nothing, and asks for no rights, when all is there.
set -eu

purpose=test
while [ $# -gt 0 ]; do
  case "$1" in
    --for)
      [ $# -ge 2 ] || { echo "error: --for needs build or test" >&2; exit 2; }
      purpose=$2
      shift 2
      ;;
    *)
      echo "usage: cmake/setup.sh [--for build|test]" >&2
      exit 2
      ;;
  esac
done
case "$purpose" in
  build | test) ;;
  *)
    echo "error: --for takes build or test, not '$purpose'" >&2
    exit 2
    ;;
esac

# A program counts wherever it comes from; lines are "program package".
build_programs='
cmake cmake
g++ g++
ninja ninja-build
ccache ccache
pkg-config pkg-config
npm npm
lowdown lowdown
'
build_libraries='
libcli11-dev libsqlite3-dev libfmt-dev libyaml-cpp-dev libyaml-dev nlohmann-json3-dev libutf8proc-dev
libxxhash-dev libsodium-dev uuid-dev libxlsxwriter-dev libminizip-dev libexpat1-dev zlib1g-dev libpq-dev unixodbc-dev libcurl4-openssl-dev libssl-dev libmongoc-dev
ca-certificates
'
test_programs='
git git
python3 python3
mold mold
clang-format clang-format
sqlite3 sqlite3
openssl openssl
soffice libreoffice-calc-nogui
pdftoppm poppler-utils
chromium chromium
tmux tmux
hyperfine hyperfine
file file
ps procps
'
test_libraries='
catch2 postgresql pgbouncer python3-openpyxl mariadb-server-core mariadb-client-core odbc-mariadb odbc-postgresql
libsqliteodbc tdsodbc libc6-dbg
'

programs=$build_programs
libraries=$build_libraries
if [ "$purpose" = test ]; then
  programs="$programs$test_programs"
  libraries="$libraries $test_libraries"
fi

is_installed() { # PACKAGE
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=$(
  echo "$programs" | while read -r program package; do
    if [ -n "$program" ] && ! command -v "$program" >/dev/null 2>&1; then
      echo "$package"
    fi
  done
)
if command -v dpkg-query >/dev/null 2>&1; then
  for package in $libraries; do
    is_installed "$package" || missing="$missing $package"
  done
elif [ -n "$missing" ]; then
  echo "error: these Debian packages, or their like, are missing:" $missing >&2
  echo "hint: install them with this system's package manager; setup.sh knows Debian only" >&2
  exit 1
else
  echo "setup: not a Debian system, libraries are left to CMake's own checks"
fi

missing=$(echo $missing)
if [ -z "$missing" ]; then
  echo "setup: everything for '$purpose' is installed"
  exit 0
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "error: these packages are missing and need root to install: $missing" >&2
    echo "hint: apt-get install --no-install-recommends $missing" >&2
    exit 1
  fi
  as_root=sudo
fi

echo "setup: installing $missing"
apt() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 "$@"
}
apt update
apt install -y --no-install-recommends $missing
