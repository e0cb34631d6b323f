# SPDX-License-Identifier: BSD-3-Clause
# Takes the tables of `lite4rec export tables` apart, in one pass: a file a group and table, FOLDER/GROUP.TABLE, so that no figure
# reads the rows of others, and FOLDER/GROUP.gp, what gnuplot is told of the group. Wants groups.tsv and arms.tsv before the others.
# -v folder=FOLDER -v most=N -v most_curves=N: more arms than those are not drawn, in the order of arms.tsv's priority.
BEGIN { FS = OFS = "\t" }
# In single quotes gnuplot expands nothing: no macro, no command.
function quoted(text) {
  gsub(/'/, "''", text)
  return "'" text "'"
}
function listed(kind, group, place) {
  if (!((kind, group, place) in seen)) list[kind, group, ++listed_count[kind, group]] = place
  seen[kind, group, place] = 1
}
# The places listed, ascending, as "0 1 5".
function ascending(kind, group, i, j, n, place, text) {
  n = listed_count[kind, group]
  for (i = 2; i <= n; i++) {
    place = list[kind, group, i]
    for (j = i - 1; j > 0 && list[kind, group, j] > place; j--) list[kind, group, j + 1] = list[kind, group, j]
    list[kind, group, j + 1] = place
  }
  for (i = 1; i <= n; i++) text = text (i > 1 ? " " : "") list[kind, group, i]
  return text
}
# Those that are drawn, and how many there are.
function arms_of(name, table, group, out) {
  print "arms_" name " = " quoted(ascending(table, group)) "; all_" name " = " listed_count[table "/all", group] + 0 >out
}
# The name of a stage where there is room for it: not where a name stands close already.
function named(group, x, y, name, n) {
  for (n = 1; n <= names_count[group]; n++)
    if (x - names_x[group, n] < 1 && names_x[group, n] - x < 1 && y - names_y[group, n] < .25 && names_y[group, n] - y < .25) return "-"
  n = ++names_count[group]
  names_x[group, n] = x
  names_y[group, n] = y
  return name
}
FNR == 1 {
  split("", at)
  for (i = 1; i <= NF; i++) at[$i] = i
  table = FILENAME
  gsub(/.*\/|\.tsv$/, "", table)
  header = $0
  next
}
{ group = $at["group"] }
table == "groups" {
  order[++groups] = group
  for (name in at) of[group, name] = $at[name]
  next
}
{ arm = $at["arm"] + 0 }
table == "arms" {
  label[group, arm] = $at["label"]
  priority[group, arm] = $at["priority"]
  next
}
{ listed(table "/all", group, arm) }
priority[group, arm] >= (table == "latency_quantiles" ? most_curves : most) { next }
{
  listed(table, group, arm)
  line = $at["thread"] * 1000 + arm
  if (out != folder "/" group "." table) {
    if (out != "") close(out)
    out = folder "/" group "." table
    before = line
    # without names, because an index counts blocks and each would need its own
    if (table != "latency_quantiles") print header (table == "stages" ? OFS "named" : "") >>out
  }
  # a curve a block: gnuplot evaluates none but the one that it draws
  if (table == "latency_quantiles") {
    if (line != before) printf "\n\n" >>out
    if (!((group, line) in block)) block[group, line] = blocks[group]++
  }
  before = line
  listed(table "/lines", group, line)
  if (table == "load" && $at["p99_ns"] != "-") listed("tails", group, line)
  if (table == "accuracy_latency") rows[group]++
  if (table == "accuracy_latency") listed("projects", group, $at["label"] ~ /^peer:/ ? 1 : 0)
  print $0 (table == "stages" ? OFS named(group, log($at["flops_per_byte"]), log($at["flops_per_second"]), $at["stage"]) : "") >>out
}
END {
  for (g = 1; g <= groups; g++) {
    group = order[g]
    out = folder "/" group ".gp"
    arms = of[group, "arms"] + 0
    print "subtitle = " quoted(of[group, "title"] (of[group, "cpu"] == "-" ? "" : "; " of[group, "cpu"])) >out
    print "counts = " quoted(of[group, "threads"]) "; statistic = " quoted(of[group, "latency"]) "; longest = " of[group, "longest"] + 0 >out
    print "arms = " arms "; array names[" arms "]" >out
    for (a = 0; a < arms; a++) print "names[" a + 1 "] = " quoted(label[group, a]) >out
    arms_of("timed", "accuracy_latency", group, out)
    arms_of("curved", "latency_quantiles", group, out)
    arms_of("staged", "stages", group, out)
    arms_of("loaded", "load", group, out)
    print "rows_timed = " rows[group] + 0 "; projects = " quoted(ascending("projects", group)) >out
    print "lines = " quoted(ascending("load/lines", group)) "; tails = " quoted(ascending("tails", group)) >out
    curves = ascending("latency_quantiles/lines", group)
    text = ""
    n = split(curves, curve, " ")
    for (c = 1; c <= n; c++) text = text (c > 1 ? " " : "") block[group, curve[c] + 0]
    print "curves = " quoted(curves) "; blocks = " quoted(text) >out
    close(out)
  }
}
