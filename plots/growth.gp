# SPDX-License-Identifier: BSD-3-Clause
# Time of a user over one thing that is asked of it, both on logarithms, so that a power is a straight
# line. Solid with 95 % intervals: measured; dashed: each stage at the slower of its two ceilings.
shown = ""
do for [a = 0:arms - 1] { shown = shown.a." " }
load here."/style.gp"
file = data."growth"
mine(arm) = int(arm) < 0 || column("arm") == int(arm)
stats file using (collect(sprintf("%.15g", column("value")))) nooutput
stats file using (column("value")) name "X" nooutput
stats file using (column("ns") * 1e-9) name "Y" nooutput
least(x) = strcol("roofline_ns") eq "-" || column("roofline_ns") > column("ns") ? column("ns") : column("roofline_ns")
stats file using (least(0) * 1e-9) name "R" nooutput
set xrange [X_min / 1.4:X_max * 1.4]
set yrange [R_min / 2:Y_max * 2]
set logscale xy 10
# Ticks where something was measured.
set xtics () textcolor rgb ink
do for [value in collected] { set xtics add (value real(value)) }
set format y "%.0s %cs"
least = R_min / 2; greatest = Y_max * 2
if (narrow(least, greatest)) { eval fine_ticks("y", "s") }
set ylabel "time of a user (log scale)" offset 0.2, 0 textcolor rgb ink
set xlabel dimension." (log scale)" offset 0, 0.2 textcolor rgb ink
set lmargin at screen x_of(124)
set rmargin at screen x_of(1176)
set bmargin at screen y_of(legend_top + 74)
set tmargin at screen y_of(height - 92)
do for [i = 1:series] {
  a = int(word(shown, i))
  set label i names[a + 1] at screen x_of(legend_x(i - 1)), y_of(legend_y(i - 1)) left offset 1.6, -0.1 \
    point pt shape(a) ps marker * 1.6 lc rgb colour(a) textcolor rgb ink font small noenhanced
}
# A series without a roofline has its line under the measured one, where it does not show.
allowed(x) = strcol("roofline_ns") eq "-" ? column("ns") : column("roofline_ns")
lower(x) = strcol("ns_lo") eq "-" ? column("ns") : column("ns_lo")
upper(x) = strcol("ns_hi") eq "-" ? column("ns") : column("ns_hi")
plot for [a = 0:series - 1] file using (mine(a) ? column("value") : NaN): \
    (allowed(0) * 1e-9) with lines lc rgb colour(a) lw 1.4 dt (8, 6), \
  for [a = 0:series - 1] file using (mine(a) ? column("value") : NaN):(column("ns") * 1e-9): \
    (lower(0) * 1e-9):(upper(0) * 1e-9) with yerrorbars pt -1 lc rgb colour(a) lw 1.4, \
  for [a = 0:series - 1] file using (mine(a) ? column("value") : NaN):(column("ns") * 1e-9) \
    with linespoints lc rgb colour(a) lw 2 pt shape(a) ps marker * 1.3
