#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# shellcheck disable=SC2034,SC2154 # shared with draw.sh, which is sourced
# Figures of growth from the table of `lite4rec export growth`, as SVG and PNG: a figure a dimension.
# Usage: sh plots/growth.sh TABLES OUT
set -u
tables=${1:?usage: plots/growth.sh TABLES OUT}
out=${2:?usage: plots/growth.sh TABLES OUT}
here=$(dirname "$0")
. "$here/draw.sh"
begin
# Two points show no law: a dimension has a figure from three different values on.
for dimension in $(awk -F "$tab" 'NR > 1 && !seen[$1, $3]++ && ++values[$1] == 3 { print $1 }' "$tables/growth.tsv"); do
  # the dimension's rows, its sweeps numbered from 0
  awk -F "$tab" -v OFS="$tab" -v of="$dimension" 'NR == 1 { print "arm", $0 }
    $1 == of { if (!($2 in number)) number[$2] = n++; print number[$2], $0 }' "$tables/growth.tsv" >"$work/$dimension.growth"
  awk -F "$tab" -v OFS="$tab" 'NR > 1 && !seen[$1]++ { print $2, $1, $10 } NR == 1' "$work/$dimension.growth" >"$work/$dimension.names"
  {
    awk -v of="$dimension" -f "$here/names.awk" "$work/$dimension.names"
    where=$(awk -F "$tab" -v of="$dimension" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
      $1 == of && at["data"] { text = $at["data"] ($at["cpu"] == "-" ? "" : "; " $at["cpu"]); if (!seen[text]++) all = all (all == "" ? "" : ", ") text }
      END { print all }' "$tables/growth.tsv")
    echo "dimension = '$dimension'; subtitle = $(quote "${where:+$where; }solid: measured; dashed: what the roofline of the same rounds allows")"
  } >"$work/$dimension.gp"
  figure growth "growth-$dimension" "Time of a user by $dimension" "$dimension" "$(wc -l <"$work/$dimension.growth")"
done
draw
