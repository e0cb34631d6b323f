# Latency distributions: how many requests are answered within a time. The vertical axis is that of a
# normal distribution, so that both tails can be read; on it a log-normal latency is a straight line.
# A line an arm and thread count, as far as the number of users supports its quantiles.
load system('printf %s "$L4R_STYLE"')
file = tables."/latency_quantiles.tsv"
counts = system('printf %s "$L4R_THREADS"')
dashes = "1 2 3 4 5"
set dashtype 1 solid
set dashtype 2 (10, 5)
set dashtype 3 (2, 4)
set dashtype 4 (12, 4, 2, 4)
set dashtype 5 (5, 3)
dash(t) = int(t) % 5 + 1

mine(arm, thread) = strcol("group") eq group && (arm < 0 || (column("arm") == arm && column("thread") == thread))
stats file using (mine(-1, -1) ? column("ns") * 1e-9 : NaN) name "X" nooutput
stats file using (mine(-1, -1) ? column("p") : NaN) name "P" nooutput

set xrange [X_min / 1.5:X_max * 1.5]
set logscale x 10
set format x "%.0s %cs"
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

do for [a = 0:series - 1] {
  set arrow a + 1 from screen x_of(legend_x(a) - 22), screen y_of(legend_y(a)) \
    to screen x_of(legend_x(a) + 10), screen y_of(legend_y(a)) nohead lc rgb colour(a) lw 2
  set label a + 1 name_of(a) at screen x_of(legend_x(a) - 6), y_of(legend_y(a)) left offset 2.8, -0.1 \
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
  "lines end where the users are too few for a 95 % interval" \
  at screen x_of(at - (words(counts) > 1 ? 10 : 22)), y_of(22) textcolor rgb faint font small noenhanced

# Arm and thread count of each curve as one number.
curves = each("latency_quantiles.tsv", ours."{ print $3 * 1000 + $2 }")
arm_of(curve) = int(curve) % 1000
thread_of(curve) = int(curve) / 1000

plot for [curve in curves] \
  file using (mine(arm_of(curve), thread_of(curve)) ? column("ns") * 1e-9 : NaN):(invnorm(column("p"))) \
  with linespoints lc rgb colour(arm_of(curve)) lw 2 dt dash(thread_of(curve)) pt shape(arm_of(curve)) \
  ps marker pi -(19 + 2 * (arm_of(curve) % 5))
