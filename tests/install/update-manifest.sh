#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rewrites manifest.txt from a build (default: the dev preset's); review the difference.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec "$here/check.sh" --build "${1:-$here/../../build/dev}" --update
