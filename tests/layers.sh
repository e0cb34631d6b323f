#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The floors of the house: a folder includes only what stands below it. Prints the floors, every include
# that goes up or sideways, every folder of more than 25 sources, and every circle of calls between files or
# folders, and every function that the header of its file does not declare, among the objects of BUILD
# (build, where anything was built there); fails when there is one.
# Usage: sh tests/layers.sh [BUILD]
set -eu
cd "$(dirname "$0")/.."
build=${1:-}
bad=0

# Top to bottom; folders of one line may not include each other unless a line below allows it.
floors='
bench                                                   the program
bench/commands
bench/report bench/fleet
bench/run bench/claims bench/compare bench/history bench/export bench/eval bench/templates bench/convert bench/import
bench/table bench/counters bench/ceiling
bench/derive bench/machine
bench/record
bench/stats bench/cli
bench/engines                                           the one file that names the implementations
baselines/controls baselines/peers baselines/beam/train
baselines/beam
baselines/beam/search
baselines/beam/ids baselines/heuristics
impl/train/lite
impl/train/items
impl/train/layers impl/train/loop
impl/lite
impl/blis impl/reference
impl/decode_choices impl/stack_options
impl/stack                                              the inner contract
impl/products
impl/model
impl/words
impl/spent
impl/shards                                             a catalogue divided among ranks
impl/engine                                             the outer contract
impl/rank
impl/data
impl/ceiling
impl/simd
impl/comm                                               the ranks of a run; the one place that names MPI
impl/base
'
# A folder holds at most so many sources; one that must hold more stands here with the reason: FOLDER:REASON.
most=25
crowded=
printf 'floors, from the top:%s\n' "$floors"
awk -v floors="$floors" '
BEGIN {
  n = split(floors, line, "\n")
  for (i = 1; i <= n; i++) {
    m = split(line[i], word, " ")
    for (j = 1; j <= m && word[j] ~ /^(bench|baselines|impl)/; j++) level[word[j]] = i
  }
}
function floor_of(path) { # the longest name in the plan that the path begins with
  sub(/\.[a-z]+$/, "", path)
  while (!(path in level) && sub(/\/[^\/]*$/, "", path));
  return path
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
find impl baselines bench -name '*.c' -o -name '*.cc' | sed 's|/[^/]*$||' | sort | uniq -c | awk -v most="$most" -v crowded=" $crowded" '
$1 > most && !index(crowded, " " $2 ":") { print $2 " holds " $1 " sources, more than " most ": divide the room"; bad++ }
END { exit bad > 0 }' || bad=1
# Objects of an earlier state would tell of calls and functions that are no longer there.
objects=${build:-build}
stale=$({
  find impl baselines bench -name '*.c' -printf 'source %T@ %p\n'
  find "$objects/impl" "$objects/baselines" "$objects/bench" -name '*.o' -printf 'object %T@ %p\n' 2>/dev/null
} | awk -v build="$objects/" '
$1 == "source" { changed[$3] = $2; next }
{ path = substr($3, length(build) + 1); sub(/\.o$/, ".c", path); if (path in changed && changed[path] > $2) n++ }
END { print n + 0 }')
if [ "$stale" -gt 0 ]; then
  echo "layers: $stale sources are newer than their objects in $objects: run make, then this again" >&2
  bad=1
elif [ -n "$build" ] || [ -d build/impl ]; then
  sh tests/circles.sh "$objects" || bad=1
  sh tests/headers.sh "$objects" || bad=1
fi
exit $bad
