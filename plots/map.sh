#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# shellcheck disable=SC2034,SC2154 # shared with draw.sh, which is sourced
# The map of the time claim from the table of `lite4rec claims --map --out`, as SVG and PNG: a figure for each batch
# of the planes that were measured most, with the contours of both claimed values.
# Usage: sh plots/map.sh MAP.TSV OUT
set -u
table=${1:?usage: plots/map.sh MAP.TSV OUT}
out=${2:?usage: plots/map.sh MAP.TSV OUT}
here=$(dirname "$0")
[ -r "$table" ] || { echo "plots: cannot read $table, which lite4rec claims --map --out writes" >&2; exit 3; }
. "$here/draw.sh"
begin
# Of every batch at most six planes, those with most measured cells first.
awk -F "$tab" -v OFS="$tab" 'NR > 1 { key = $1 OFS $2 OFS $3 OFS $4 OFS $5 OFS $6; if (!(key in n)) { n[key] = 0; order[++k] = key }
  n[key] += $10 == "measured" } END { for (i = 1; i <= k; i++) print n[order[i]], order[i] }' "$table" | sort -s -t "$tab" -k1,1nr >"$work/planes"
for batch in $(cut -f 7 "$work/planes" | sort -nu); do
  awk -F "$tab" -v batch="$batch" '$7 == batch' "$work/planes" | head -6 >"$work/chosen"
  [ "$(awk -F "$tab" '{ s += $1 } END { print s + 0 }' "$work/chosen")" -gt 0 ] || continue # nothing of it was measured
  panels=0 titles=
  while IFS=$tab read -r _ engine decoder vectors precision threads _; do
    panels=$((panels + 1))
    awk -F "$tab" -v OFS="$tab" -v e="$engine" -v d="$decoder" -v v="$vectors" -v p="$precision" -v t="$threads" -v b="$batch" -v to="$work/batch$batch.$panels" '
      # A contour is where the beams cross the value, at each number of tokens, between two cells.
      function cross(value, before, now) { if (now >= value && (last != $8 || before < value))
        print (last != $8 ? $7 : $7 - (now - value) / (now - before)), $8, value >(to "." value) }
      BEGIN { split("97.28 99.48 points", name, " "); for (i in name) printf "" >(to "." name[i]) }
      NR > 1 && $1 == e && $2 == d && $3 == v && $4 == p && $5 == t && $6 == b {
        cross(97.28, before, $9); cross(99.48, before, $9); last = $8; before = $9
        if ($10 == "measured") print $7, $8, $9 >(to ".points") }' "$table"
    titles="$titles $(quote "$engine, decoder $decoder, vectors $vectors, $precision, $threads threads" | tr ' ' '~')"
  done <"$work/chosen"
  {
    echo "panels = $panels; batch = $batch; longest = 40; names = ''; subtitle = 'lines: where 97.28 % and 99.48 % less time are modelled to be reached; filled: measured cells, in the colour of what they reached'"
    n=0
    echo "array panel_title[$panels]"
    for text in $titles; do n=$((n + 1)); echo "panel_title[$n] = $(printf %s "$text" | tr '~' ' ')"; done
  } >"$work/batch$batch.gp"
  figure map "map-batch$batch" "Less time of Lite than of beam search, $batch a call" "batch$batch" 3200
done
draw
