# SPDX-License-Identifier: BSD-3-Clause
# Learning curves by minutes of training: training loss, and the validation figures by which the epoch is chosen, beside what needs no
# training (pop, itemknn on the test items: dashed). A ring marks each model's best epoch. Losses of different outputs (items, tokens) have no common scale.
shown = ""
do for [m = 0:arms - 1] { shown = shown.m." " }
load here."/style.gp"
file = data."curves"
bottom = legend_top + 74
top = height - 124
# Logs without times are drawn by epochs (plots.sh sets by_time).
at(x) = by_time ? column("total_seconds") / 60.0 : column("epoch")
stats file using (at(0)) name "E" nooutput
stats file using (column("epoch")) name "N" nooutput

do for [m = 0:series - 1] {
  set arrow m + 1 from screen x_of(legend_x(m) - 22), screen y_of(legend_y(m)) \
    to screen x_of(legend_x(m) + 10), screen y_of(legend_y(m)) nohead lc rgb colour(m) lw 2
  set label m + 1 names[m + 1] at screen x_of(legend_x(m) - 6), y_of(legend_y(m)) left offset 2.8, -0.1 \
    point pt shape(m) ps marker * 1.1 lc rgb colour(m) textcolor rgb ink font small noenhanced
}
set label 1003 "ring: the best epoch so far of each model, by validation NDCG@10, which is kept; losses over items and over tokens have no common scale" \
  at screen x_of(42), y_of(22) textcolor rgb faint font small noenhanced

# Three to six ticks.
rough = 10.0 ** floor(log10(E_max / 5.0))
step = E_max / rough <= 6 ? rough : E_max / rough <= 12 ? 2 * rough : E_max / rough <= 30 ? 5 * rough : 10 * rough
set xtics step
set xrange [0:E_max * 1.05]
set format x "%g"
set xlabel (by_time ? "minutes of training" : "epoch") offset 0, 0.2 textcolor rgb ink

mine(m) = column("model") == int(m)
every = N_max > 24 ? ceil(N_max / 12.0) : 1

set multiplot
do for [c = 1:3] {
  y = word("loss hr10 ndcg10", c)
  set lmargin at screen x_of(74 + (c - 1) * 394)
  set rmargin at screen x_of(386 + (c - 1) * 394)
  set bmargin at screen y_of(bottom)
  set tmargin at screen y_of(top)
  if (c > 1) { unset arrow; do for [m = 1:series] { unset label m } ; unset label 1001; unset label 1002; unset label 1003 }
  set label 1004 bold(c == 1 ? "training loss" : c == 2 ? "validation HR\\@10, masked" : "validation NDCG\\@10, masked", panel_points) \
    at graph 0, 1 offset 0, 1 textcolor rgb ink
  set ylabel (c == 1 ? "nats per target" : "mean over users") offset 0.8, 0 textcolor rgb ink
  set format y "%.3g"
  set yrange [*:*]
  # models of which there is such a figure
  collected = ""
  stats file using (strcol(y) eq "-" ? 0 : collect(sprintf("%d", column("model")))) nooutput
  has = collected
  collected = ""
  stats data."best" using (strcol(y) eq "-" ? 0 : collect(sprintf("%d", column("model")))) nooutput
  rings = collected
  if (words(has) == 0) {
    set yrange [0:1]
    plot -1 with lines lc rgb ink # below the range: an empty panel
    continue
  }
  stats file using (column(y)) name "Y" nooutput
  if (c == 1) { set yrange [Y_min - 0.06 * (Y_max - Y_min) - 1e-6:Y_max + 0.06 * (Y_max - Y_min) + 1e-6] }
  else {
    top_y = Y_max
    do for [s = 1:simple] {
      v = c == 2 ? simple_hr[s] : simple_ndcg[s]
      top_y = v > top_y ? v : top_y
      set arrow 700 + s from graph 0, first v to graph 1, first v nohead lc rgb faint lw 1.2 dt (6, 4)
      set label 700 + s simple_name[s] at graph 0.99, first v right offset 0, 0.5 font small textcolor rgb faint noenhanced
    }
    set yrange [0:(top_y > 0 ? top_y * 1.08 : 1)]
  }
  plot for [m in has] file using (mine(m) ? at(0) : NaN):(column(y)) \
         with linespoints lc rgb colour(m) lw 2 pt shape(m) ps marker * 0.9 pi every, \
       for [m in rings] data."best" using (mine(m) ? at(0) : NaN):(column(y)) \
         with points pt 6 ps marker * 2.2 lw 2 lc rgb colour(m)
}
unset multiplot
