# SPDX-License-Identifier: BSD-3-Clause
# Less time of Lite, over beams and tokens of an id, a panel a plane: contours of both claimed values by the model, and the cells that
# were measured as filled points in the colour of the value that they reached. Cells that were modelled have no point.
shown = "0 1 2"
load here."/style.gp"
columns = panels > 3 ? 3 : panels
lines = int(ceil(panels / (1.0 * columns)))
low = "#999999"; middle = colour(0); high = colour(1)
tint(x) = int(x >= 99.48 ? 0xD55E00 : x >= 97.28 ? 0x0072B2 : 0x999999)
file_of(i, what) = sprintf("%s%d.%s", data, i, what)
set multiplot
set xrange [0:52]
set yrange [0.5:8.5]
set xtics 10 textcolor rgb ink
set ytics 1 textcolor rgb ink
set xlabel "beams" textcolor rgb ink offset 0, 0.6
set ylabel "tokens of an id" textcolor rgb ink offset 1, 0
set grid lc rgb rule
do for [i = 1:panels] {
  column_of = (i - 1) % columns
  row_of = (i - 1) / columns
  set lmargin at screen x_of(90 + column_of * (width - 90) / columns)
  set rmargin at screen x_of(60 + (column_of + 1) * (width - 90) / columns)
  set tmargin at screen y_of(height - 110 - row_of * (height - 180) / lines)
  set bmargin at screen y_of(height - 40 - (row_of + 1) * (height - 180) / lines)
  set title panel_title[i] font small textcolor rgb ink noenhanced offset 0, -0.4
  # The first is nothing: a panel without a contour is a panel still.
  plot NaN notitle, file_of(i, "97.28") using 1:2 with lines lw 2 lc rgb middle notitle, \
    file_of(i, "99.48") using 1:2 with lines lw 2 dt 2 lc rgb high notitle, \
    file_of(i, "points") using 1:2:(tint($3)) with points pt 7 ps marker * 2 lc rgb variable notitle
  unset label
}
set lmargin at screen 0
set rmargin at screen 1
set bmargin at screen 0
set tmargin at screen y_of(44)
unset title; unset xlabel; unset ylabel; unset tics; unset border; unset grid
set xrange [0:width]
set yrange [0:44]
set label 11 "97.28 % less time, modelled" at 130, 20 left textcolor rgb ink font small
set label 12 "99.48 %, modelled" at 430, 20 left textcolor rgb ink font small
set label 13 "measured: below both" at 650, 20 left textcolor rgb ink font small point pt 7 ps marker * 2 lc rgb low offset 1.5, 0
set label 14 "97.28 % and more" at 850, 20 left textcolor rgb ink font small point pt 7 ps marker * 2 lc rgb middle offset 1.5, 0
set label 15 "99.48 % and more" at 1020, 20 left textcolor rgb ink font small point pt 7 ps marker * 2 lc rgb high offset 1.5, 0
set arrow 1 from 70, 20 to 120, 20 nohead lw 2 lc rgb middle
set arrow 2 from 370, 20 to 420, 20 nohead lw 2 lc rgb high dt 2
plot NaN notitle
unset multiplot
