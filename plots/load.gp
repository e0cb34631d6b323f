# SPDX-License-Identifier: BSD-3-Clause
# Latency against load: what a request takes from when it was due, by the rate of arrivals. p99 solid with
# its 95 % interval, p50 dashed, the bound as a grey line; a small marker did not pass. A line an arm and
# thread count. Both axes are logarithms: what lies beyond an engine's capacity grows without end.
shown = arms_loaded
load here."/style.gp"
file = data."load"
mine(arm, thread) = (arm < 0 || (column("arm") == arm && column("thread") == thread))
passed(x) = strcol("verdict") eq "PASS"
number(name, instead) = strcol(name) eq "-" ? column(instead) : column(name)

stats file using (mine(-1, -1) ? column("rate") : NaN) name "X" nooutput
stats file using (mine(-1, -1) ? number("p99_hi", "p50_ns") * 1e-9 : NaN) name "Y" nooutput
stats file using (mine(-1, -1) ? column("p50_ns") * 1e-9 : NaN) name "L" nooutput
stats file using (mine(-1, -1) ? column("bound_ns") * 1e-9 : NaN) name "B" nooutput
set xrange [X_min / 1.3:X_max * 1.3]
set yrange [(L_min < B_min ? L_min : B_min) / 2:(Y_max > B_max ? Y_max : B_max) * 2]
set logscale xy 10
# Rates of a search lie within less than a decade.
least = X_min / 1.3; greatest = X_max * 1.3
if (narrow(least, greatest)) { eval fine_ticks("x", "") }
set format y "%.0s %cs"
least = (L_min < B_min ? L_min : B_min) / 2; greatest = (Y_max > B_max ? Y_max : B_max) * 2
if (narrow(least, greatest)) { eval fine_ticks("y", "s") }
set xlabel "users a second that arrive (log scale)" offset 0, 0.2 textcolor rgb ink
set ylabel "latency from when a request was due (log scale)" offset 0.2, 0 textcolor rgb ink
set lmargin at screen x_of(124)
set rmargin at screen x_of(1176)
set bmargin at screen y_of(legend_top + 74)
set tmargin at screen y_of(height - 92)
do for [i = 1:series] {
  a = int(word(shown, i))
  set label i names[a + 1] at screen x_of(legend_x(i - 1)), y_of(legend_y(i - 1)) left offset 1.6, -0.1 \
    point pt shape(a) ps marker * 1.6 lc rgb colour(a) textcolor rgb ink font small noenhanced
}
set label 1003 (words(counts) == 1 ? (counts eq "1" ? "1 thread; " : counts." threads; ") : \
  "a larger marker: more threads (".listed(counts)."); ")."solid: p99, dashed: p50; small marker: p99 did not pass; grey: the bound".cut(all_loaded) \
  at screen x_of(64), y_of(22) textcolor rgb faint font small noenhanced
size_of(thread) = marker * (1.0 + (words(counts) > 1 ? 0.8 * thread / (words(counts) - 1) : 0.4))

# Arm and thread count of each of `lines` are one number; `tails` are those that have a p99. An arm whose users are
# too few for one has its p50 alone.
arm_of(line) = int(line) % 1000
thread_of(line) = int(line) / 1000
p50(line) = mine(arm_of(line), thread_of(line)) ? column("p50_ns") * 1e-9 : NaN
p99(line) = mine(arm_of(line), thread_of(line)) && strcol("p99_ns") ne "-" ? column("p99_ns") * 1e-9 : NaN
if (words(tails)) {
  plot B_max with lines lc rgb front lw 1.6, \
    for [line in lines] file using (column("rate")):(p50(line)) with lines lc rgb colour(arm_of(line)) lw 1.4 dt (8, 6), \
    for [line in tails] file using (column("rate")):(p99(line)):(number("p99_lo", "p99_ns") * 1e-9):(number("p99_hi", "p99_ns") * 1e-9) \
      with yerrorbars pt -1 lc rgb colour(arm_of(line)) lw 1.4, \
    for [line in tails] file using (column("rate")):(p99(line)) with lines lc rgb colour(arm_of(line)) lw 2, \
    for [line in tails] file using (column("rate")):(p99(line)):(size_of(thread_of(line)) * (passed(0) ? 1.4 : 0.7)) \
      with points pt shape(arm_of(line)) ps variable lc rgb colour(arm_of(line))
} else {
  plot B_max with lines lc rgb front lw 1.6, \
    for [line in lines] file using (column("rate")):(p50(line)) with linespoints lc rgb colour(arm_of(line)) lw 1.4 dt (8, 6) \
      pt shape(arm_of(line)) ps marker
}
