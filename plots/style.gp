# SPDX-License-Identifier: BSD-3-Clause
# What all figures share: canvas, palette, axes, and the legend below the panels. What to draw, draw.sh and those who call it have set:
#   terminal svg or png          here     this folder             data  what the names of tables begin with
#   title, subtitle              names    labels of arms 0 ..     longest  bytes of the longest
# and the figure itself, before it loads this:
#   taller   pixels that it needs beside, if any
#   shown    numbers of the arms in the legend, in its order, "0 2 5"
set encoding utf8
set micro
series = words(shown)

# Okabe and Ito's colours, told apart in all common forms of colour blindness, without their yellow,
# which is too faint on white, and with a dark wine in its place. Colour and shape have no common
# period below 24, so that 24 arms differ in one or the other.
colours = "#0072B2 #D55E00 #009E73 #CC79A7 #E69F00 #56B4E9 #333333 #882255"
shapes = "7 5 9 13 11 15"
colour(i) = word(colours, int(i) % words(colours) + 1)
shape(i) = int(word(shapes, (int(i) + int(i) / 24) % words(shapes) + 1))
ink = "#222222"; faint = "#666666"; rule = "#DDDDDD"; front = "#999999"

# The legend: as many columns as the longest label leaves room for; a long one makes the canvas higher.
across = longest <= 40 ? 3 : longest <= 66 ? 2 : 1
down = int(ceil(series / (1.0 * across)))
width = 1200.0
line = 24.0
height = 800.0 + (down > 5 ? (down - 5) * line : 0) + (exists("taller") ? taller : 0)
legend_top = 40 + line * down + line * 0.5
x_of(pixel) = pixel / width
y_of(pixel) = pixel / height
legend_x(i) = 64 + (int(i) / down) * (width - 88) / across
legend_y(i) = legend_top - line * (int(i) % down + 1) - 6

# A list of different values, grown by stats: collected = ""; stats file using (collect(column("x"))) ...
collected = ""
collect(x) = strstrt(collected." ", " ".x." ") > 0 ? 1 : (collected = collected." ".x, 1)

# What a figure says when it leaves out arms, because so many could not be told apart.
cut(arms) = series < arms ? sprintf("; %d of %d arms, those on a front first, then the most accurate", series, arms) : ""

# "1 2 4" as "1, 2, 4"
listed(list) = words(list) < 2 ? list : word(list, 1).", ".listed(list[strlen(word(list, 1)) + 2:])

# A logarithmic axis of less than three decades has ticks within them, so that three or more can be read: for eval, on an axis (x, y)
# from `least` to `greatest` whose numbers have a unit ("s", "").
narrow(least, greatest) = greatest / least < 1000
digits_of(least, greatest) = greatest / least < 1.8 ? "1 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 1.9 2 2.2 2.4 2.6 2.8 3 3.3 3.6 4 4.5 5 5.5 6 6.5 7 7.5 8 8.5 9 9.5" : \
  greatest / least < 8 ? "1 1.5 2 3 4 5 6 7 8 9" : greatest / least < 60 ? "1 2 5" : "1 3"
short(v, unit) = unit eq "" ? sprintf("%g", v) : sprintf("%g %s%s", gprintf("%.6s", v) + 0, gprintf("%c", v), unit)
fine_ticks(axis, unit) = 'set '.axis.'tics () textcolor rgb ink; do for [d = -9:15] { do for [m in digits_of(least, greatest)] { '. \
  'v = real(m) * 10.0 ** d; set '.axis.'tics add (short(v, "'.unit.'") v) } }'

# Points of text are pixels in SVG and 4/3 pixels with Cairo; markers are twice as large in SVG.
if (terminal eq "svg") {
  set terminal svg size width, height font "DejaVu Sans,14" background "#FFFFFF" linewidth 1.2
  small = "DejaVu Sans,13"; heading_points = 20; panel_points = 15; marker = 0.55
} else {
  set terminal pngcairo size width, height font "DejaVu Sans,10.5" background "#FFFFFF" linewidth 1.4
  small = "DejaVu Sans,9.75"; heading_points = 15; panel_points = 11.25; marker = 1.0
}
# Bold through markup, which both terminals know; only for words of our own.
bold(text, points) = sprintf("{/:Bold=%g %s}", points, text)

set datafile separator "\t"
set datafile missing NaN
set border 3 lc rgb faint lw 0.8
set tics nomirror out scale 0.6, 0.3 textcolor rgb ink
set grid xtics ytics lt 1 lc rgb rule lw 0.6
set key off
set style textbox opaque noborder

set label 1001 bold(title, heading_points) at screen x_of(24), y_of(height - 34) textcolor rgb ink
set label 1002 subtitle at screen x_of(24), y_of(height - 62) font small textcolor rgb faint noenhanced
