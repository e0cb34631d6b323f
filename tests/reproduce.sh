#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs the command blocks of REPRODUCE.md that carry a mark: ```sh quick | full | needs-data.
# Usage: tests/reproduce.sh MARK
set -eu
mark=${1:-quick}
script=$(mktemp)
trap 'rm -f "$script"' EXIT
awk -v mark="$mark" '
  /^```sh / && index($0, mark) { inside = 1; print "set -eux"; next }
  /^```/ { inside = 0; next }
  inside { print }' REPRODUCE.md >"$script"
[ -s "$script" ] || { echo "REPRODUCE.md has no block marked $mark" >&2; exit 1; }
sh "$script"
