# SPDX-License-Identifier: BSD-3-Clause
# Time of a user over the calendar, one group of series: records with their 95 % intervals, and the
# level of each segment as a line that steps where the level changed; a ring marks a change.
shown = ""
do for [a = 0:arms - 1] { shown = shown.a." " }
load here."/style.gp"
file = data."history"
mine(arm) = int(arm) < 0 || column("arm") == int(arm)
stats file using (mine(-1) ? column("seconds") : NaN) name "X" nooutput
stats file using (mine(-1) ? column("ns") * 1e-9 : NaN) name "Y" nooutput
# Series that have a point, and those that have a change.
stats file using (collect(sprintf("%d", column("arm")))) nooutput
drawn = collected
collected = ""
stats file using (column("change") == 1 ? collect(sprintf("%d", column("arm"))) : 0) nooutput
rings = collected
span = X_max - X_min > 0 ? X_max - X_min : 86400
set xdata time
set timefmt "%s"
set xrange [X_min - 0.04 * span:X_max + 0.04 * span]
set format x (span < 172800 ? "%m-%d %H:%M" : "%Y-%m-%d")
set xtics span / 6
set yrange [Y_min / 1.15:Y_max * 1.15]
set logscale y 10
# Ticks that a narrow range has too: a decade has none within.
if (Y_max / Y_min < 8) { unset logscale y; set yrange [Y_min - 0.15 * (Y_max - Y_min) - 0.02 * Y_min:Y_max + 0.15 * (Y_max - Y_min) + 0.02 * Y_min] }
set format y "%.2s %cs"
set ylabel "time of a user" offset 0.2, 0 textcolor rgb ink
set lmargin at screen x_of(128)
set rmargin at screen x_of(1150)
set bmargin at screen y_of(legend_top + 74)
set tmargin at screen y_of(height - 92)
do for [i = 1:series] {
  a = int(word(shown, i))
  set label i names[a + 1] at screen x_of(legend_x(i - 1)), y_of(legend_y(i - 1)) left offset 1.6, -0.1 \
    point pt shape(a) ps marker * 1.6 lc rgb colour(a) textcolor rgb ink font small noenhanced
}
thick = records_drawn > 600 * series
set label 1003 "points: records".(thick ? "" : ", with 95 % intervals over their rounds")."; lines: levels; a ring: the first record of a new level" \
  at screen x_of(42), y_of(22) textcolor rgb faint font small noenhanced
if (strlen(thinned)) { set label 1004 thinned at screen x_of(24), y_of(height - 81) textcolor rgb faint font small noenhanced }
lower(x) = strcol("ns_lo") eq "-" ? column("ns") : column("ns_lo")
upper(x) = strcol("ns_hi") eq "-" ? column("ns") : column("ns_hi")
at(a) = mine(a) ? column("seconds") : NaN
# A blank line ends a series in the table, so that its steps do not begin at the last row of another.
# Many records are a cloud: small marks without intervals, and the levels on top.
mark = thick ? marker * 0.5 : marker * 1.1
levels = "for [a in drawn] file using (at(a)):(column(\"level_ns\") * 1e-9) with steps lc rgb (thick ? ink : colour(a)) lw 2"
intervals = "for [a in drawn] file using (at(a)):(column(\"ns\") * 1e-9):(lower(0) * 1e-9):(upper(0) * 1e-9) with yerrorbars pt -1 lc rgb colour(a) lw 1.2"
marks = "for [a in drawn] file using (at(a)):(column(\"ns\") * 1e-9) with points lc rgb colour(a) pt shape(a) ps mark"
parts = thick ? marks.", ".levels : levels.", ".intervals.", ".marks
# A loop over nothing is an error.
if (words(rings)) { parts = parts.", for [a in rings] file using (column(\"change\") == 1 ? at(a) : NaN):(column(\"ns\") * 1e-9) with points pt 6 ps marker * 2.6 lw 2 lc rgb (thick ? ink : colour(a))" }
plot @parts
