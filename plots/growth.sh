#!/bin/sh
# Figures of growth from the table of `lite4rec export growth`, as SVG and PNG: a figure a dimension.
# Usage: sh plots/growth.sh TABLES OUT
set -u
tables=${1:?usage: plots/growth.sh TABLES OUT}
out=${2:?usage: plots/growth.sh TABLES OUT}
here=$(dirname "$0")
. "$here/draw.sh"
mkdir -p "$out" || exit 4
export L4R_TABLES="$tables"
for dimension in $(awk -F "$tab" 'NR > 1 && !seen[$1]++ { print $1 }' "$tables/growth.tsv"); do
  # key, number, label of each line, as style.gp wants them
  awk -F "$tab" -v of="$dimension" 'BEGIN { print "group\tarm\tlabel" }
    $1 == of && !seen[$2]++ { print of "\t" n++ "\t" $9; number[$2] = n - 1 }' "$tables/growth.tsv" >"$tables/growth-$dimension-arms.tsv"
  awk -F "$tab" -v OFS="$tab" -v of="$dimension" 'NR == 1 { print "arm", $0 }
    $1 == of { if (!($2 in number)) number[$2] = n++; print number[$2], $0 }' "$tables/growth.tsv" >"$tables/growth-$dimension.tsv"
  names=$tables/growth-$dimension-arms.tsv
  L4R_SERIES=$(($(wc -l <"$names") - 1))
  L4R_LONGEST=$(awk -F "$tab" 'NR > 1 && length($3) > n { n = length($3) } END { print n + 0 }' "$names")
  export L4R_SERIES L4R_LONGEST L4R_NAMES="$names" L4R_GROUP="$dimension" L4R_THREADS=
  export L4R_TITLE="Time of a user by $dimension" L4R_SUBTITLE="solid: measured; dashed: what the roofline of the same rounds allows"
  draw growth "growth-$dimension"
done
