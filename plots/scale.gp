# SPDX-License-Identifier: BSD-3-Clause
# Efficiency, or time of a step, by the number of ranks.
shown = ""
do for [a = 0:arms - 1] { shown = shown.a." " }
load here."/style.gp"
file = data."scale"
timed = what eq "step_ns"
stats file using (column("ranks")) name "X" nooutput
stats file using (timed ? column(what) * 1e-9 : column(what)) name "Y" nooutput
set logscale x 2
set xrange [X_min / 1.2:X_max * 1.2]
if (timed) {
  set logscale y 10
  set yrange [Y_min / 2:Y_max * 2]
  set format y "%.0s %cs"
  set ylabel "time of a step (log scale)" offset 0.2, 0 textcolor rgb ink
} else {
  set yrange [0:(Y_max > 1 ? Y_max : 1) * 1.05]
  set ylabel "efficiency" offset 0.2, 0 textcolor rgb ink
}
set xlabel "ranks (log scale)" offset 0, 0.2 textcolor rgb ink
set lmargin at screen x_of(124)
set rmargin at screen x_of(1176)
set bmargin at screen y_of(legend_top + 74)
set tmargin at screen y_of(height - 92)
do for [i = 1:series] {
  a = int(word(shown, i))
  set label i names[a + 1] at screen x_of(legend_x(i - 1)), y_of(legend_y(i - 1)) left offset 1.6, -0.1 \
    point pt shape(a) ps marker * 1.6 lc rgb colour(a) textcolor rgb ink font small noenhanced
}
shown_value(x) = timed ? column(what) * 1e-9 : column(what)
is_of(a, simulated) = column("series") == a && column("simulated") == simulated
plot for [a = 0:series - 1] file using (is_of(a, 1) ? column("ranks") : NaN):(shown_value(0)) \
    with linespoints lc rgb colour(a) lw 1.6 dt (8, 6) pt shape(a) ps marker * 1.3, \
  for [a = 0:series - 1] file using (is_of(a, 0) ? column("ranks") : NaN):(shown_value(0)) \
    with linespoints lc rgb colour(a) lw 2.4 pt shape(a) ps marker * 1.5
