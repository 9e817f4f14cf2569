#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# setup_test.sh SETUP: cmake/setup.sh asks apt for exactly what is missing, and for nothing when
# all is there. dpkg-query and apt-get are replaced, so nothing is installed.
set -eu
setup=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/dpkg-query" <<'SCRIPT'
#!/bin/sh
for argument; do package=$argument; done
case " $FAKE_MISSING " in *" $package "*) exit 1 ;; esac
printf installed
SCRIPT
printf '#!/bin/sh\necho "apt-get $*" >>"%s/calls"\n' "$work" >"$work/apt-get"
printf '#!/bin/sh\nexec "$@"\n' >"$work/sudo"
# Programs count wherever they come from; those this machine lacks are made up.
for program in cmake g++ ninja ccache pkg-config npm lowdown git python3 mold clang-format sqlite3 \
  soffice pdftoppm chromium tmux hyperfine file; do
  command -v "$program" >/dev/null 2>&1 || printf '#!/bin/sh\n' >"$work/$program"
done
chmod +x "$work"/*
PATH=$work:$PATH
export PATH

fail() {
  echo "$1"
  [ -f "$work/calls" ] && cat "$work/calls"
  exit 1
}

FAKE_MISSING='' "$setup" >"$work/out"
[ ! -f "$work/calls" ] || fail 'apt-get was called although nothing is missing'
grep -q "everything for 'test' is installed" "$work/out" || fail 'it does not say that all is there'

FAKE_MISSING='libsodium-dev python3-openpyxl' "$setup" >/dev/null
grep -q ' install .* libsodium-dev python3-openpyxl$\| install .* python3-openpyxl libsodium-dev$' \
  "$work/calls" || fail 'it does not install what testing needs'
rm "$work/calls"

FAKE_MISSING='libsodium-dev python3-openpyxl' "$setup" --for build >/dev/null
grep -q ' install .* libsodium-dev$' "$work/calls" || fail 'building needs no test packages'

if "$setup" --for fun 2>/dev/null; then
  fail 'an unknown purpose is accepted'
fi
echo 'setup.sh asks for what is missing'
