#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs the command blocks of REPRODUCE.md that carry a mark (```sh quick | full | needs-data), and holds what they measured against
# the tables of expected figures with that mark. Usage: tests/reproduce.sh MARK [RECORDS]
# With RECORDS no block is run: that folder's records are held against the table. DOCUMENT: another file than REPRODUCE.md.
# A table stands between <!-- expected: MARK RECORDS --> and <!-- end of expected -->; its columns: what is said, the arm, the column of
# `lite4rec export csv`, the expected value (or > VALUE, < VALUE) and the tolerance. Exit: 1 when a line fails.
set -eu
mark=${1:-quick}
given=${2:-}
document=${DOCUMENT:-REPRODUCE.md}
l4r=${LITE4REC:-./lite4rec}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
began=$(date +%s)
if [ -z "$given" ]; then
  awk -v mark="$mark" '
    /^```sh / && index($0, mark) { inside = 1; print "set -eux"; next }
    /^```/ { inside = 0; next }
    inside { print }' "$document" >"$work/script"
  [ -s "$work/script" ] || { echo "$document has no block marked $mark" >&2; exit 1; }
  sh "$work/script"
fi

# The tables with this mark, a line each: RECORDS | what | arm | figure | expected | tolerance
awk -v mark="$mark" '
  /^<!-- expected: / { split($0, word, " "); records = word[3] == mark ? word[4] : ""; next }
  /^<!-- end of expected -->/ { records = "" }
  records && /^\|/ && !/^\|---/ && !/^\| what / { print "| " records " " $0 }' "$document" >"$work/expected"
[ -s "$work/expected" ] || exit 0

failed=0
awk '{ print $2 }' "$work/expected" | sort -u >"$work/folders"
while read -r records; do
  "$l4r" export csv "${given:-$records}" >"$work/measured.csv"
  awk -v records="$records" '
    # Fields of CSV may hold commas in quotes.
    function fields(line, i, c, n, quoted) {
      n = 1
      split("", field)
      for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        if (c == "\"") quoted = !quoted
        else if (c == "," && !quoted) n++
        else field[n] = field[n] c
      }
      return n
    }
    function trimmed(text) {
      gsub(/^ +| +$/, "", text)
      return text
    }
    NR == FNR {
      n = fields($0)
      if (FNR == 1) { for (i = 1; i <= n; i++) key[i] = field[i]; next }
      arm = ""
      for (i = 1; i <= n; i++) if (key[i] == "arm") arm = field[i]
      for (i = 1; i <= n; i++) value[arm, key[i]] = field[i]
      next
    }
    {
      split($0, cell, "|")
      if (trimmed(cell[2]) != records) next
      arm = trimmed(cell[4]); figure = trimmed(cell[5]); wanted = trimmed(cell[6]); tolerance = trimmed(cell[7]) + 0
      relation = substr(wanted, 1, 1)
      if (relation == ">" || relation == "<") number = substr(wanted, 2) + 0
      else { relation = "="; number = wanted + 0 }
      have = value[arm, figure]
      good = have ~ /^[-+.0-9eE]+$/ && (relation == ">" ? have + 0 > number - tolerance : relation == "<" ? have + 0 < number + tolerance : \
        have - number <= tolerance && number - have <= tolerance)
      printf "%s  %s: %s %s expected %s%s, measured %s\n", good ? "PASS" : "FAIL", trimmed(cell[3]), arm, figure, wanted,
        tolerance ? " (tolerance " trimmed(cell[7]) ")" : "", have == "" ? "nothing: no record of that arm has it" : sprintf("%.6g", have)
      bad += !good
      lines++
    }
    END {
      printf "reproduce: %d of %d lines pass\n", lines - bad, lines
      exit bad > 0
    }' "$work/measured.csv" "$work/expected" || failed=1
done <"$work/folders"
[ -n "$given" ] || echo "reproduce: $((($(date +%s) - began + 59) / 60)) minutes"
exit "$failed"
