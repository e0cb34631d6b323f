#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# No two files, and no two folders, call each other in a circle: what each object defines and what it
# lacks, as nm tells it, makes a graph of files and one of folders, and every set of them that reach
# each other is printed. Data counts as calls do; calls through tables of functions are not seen.
# Usage: sh tests/circles.sh BUILD, a folder that holds the objects of impl, baselines and bench.
set -eu
build=${1:?usage: sh tests/circles.sh BUILD}
objects=$(find "$build/impl" "$build/baselines" "$build/bench" -name '*.o' ! -name '*.double.o' 2>/dev/null | sort)
[ -n "$objects" ] || { echo "circles: no objects in $build; build first: make BUILD=$build" >&2; exit 2; }
# An object whose source has gone would bring circles back that are long opened.
for o in $objects; do
  source=${o#"$build"/}
  [ -e "${source%.o}.c" ] || [ -e "${source%.o}.cc" ] || continue
  echo "$o"
done | xargs "${NM:-nm}" -A -g | awk -v build="$build/" '
function room(file,   folder) { # files beside folders (impl/stack, bench/engines) stand for themselves
  folder = file; sub(/\/[^\/]*$/, "", folder)
  return folder ~ /\// ? folder : file
}
{
  split($0, half, ":"); file = substr(half[1], length(build) + 1); sub(/\.o$/, "", file)
  kind = $(NF - 1); name = $NF
  if (kind == "U") { lacks[++n] = file; what[n] = name }
  else if (kind ~ /[TDBRCiu]/) home[name] = file
}
function edge(graph, from, to, why) {
  if (from == to || ((graph, from, to) in cause)) return
  cause[graph, from, to] = why
  out[graph, from] = out[graph, from] " " to
  nodes[graph, from]; nodes[graph, to]
}
function visit(graph, node,   next_, i, m) { # Tarjan 1972
  number[node] = lowest[node] = ++visited; stack[++depth] = node; open_[node] = 1
  m = split(out[graph, node], next_, " ")
  for (i = 1; i <= m; i++) {
    if (!(next_[i] in number)) {
      visit(graph, next_[i])
      if (lowest[next_[i]] < lowest[node]) lowest[node] = lowest[next_[i]]
    } else if (open_[next_[i]] && number[next_[i]] < lowest[node]) lowest[node] = number[next_[i]]
  }
  if (lowest[node] == number[node]) close_(graph, node)
}
function close_(graph, node,   member, list, i, j, size) {
  do { member = stack[depth--]; open_[member] = 0; list[++size] = member } while (member != node)
  if (size == 1) return
  circles++
  print "circle of " graph ":"
  for (i = 1; i <= size; i++)
    for (j = 1; j <= size; j++)
      if ((graph, list[i], list[j]) in cause) printf "  %s -> %s (%s)\n", list[i], list[j], cause[graph, list[i], list[j]]
}
function search(graph,   key, part) {
  split("", number); visited = depth = 0
  for (key in nodes) {
    split(key, part, SUBSEP)
    if (part[1] == graph && !(part[2] in number)) visit(graph, part[2])
  }
}
END {
  for (i = 1; i <= n; i++) {
    if (!(what[i] in home)) continue
    to = home[what[i]]
    edge("files", lacks[i], to, what[i])
    edge("folders", room(lacks[i]), room(to), lacks[i] ": " what[i])
  }
  search("files"); search("folders")
  printf "%d circles\n", circles
  exit circles > 0
}'
