# SPDX-License-Identifier: BSD-3-Clause
# Latency distributions: how many requests are answered within a time. The vertical axis is that of a
# normal distribution, so that both tails can be read; on it a log-normal latency is a straight line.
# A line an arm and thread count, as far as the number of users supports its quantiles.
shown = arms_curved
load here."/style.gp"
file = data."latency_quantiles"
dashes = "1 2 3 4 5"
set dashtype 1 solid
set dashtype 2 (10, 5)
set dashtype 3 (2, 4)
set dashtype 4 (12, 4, 2, 4)
set dashtype 5 (5, 3)
dash(t) = int(t) % 5 + 1

# Columns by number: a block of rows a curve has no names. 5: p, 6: ns.
stats file using ($6 * 1e-9) name "X" nooutput
stats file using 5 name "P" nooutput

left = X_min / 1.5
right = X_max * 1.5
set xrange [left:right]
set logscale x 10
set format x "%.0s %cs"
least = left; greatest = right
if (narrow(least, greatest)) { eval fine_ticks("x", "s") }
set xlabel "latency of a request (log scale)" offset 0, 0.2 textcolor rgb ink
set yrange [invnorm(P_min) - 0.15:invnorm(P_max) + 0.15]
set ylabel "requests answered within that time" offset 0.2, 0 textcolor rgb ink
set ytics ("0.1 %%" invnorm(0.001), "1 %%" invnorm(0.01), "5 %%" invnorm(0.05), "10 %%" invnorm(0.1), \
  "25 %%" invnorm(0.25), "50 %%" 0, "75 %%" invnorm(0.75), "90 %%" invnorm(0.9), "95 %%" invnorm(0.95), \
  "99 %%" invnorm(0.99), "99.9 %%" invnorm(0.999))
set lmargin at screen x_of(96)
set rmargin at screen x_of(1176)
set bmargin at screen y_of(legend_top + 74)
set tmargin at screen y_of(height - 92)

do for [i = 1:series] {
  a = int(word(shown, i)); x = legend_x(i - 1); y = y_of(legend_y(i - 1))
  set arrow i from screen x_of(x - 22), screen y to screen x_of(x + 10), screen y nohead lc rgb colour(a) lw 2
  set label i names[a + 1] at screen x_of(x - 6), y left offset 2.8, -0.1 \
    point pt shape(a) ps marker * 1.1 lc rgb colour(a) textcolor rgb ink font small noenhanced
}
# The dashes of thread counts, in grey, beside the remark. Each has a grey of its own, one step apart,
# because the SVG terminal joins neighbours of one colour into one path with one dash.
at = 64
if (words(counts) > 1) {
  do for [t = 0:words(counts) - 1] {
    set arrow 500 + t from screen x_of(at - 22), screen y_of(22) to screen x_of(at + 22), screen y_of(22) \
      nohead lc rgb 0x666666 + t lw 2 dt dash(t)
    set label 500 + t word(counts, t + 1).(word(counts, t + 1) eq "1" ? " thread" : " threads") \
      at screen x_of(at + 32), y_of(22) textcolor rgb faint font small
    at = at + 140
  }
}
set label 1003 (words(counts) == 1 ? counts.(counts eq "1" ? " thread; " : " threads; ") : ""). \
  "lines end where the users are too few for a 95 % interval".cut(all_curved) \
  at screen x_of(at - (words(counts) > 1 ? 10 : 22)), y_of(22) textcolor rgb faint font small noenhanced

# Arm and thread count of each curve are one number; `blocks` says which of the table is its.
arm_of(curve) = int(curve) % 1000
thread_of(curve) = int(curve) / 1000

curve(c) = word(curves, c)
plot for [c = 1:words(curves)] file index int(word(blocks, c)) using ($6 * 1e-9):(invnorm($5)) \
  with linespoints lc rgb colour(arm_of(curve(c))) lw 2 dt dash(thread_of(curve(c))) pt shape(arm_of(curve(c))) \
  ps marker pi -(19 + 2 * (arm_of(curve(c)) % 5))
