#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# shellcheck disable=SC2034,SC2154 # shared with draw.sh, which is sourced
# Figures of the course of records, as SVG and PNG: one for every machine, data set and scenario.
# Usage: sh plots/history.sh RECORDS OUT [options of `lite4rec history`]
set -u
records=${1:?usage: plots/history.sh RECORDS OUT [--arm ARM ...]}
out=${2:?usage: plots/history.sh RECORDS OUT [--arm ARM ...]}
shift 2
l4r=${LITE4REC:-$(if [ -x ./lite4rec ]; then echo ./lite4rec; else echo lite4rec; fi)}
here=$(dirname "$0")
. "$here/draw.sh"
tables=$out/tables
begin
"$l4r" history "$records" --out "$tables" "$@" || exit $?
groups=$(($(wc -l <"$tables/history-groups.tsv") - 1))
# A table a figure, with blank lines where a series ends: steps would begin at the last row of another.
awk -F "$tab" -v work="$work" 'NR == 1 { head = $0; next }
  $1 != group || NR == 2 { if (file) close(file); group = $1; file = work "/" group ".history"; print head >file; arm = $2 }
  { if ($2 != arm) print "" >file; arm = $2; print >file }' "$tables/history.tsv" || exit 4
while IFS=$tab read -r group arms longest records drawn title; do
  [ "$arms" = arms ] && continue # the names of the columns
  if [ ! -e "$work/$group.history" ]; then
    echo "plots: no figure of '$title': its records have no time" >&2
    continue
  fi
  suffix=
  [ "$groups" -gt 1 ] && suffix=-$group
  {
    awk -v of="$group" -f "$here/names.awk" "$tables/history-arms.tsv"
    echo "subtitle = $(quote "$title")"
    echo "records_drawn = $drawn"
    thinned=
    [ "$drawn" -lt "$records" ] &&
      thinned="$drawn of $records records are drawn: of every stretch the fastest and the slowest, and the ends of levels"
    echo "thinned = $(quote "$thinned")"
  } >"$work/$group.gp"
  figure history "history$suffix" "Time of a user, record by record" "$group" "$drawn"
done <"$tables/history-groups.tsv"
draw
