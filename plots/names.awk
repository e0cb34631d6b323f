# SPDX-License-Identifier: BSD-3-Clause
# Names of series for gnuplot: rows KEY, number, label of a table, those of -v of=KEY, from 0.
BEGIN { FS = "\t" }
FNR > 1 && $1 == of {
  label = $3
  gsub(/'/, "''", label) # in single quotes gnuplot expands nothing
  text = text sprintf("names[%d] = '%s'\n", $2 + 1, label)
  if (length($3) > longest) longest = length($3)
  if ($2 + 1 > arms) arms = $2 + 1
}
END {
  printf "arms = %d; longest = %d; array names[%d]\n%s", arms, longest, arms, text
}
