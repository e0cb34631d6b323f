#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Says of each row of the kernels' table whether the tests ran it on this processor's own instructions, emulated,
# or not at all, and how many mutants of kernels they killed.
# Usage: sh tests/kernels.sh FOLDER, where tests/run.sh (KERNELS=FOLDER/...) and tests/mutants.sh left their words.
set -u
folder=${1:?usage: sh tests/kernels.sh FOLDER}
cat "$folder"/*.rows 2>/dev/null | awk -F': ' '
{ how = $1; sub(/^\[KERNEL\] /, "", how); name = $2
  if (!(name in best)) order[n++] = name
  rank = how == "native" ? 3 : how == "emulated" ? 2 : 1
  if (rank > best[name]) best[name] = rank }
END {
  split("not run|emulated|native", word, "|")
  for (r = 3; r; r--) {
    list = ""; count = 0
    for (i = 0; i < n; i++) if (best[order[i]] == r) { list = list (count++ ? ", " : "") order[i] }
    if (count || r == 3) printf "kernels: %d %s%s\n", count, word[r], count ? ": " list : ""
  }
}'
[ ! -s "$folder/mutants" ] || cat "$folder/mutants"
[ ! -s "$folder/mutants-arm64" ] || sed 's/^mutants:/mutants of 64-bit Arm:/' "$folder/mutants-arm64"
