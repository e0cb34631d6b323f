#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# shellcheck disable=SC2034,SC2154 # shared with draw.sh, which is sourced
# Figures of the tables of bench/experiments/scale.sh, as SVG and PNG: time of a step and efficiency by ranks. What is
# simulated is dashed, and called so. Usage: sh plots/scale.sh TABLES OUT
set -u
tables=${1:?usage: plots/scale.sh TABLES OUT}
out=${2:?usage: plots/scale.sh TABLES OUT}
here=$(dirname "$0")
. "$here/draw.sh"
begin
for table in serve sum; do
  [ -f "$tables/$table.tsv" ] || continue
  # a group's rows, series numbered from 0; the columns have the same names in both tables but for those of the group
  [ $table = serve ] && group='$1 "-batch-" $4' || group='$1 "-" $4'
  for of in $(awk -F "$tab" "NR > 1 && !seen[$group]++ { print $group }" "$tables/$table.tsv"); do
    name=$table-$of
    awk -F "$tab" -v OFS="$tab" -v of="$of" "NR == 1 { print \"series\", \"simulated\", \"ranks\", \"step_ns\", \"efficiency\"; next }
      $group == of { key = \$2 \"$tab\" \$3; if (!(key in number)) number[key] = n++
        print number[key], \$2 == \"simulated\", \$5, \$7, \$9 }" "$tables/$table.tsv" >"$work/$name.scale"
    awk -F "$tab" -v OFS="$tab" -v of="$of" "NR == 1 { print; next }
      $group == of { key = \$2 \"$tab\" \$3; if (key in number) next
        number[key] = n++; print of, number[key], \$2 (\$3 == \"here\" ? \", this machine\" : \", \" \$3 \" Gbit/s\") }" "$tables/$table.tsv" >"$work/$name.names"
    {
      awk -v of="$of" -f "$here/names.awk" "$work/$name.names"
      echo "subtitle = 'solid: measured; dashed: simulated by SimGrid from the measured times of one rank'"
      echo "what = 'efficiency'"
    } >"$work/$name.gp"
    figure scale "scale-$name-efficiency" "Efficiency by ranks, $name" "$name" 50
    sed "s/^what = .*/what = 'step_ns'/" "$work/$name.gp" >"$work/$name-time.gp"
    cp "$work/$name.scale" "$work/$name-time.scale"
    figure scale "scale-$name-time" "Time of a step by ranks, $name" "$name-time" 50
  done
done
draw
