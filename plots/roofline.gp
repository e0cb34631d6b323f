# SPDX-License-Identifier: BSD-3-Clause
# Roofline: how fast each stage computes, over how much it computes a byte that must move. The lines are
# what the machine gave in the same rounds: the speed of reading memory, then that of multiply-adds by the
# fastest instruction set for the precision, a line each; records of before 2026-11-29 have sgemm's in its
# place, which may be passed. A stage above the slope has its data in caches.
shown = arms_staged # arms without stages (other projects' engines) have no place in the legend
load here."/style.gp"
file = data."stages"
mine(arm) = int(arm) < 0 || column("arm") == int(arm)
size_of(thread) = marker * (1.3 + (words(counts) > 1 ? 1.0 * thread / (words(counts) - 1) : 0.2))

stats file using (mine(-1) ? column("flops_per_byte") : NaN) name "X" nooutput
stats file using (mine(-1) ? column("flops_per_second") : NaN) name "Y" nooutput
stats file using (mine(-1) ? column("roof") : NaN) name "S" nooutput
# The ceilings of each thread count and precision, the medians over its stages' rounds being nearly one
# figure; kind 5 is sgemm (bench/export/plot_tables.c counts them).
kinds = 6
roof_name(kind) = word("fp64 fp32 bf16 int8 bf16x3 sgemm", kind + 1)
array flat[kinds * words(counts)]
array slope[kinds * words(counts)]
do for [r = 1:kinds * words(counts)] { flat[r] = NaN; slope[r] = NaN }
do for [t = 1:words(counts)] {
  do for [k = 0:kinds - 1] {
    is_roof(thread, kind) = mine(-1) && thread == t - 1 && kind == k
    stats file using (is_roof(column("thread"), column("roof_of")) ? 1 : 0) name "N" nooutput
    flat[k * words(counts) + t] = NaN # no roof where no round of this count measured one
    slope[k * words(counts) + t] = NaN
    if (N_sum > 0) {
      stats file using (is_roof(column("thread"), column("roof_of")) ? column("roof") : NaN) name "F" nooutput
      stats file using (is_roof(column("thread"), column("roof_of")) ? column("memory") : NaN) name "M" nooutput
      flat[k * words(counts) + t] = F_median
      slope[k * words(counts) + t] = M_median
      # names of roofs that lie close stand side by side
      beside = 0
      do for [r = 1:kinds * words(counts)] { if (r != k * words(counts) + t && flat[r] > F_median / 1.12 && flat[r] < F_median * 1.12) { beside = beside + 1 } }
      set label 2000 + k * words(counts) + t roof_name(k).", ".word(counts, t).(word(counts, t) eq "1" ? " thread" : " threads") \
        at graph 0.995 - 0.17 * beside, first F_median right offset 0, 0.5 font small textcolor rgb faint noenhanced
    }
    undefine F_* M_* N_*
  }
}
set xrange [(X_min < 1 ? X_min / 3 : 1.0 / 3):X_max * 6]
set yrange [Y_min / 4:(Y_max > S_max ? Y_max : S_max) * 2]
set logscale xy 10
set format x "%g"
set format y "%.0s %cFLOP/s"
least = Y_min / 4; greatest = (Y_max > S_max ? Y_max : S_max) * 2
if (narrow(least, greatest)) { eval fine_ticks("y", "FLOP/s") }
least = X_min < 1 ? X_min / 3 : 1.0 / 3; greatest = X_max * 6
if (narrow(least, greatest)) { eval fine_ticks("x", "") }
set ylabel "speed (log scale)" offset 0.2, 0 textcolor rgb ink
set xlabel "modelled FLOPs a byte that moves when caches hold nothing (log scale)" offset 0, 0.2 textcolor rgb ink
set lmargin at screen x_of(146)
set rmargin at screen x_of(1176)
set bmargin at screen y_of(legend_top + 74)
set tmargin at screen y_of(height - 92)
do for [i = 1:series] {
  a = int(word(shown, i))
  set label i names[a + 1] at screen x_of(legend_x(i - 1)), y_of(legend_y(i - 1)) left offset 1.6, -0.1 \
    point pt shape(a) ps marker * 1.6 lc rgb colour(a) textcolor rgb ink font small noenhanced
}
set label 1003 (words(counts) == 1 ? (counts eq "1" ? "1 thread" : counts." threads") : \
  "a larger marker: more threads (".listed(counts).")")."; grey: reading memory, and the ceiling of a precision, measured in the same rounds".cut(all_staged) \
  at screen x_of(64), y_of(22) textcolor rgb faint font small noenhanced

roof(r, x) = slope[r] * x < flat[r] ? slope[r] * x : flat[r]
set samples 400
plot for [r = 1:kinds * words(counts)] roof(r, x) with lines lc rgb front lw 2, \
  for [a in shown] file using (mine(a) ? column("flops_per_byte") : NaN):(column("flops_per_second")): \
    (size_of(column("thread"))) with points pt shape(a) ps variable lc rgb colour(a), \
  file using (mine(-1) && strcol("named") ne "-" ? column("flops_per_byte") : NaN):(column("flops_per_second")):(strcol("named")) \
    with labels left offset 1, 0.3 font small textcolor rgb faint noenhanced
