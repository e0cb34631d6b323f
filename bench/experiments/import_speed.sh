#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# How fast a table of MovieLens-32M's size comes in: 32,000,204 ratings of 200,948 users and 87,585 movies,
# drawn by a script (LINES sets another number). Prints lines a second, processor time and peak memory.
#   LITE4REC   the program (./lite4rec)      OUT   where the files go (build/import-speed, some 3 GB)
# Files that are there already are used again.
set -eu
l4r=${LITE4REC:-./lite4rec}
out=${OUT:-build/import-speed}
lines=${LINES:-32000204}
mkdir -p "$out"
csv=$out/ratings-$lines.csv

if [ ! -f "$csv" ]; then
  echo "drawing $csv" >&2
  awk -v lines="$lines" 'BEGIN {
    users = int(lines * 200948 / 32000204) + 1; movies = 87585; srand(1)
    print "userId,movieId,rating,timestamp"
    each = lines / users
    for (user = 1; made < lines; user++) {
      n = int(each * user) - made; if (user >= users) n = lines - made
      time = 789652009 + int(rand() * 900000000); movie = int(rand() * movies)
      for (i = 0; i < n; i++) {
        # A walk that meets no movie twice: steps of 7919, which 87,585 shares no factor with.
        movie = (movie + 7919) % movies
        time += int(rand() * 40)
        printf "%d,%d,%.1f,%d\n", user, movie + 1, 0.5 + int(rand() * 10) / 2, time
      }
      made += n
    }
  }' >"$csv.part"
  mv "$csv.part" "$csv"
fi
items=$out/movies.csv
[ -f "$items" ] || awk 'BEGIN { print "movieId,title,genres"
  for (i = 1; i <= 87585; i++) printf "%d,\"Movie, the %dth (1999)\",Drama|Comedy\n", i, i }' >"$items"

# VmHWM only grows, so the last sample before the end is the peak.
begin=$(date +%s.%N)
"$l4r" data import csv "$csv" --user userId --item movieId --time timestamp --items "$items" --title title \
  --categories genres --out "$out/data" >"$out/summary" &
pid=$!
peak=0 ticks='0 0'
while kill -0 $pid 2>/dev/null; do
  now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' /proc/$pid/status 2>/dev/null) && [ -n "$now" ] && peak=$now
  now=$(sed 's/.*) //' /proc/$pid/stat 2>/dev/null | awk '{ print $12, $13 }') && [ "${now:-0 0}" != "0 0" ] && ticks=$now
  sleep 0.1
done
wait $pid
end=$(date +%s.%N)
cat "$out/summary"
awk -v begin="$begin" -v end="$end" -v lines="$lines" -v peak="$peak" -v ticks="$ticks" -v hz="$(getconf CLK_TCK)" \
  -v bytes="$(wc -c <"$csv")" 'BEGIN {
  split(ticks, t, " "); s = end - begin
  printf "import speed: %d lines (%.0f MB) in %.1f s (%.1f s user, %.1f s system), %.2f million lines/s, peak memory %.0f MB\n",
    lines, bytes / 1e6, s, t[1] / hz, t[2] / hz, lines / s / 1e6, peak / 1024 }'
