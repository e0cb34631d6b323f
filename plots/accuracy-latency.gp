# SPDX-License-Identifier: BSD-3-Clause
# Accuracy against latency: up and to the left is better. One panel a convention, which are never
# mixed. A marker an arm and thread count with 95 % intervals in both directions; the grey steps join
# what no other arm beats in both.
shown = arms_timed
load here."/style.gp"
file = data."accuracy_latency"
is_mean = statistic eq "mean"

mine(arm) = int(arm) < 0 || column("arm") == int(arm)
# A bar without an end is drawn at its marker, where it does not show.
lower(name) = strcol(name."_lo") eq "-" ? column(name) : column(name."_lo")
upper(name) = strcol(name."_hi") eq "-" ? column(name) : column(name."_hi")
size_of(thread) = marker * (1.3 + (words(counts) > 1 ? 1.0 * thread / (words(counts) - 1) : 0.2))

# The whole range of what is drawn; an interval over rounds may reach below zero, where a logarithm
# has no place, and is cut at the axis.
stats file using (mine(-1) ? column("ns") * 1e-9 : NaN) name "X" nooutput
stats file using (mine(-1) ? upper("ns") * 1e-9 : NaN) name "T" nooutput
left = X_min / 2
right = (T_max < 20 * X_max ? T_max : X_max) * 2
set xrange [left:right]
stats file using (mine(-1) ? upper("keep_hr") : NaN) name "K" nooutput
stats file using (mine(-1) ? upper("mask_hr") : NaN) name "M" nooutput
highest = K_max > M_max ? K_max : M_max
set yrange [0:(highest > 0 ? highest * 1.08 : 1)]
set logscale x 10
set format x "%.0s %cs"
least = left; greatest = right
if (narrow(least, greatest)) { eval fine_ticks("x", "s") }
set xlabel (is_mean ? "mean time per user (log scale)" : "median latency of a request (log scale)") offset 0, 0.2 textcolor rgb ink
set ytics format "%.2f"

bottom = legend_top + 74
top = height - 124
do for [i = 1:series] {
  a = int(word(shown, i))
  set label i names[a + 1] at screen x_of(legend_x(i - 1)), y_of(legend_y(i - 1)) left offset 1.6, -0.1 \
    point pt shape(a) ps marker * 1.6 lc rgb colour(a) textcolor rgb ink font small noenhanced
}
thread_note = words(counts) == 1 ? (counts eq "1" ? "1 thread" : counts." threads") : \
  "a larger marker: more threads (".listed(counts).")"
set label 1003 thread_note."; bars: 95 % intervals; grey line: no arm is both faster and more accurate".cut(all_timed) \
  at screen x_of(64), y_of(22) textcolor rgb faint font small noenhanced

set multiplot
do for [c = 1:2] {
  convention = word("keep mask", c)
  y = convention."_hr"
  set lmargin at screen x_of(c == 1 ? 84 : 682)
  set rmargin at screen x_of(c == 1 ? 584 : 1182)
  set bmargin at screen y_of(bottom)
  set tmargin at screen y_of(top)
  if (c == 2) { do for [a = 1:series] { unset label a } ; unset label 1001; unset label 1002; unset label 1003 }
  set label 1004 bold(c == 1 ? "keep: items of the history may be ranked" : "mask: items of the history are left out", \
    panel_points) at graph 0, 1 offset 0, 1 textcolor rgb ink
  set ylabel "HR@10 (share of users)" noenhanced offset 0.6, 0 textcolor rgb ink
  plot file using (mine(-1) && column(convention."_front") == 1 ? column("ns") * 1e-9 : NaN):(column(y)) \
         with steps lc rgb front lw 2 dt (6, 4), \
       for [a in shown] file using (mine(a) ? column("ns") * 1e-9 : NaN):(column(y)): \
         (lower("ns") > 0 ? lower("ns") * 1e-9 : left):(upper("ns") * 1e-9) with xerrorbars pt -1 lc rgb colour(a) lw 1.4, \
       for [a in shown] file using (mine(a) ? column("ns") * 1e-9 : NaN):(column(y)):(lower(y)):(upper(y)) \
         with yerrorbars pt -1 lc rgb colour(a) lw 1.4, \
       for [a in shown] file using (mine(a) ? column("ns") * 1e-9 : NaN):(column(y)) with lines lc rgb colour(a) lw 1 dt 3, \
       for [a in shown] file using (mine(a) ? column("ns") * 1e-9 : NaN):(column(y)):(size_of(column("thread"))) \
         with points pt shape(a) ps variable lc rgb colour(a)
}
unset multiplot
