#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The floors of the house: a folder includes only what stands below it. Prints every include that goes
# up or sideways, then every circle of calls between files or folders among the objects of BUILD
# (build, where anything was built there), and fails when there is one. Usage: sh tests/layers.sh [BUILD]
set -eu
cd "$(dirname "$0")/.."
build=${1:-}
bad=0

# Top to bottom; folders of one line may not include each other unless a line below allows it.
floors='
bench                                                   the program
bench/commands
bench/report
bench/run bench/claims bench/compare bench/history bench/export bench/convert bench/import
bench/table bench/counters bench/ceiling
bench/derive bench/machine
bench/record
bench/stats bench/cli
bench/engines                                           the one file that names the implementations
baselines
impl
'
awk -v floors="$floors" '
BEGIN {
  n = split(floors, line, "\n")
  for (i = 1; i <= n; i++) {
    m = split(line[i], word, " ")
    for (j = 1; j <= m && word[j] ~ /^(bench|baselines|impl)/; j++) level[word[j]] = i
  }
}
function floor_of(path,   part, m) {
  m = split(path, part, "/")
  if (part[1] != "bench") return part[1]
  if (path ~ /^bench\/engines\.[ch]$/) return "bench/engines"
  return m > 2 ? part[1] "/" part[2] : "bench"
}
{
  split($0, half, ":")
  from = floor_of(half[1]); to = floor_of(half[2])
  if (from == to) next
  if (!(from in level)) { print "no floor for " from; bad++; next }
  if (!(to in level)) { print "no floor for " to; bad++; next }
  if (level[to] > level[from]) next
  print half[1] " includes " half[2]; bad++
}
END { printf "%d violations\n", bad; exit bad > 0 }
' <<END || bad=1
$(grep -rno '#include "[^"]*"' impl baselines bench --include='*.[ch]' --include='*.cc' | sed 's/^\([^:]*\):[0-9]*:#include "\(.*\)"/\1:\2/')
END
if [ -n "$build" ] || [ -d build/impl ]; then sh tests/circles.sh "${build:-build}" || bad=1; fi
exit $bad
