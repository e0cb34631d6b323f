#!/bin/sh
# Figures of the course of records, as SVG and PNG: one for every machine, data set and scenario.
# Usage: sh plots/history.sh RECORDS OUT [options of `lite4rec history`]
set -u
records=${1:?usage: plots/history.sh RECORDS OUT [--arm ARM ...]}
out=${2:?usage: plots/history.sh RECORDS OUT [--arm ARM ...]}
shift 2
l4r=${LITE4REC:-./lite4rec}
here=$(dirname "$0")
. "$here/draw.sh"
tables=$out/tables
begin
"$l4r" history "$records" --out "$tables" "$@" || exit $?
groups=$(($(wc -l <"$tables/history-groups.tsv") - 1))
while IFS=$tab read -r group arms longest title; do
  [ "$arms" = arms ] && continue # the names of the columns
  # Blank lines where a series ends: steps would begin at the last row of another.
  awk -F "$tab" -v of="$group" 'NR == 1 { print; next } $1 == of { if (n++ && $2 != arm) print ""; arm = $2; print }' \
    "$tables/history.tsv" >"$work/$group.history"
  rows=$(wc -l <"$work/$group.history")
  if [ "$rows" -lt 2 ]; then
    echo "plots: no figure of '$title': its records have no time" >&2
    continue
  fi
  suffix=
  [ "$groups" -gt 1 ] && suffix=-$group
  {
    awk -v of="$group" -f "$here/names.awk" "$tables/history-arms.tsv"
    echo "subtitle = $(quote "$title")"
  } >"$work/$group.gp"
  figure history "history$suffix" "Time of a user, record by record" "$group" "$rows"
done <"$tables/history-groups.tsv"
draw
