#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Says how each part of `make check` ended and how long it took, and fails unless every one ended with 0.
# Usage: tests/parts.sh FOLDER PART...; FOLDER/PART holds its exit code and its seconds.
set -u
folder=$1
shift
bad=0
for part in "$@"; do
  read -r code seconds 2>/dev/null <"$folder/$part" || code=none seconds=0
  case $code in
  0) echo "check: $part passed in $seconds s" ;;
  none) echo "check: $part did not run" && bad=$((bad + 1)) ;;
  *) echo "check: $part FAILED with exit code $code after $seconds s" && bad=$((bad + 1)) ;;
  esac
done
[ "$bad" -eq 0 ] || { echo "check: $bad of $# parts did not pass" >&2; exit 1; }
echo "check: every part passed"
