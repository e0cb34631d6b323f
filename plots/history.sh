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
export L4R_TABLES="$out/tables" L4R_NAMES="$out/tables/history-arms.tsv" L4R_THREADS=
groups=$(($(wc -l <"$out/tables/history-groups.tsv") - 1))
sed 1d "$out/tables/history-groups.tsv" | while IFS=$tab read -r group arms longest title; do
  if ! awk -F "$tab" -v of="$group" 'NR > 1 && $1 == of { found = 1 } END { exit !found }' "$out/tables/history.tsv"; then
    echo "plots: no figure of '$title': its records have no time" >&2
    continue
  fi
  suffix=
  [ "$groups" -gt 1 ] && suffix=-$group
  export L4R_GROUP="$group" L4R_SERIES="$arms" L4R_LONGEST="$longest" L4R_SUBTITLE="$title"
  export L4R_TITLE="Time of a user, record by record"
  draw history "history$suffix"
done
