# SPDX-License-Identifier: BSD-3-Clause
# Time of a user, an arm and thread count a row, the fastest on top. The distance of two points is how
# many times longer one takes than the other (log scale). Lines through points: 95 % intervals.
shown = "" # arms have no legend: each row has its name
taller = rows_timed > 42 ? 15 * (rows_timed - 42) : 0
load here."/style.gp"
file = data."accuracy_latency"
label(x) = names[int(column("arm")) + 1]
theirs(x) = label(0)[1:5] eq "peer:"
mine(x, peer) = peer < 0 || theirs(0) == peer
stats file using (mine(0, -1) ? column("ns") * 1e-9 : NaN) name "X" nooutput
span = X_max > X_min ? X_max / X_min : 10
left = X_min / span ** 0.12
right = X_max * span ** 0.25
set xrange [left:right]
set yrange [rows_timed - 0.3:-0.7]
set logscale x 10
set format x "%.0s %cs"
least = left; greatest = right
if (narrow(least, greatest)) { eval fine_ticks("x", "s") }
set xlabel statistic." time of a user (log scale)" offset 0, 0.2 textcolor rgb ink
unset ytics
set grid noytics
set lmargin at screen x_of(60 + 7.4 * (longest + 11))
set rmargin at screen x_of(1176)
set bmargin at screen y_of(72)
set tmargin at screen y_of(height - 92)
remark = strstrt(projects, "1") > 0 ? "; orange: engines of other projects, by their own clock" : ""
timed = words(arms_timed)
if (timed < all_timed) { remark = remark.sprintf("; %d of %d arms, those on a front first, then the most accurate", timed, all_timed) }
if (strlen(remark)) set label 1003 remark[3:] at screen x_of(64), y_of(22) \
  textcolor rgb faint font small noenhanced

of(threads) = threads == 1 ? ", 1 thread" : sprintf(", %d threads", threads)
mantissa(seconds) = gprintf("%.6s", seconds) + 0
digits(x) = x >= 100 ? sprintf("%.0f", x) : x >= 10 ? sprintf("%.1f", x) : sprintf("%.2f", x)
shown(seconds) = digits(mantissa(seconds))." ".gprintf("%c", seconds)."s"
known(name) = (strcol(name) eq "-" ? column("ns") : column(name)) * 1e-9
of_project(peer) = int(peer) ? colour(1) : colour(0)
plot file using (mine(0, -1) ? left : NaN):(column(0)):(column("ns") * 1e-9 - left):(0) \
    with vectors nohead lc rgb rule lw 1.5, \
  for [peer in projects] file using (mine(0, int(peer)) ? column("ns") * 1e-9 : NaN):(column(0)): \
    (known("ns_lo")):(known("ns_hi")) with xerrorbars pt 7 ps marker * 1.6 lc rgb of_project(peer) lw 1.6, \
  file using (mine(0, -1) ? known("ns_hi") * span ** 0.012 : NaN):(column(0)):(shown(column("ns") * 1e-9)) \
    with labels left font small textcolor rgb ink noenhanced, \
  file using (mine(0, -1) ? left : NaN):(column(0)):(label(0).of(column("threads"))) \
    with labels right offset -1, 0 font small textcolor rgb ink noenhanced
