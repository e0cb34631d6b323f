# Time of a user, an arm and thread count a row, the fastest on top. The distance of two points is how
# many times longer one takes than the other (log scale). Lines through points: 95 % intervals.
load system('printf %s "$L4R_STYLE"')
file = tables."/accuracy_latency.tsv"
theirs(x) = strcol("label")[1:5] eq "peer:"
mine(x, peer) = strcol("group") eq group && (peer < 0 || theirs(0) == peer)
stats file using (mine(0, -1) ? column("ns") * 1e-9 : NaN) name "X" nooutput
stats file using (mine(0, -1) ? column("place") : NaN) name "P" nooutput
span = X_max > X_min ? X_max / X_min : 10
left = X_min / span ** 0.12
set xrange [left:X_max * span ** 0.25]
set yrange [P_max + 0.7:-0.7]
set logscale x 10
set format x "%.0s %cs"
set xlabel variable("L4R_LATENCY")." time of a user (log scale)" offset 0, 0.2 textcolor rgb ink
unset ytics
set grid noytics
set lmargin at screen x_of(60 + 7.4 * (longest + 11))
set rmargin at screen x_of(1176)
set bmargin at screen y_of(72)
set tmargin at screen y_of(height - 92)
projects = each("accuracy_latency.tsv", ours."{ print ($NF ~ /^peer:/) }")
if (strstrt(projects, "1") > 0) set label 1003 "orange: engines of other projects, by their own clock" at screen x_of(64), y_of(22) \
  textcolor rgb faint font small noenhanced

of(threads) = threads == 1 ? ", 1 thread" : sprintf(", %d threads", threads)
mantissa(seconds) = gprintf("%.6s", seconds) + 0
digits(x) = x >= 100 ? sprintf("%.0f", x) : x >= 10 ? sprintf("%.1f", x) : sprintf("%.2f", x)
shown(seconds) = digits(mantissa(seconds))." ".gprintf("%c", seconds)."s"
known(name) = (strcol(name) eq "-" ? column("ns") : column(name)) * 1e-9
of_project(peer) = int(peer) ? colour(1) : colour(0)
plot file using (mine(0, -1) ? left : NaN):(column("place")):(column("ns") * 1e-9 - left):(0) \
    with vectors nohead lc rgb rule lw 1.5, \
  for [peer in projects] file using (mine(0, int(peer)) ? column("ns") * 1e-9 : NaN):(column("place")): \
    (known("ns_lo")):(known("ns_hi")) with xerrorbars pt 7 ps marker * 1.6 lc rgb of_project(peer) lw 1.6, \
  file using (mine(0, -1) ? known("ns_hi") * span ** 0.012 : NaN):(column("place")):(shown(column("ns") * 1e-9)) \
    with labels left font small textcolor rgb ink noenhanced, \
  file using (mine(0, -1) ? left : NaN):(column("place")):(strcol("label").of(column("threads"))) \
    with labels right offset -1, 0 font small textcolor rgb ink noenhanced
