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
mkdir -p "$out" || exit 4
"$l4r" history "$records" --out "$out/tables" "$@" || exit $?
export L4R_NAMES="$out/tables/history-arms.tsv" L4R_THREADS=
# A table a figure: gnuplot reads it several times for every series.
parts=$(mktemp -d) || exit 4
trap 'rm -rf "$parts"' EXIT
awk -F "$tab" -v parts="$parts" 'NR == 1 { head = $0; next }
  NR == 2 || $1 != group { if (file) close(file); group = $1; file = parts "/history-" group ".tsv"; print head >file }
  { print >file }' "$out/tables/history.tsv" || exit 4
export L4R_TABLES="$parts"
groups=$(($(wc -l <"$out/tables/history-groups.tsv") - 1))
sed 1d "$out/tables/history-groups.tsv" | while IFS=$tab read -r group arms longest records drawn title; do
  if [ ! -e "$parts/history-$group.tsv" ]; then
    echo "plots: no figure of '$title': its records have no time" >&2
    continue
  fi
  suffix=
  [ "$groups" -gt 1 ] && suffix=-$group
  L4R_THINNED=
  [ "$drawn" -lt "$records" ] &&
    L4R_THINNED="$drawn of $records records are drawn: of every stretch the fastest and the slowest, and the ends of levels"
  export L4R_THINNED L4R_DRAWN="$drawn" L4R_GROUP="$group" L4R_SERIES="$arms" L4R_LONGEST="$longest" L4R_SUBTITLE="$title"
  export L4R_TITLE="Time of a user, record by record"
  draw history "history$suffix"
done
