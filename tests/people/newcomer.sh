#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The path of a newcomer with data of their own: from a csv file to a table, a page and titles, and what they meet when
# something is wrong. Every step prints a line; the first that is not as it should be ends the script.
# Usage: newcomer.sh; LITE4REC names the program (./lite4rec). Synthetic data, a folder of its own, about a minute.
set -eu
person=newcomer
# shellcheck source=tests/people/prelude.sh
. "$(dirname "$0")/prelude.sh"
passing_folder
unset NO_COLOR LITE4REC_PEERS
export TERM=xterm LC_ALL=C

narrow() { awk -v most="$2" '{ line = $0; gsub(/[\200-\277]/, "", line); if (length(line) > most) { print; exit 1 } }' "$1" || fail "a line of $1 is longer than $2 columns"; }

say "asks what there is"
ran 2
says 'usage: lite4rec COMMAND'
ran 0 help run && cp out help && ran 0 run --help
cmp -s out help || fail "'help run' is not 'run --help'"
ran 0 help data import && says 'usage: lite4rec data import'
ran 2 trian && says "did you mean 'train'?"
ran 2 run --dta x && says "did you mean '--data'?"
ran 2 data imprt && says "did you mean 'import'?"
ran 0 train pop --help
[ "$(grep -c '^  --' out)" -eq 5 ] || fail "train pop --help does not show 4 options and --help"
lacks '--lr'

say "imports a csv file; a wrong column is named"
awk 'BEGIN {
  srand(7); print "member,film,when"
  for (u = 1; u <= 240; u++) { at = int(rand() * 40)
    for (i = 0; i < 12; i++) { at = (at + 1 + int(rand() * 3)) % 60; print "m" u ",f" at "," 1000 + i } }
}' >views.csv
awk 'BEGIN { print "id,title"; for (i = 0; i < 60; i++) print "f" i ",\"Film " i ", The\"" }' >films.csv
ran 3 data import csv views.csv --user membre --item film --time when --out data
says "did you mean 'member'?"
[ ! -e data ] || fail "a refused import left a folder"
ran 0 data import csv views.csv --user member --item film --time when --items films.csv --item-id id --title title --out data
ran 0 info data && says '240 users' && says 'lite4rec train pop'
narrow out 80

sed 1d views.csv >bare.csv
ran 3 data import csv bare.csv --user member --item film --time when --out bare
says '--no-header' && [ ! -e bare ] || fail "a file without a header was taken"

say "trains two models"
ran 0 train pop --data data --out pop
ran 0 train lite --data data --size tiny --epochs 2 --out lite
ran 0 info lite && says 'lite, size tiny' && says 'lite4rec run --arm blis@lite'
narrow out 80

say "measures: a table of 80 columns, one sentence, and what comes next"
ran 0 run --arm heuristic@pop --arm blis@lite --data data --rounds 3 --users 60 --min-time 0.05 --counters none --out runs
narrow out 80
says 'blis@lite is ' && says 'than heuristic@pop' && says 'records: runs/' && says 'next: lite4rec report runs'
lacks 'tails:'
ran 0 run --arm heuristic@pop --data data --rounds 2 --users 60 --min-time 0 --counters none --out two --quiet
says 'fewer than three rounds'
[ ! -s out.err ] || fail "--quiet is not silent"
ran 0 run --arm heuristic@pop --data data --rounds 1 --users 60 --min-time 0 --counters none --out two -v
says 'tails:'

say "asks for titles"
ran 0 recommend --arm blis@lite --data data --user m7 && says 'Film '
ran 0 recommend --arm blis@lite --data data --history 'film 3, the; Film 4, The' && says 'a history of 2 items'
ran 3 recommend --arm blis@lite --data data --user m2400 && says "did you mean 'm" && says "'m240'"
ran 3 recommend --arm blis@lite --data data --history 'Film 1' && says 'titles begin with'
ran 3 recommend --arm blis@lite --data data --history 'Flim 17' && says "did you mean 'Film 17, The'"

say "makes the page"
ran 0 report runs --out page.html
grep -q '</html>' page.html || fail "no page"

say "is interrupted, and goes on"
set -- run --arm heuristic@pop --arm blis@lite --data data --rounds 12 --users 60 --min-time 0.4 --counters none --out late
"$l4r" "$@" >out 2>out.err </dev/null &
child=$!
tries=0
until [ -n "$(find late -name 'round-*' 2>/dev/null)" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] && kill -0 "$child" 2>/dev/null || fail "no round was kept"
  sleep 0.1
done
kill -TERM "$child"
code=0
wait "$child" || code=$?
[ "$code" -eq 1 ] || fail "interrupted: exit code $code, not 1"
says '--resume'
kept=$(find late -name 'round-*' | wc -l)
[ "$kept" -ge 1 ] && [ "$kept" -lt 24 ] || fail "$kept rounds were kept"
ran 3 run --arm heuristic@pop --data data --rounds 3 --users 60 --min-time 0 --counters none --out late --resume
says 'no unfinished run of these arms'
ran 0 run --arm heuristic@pop --arm blis@lite --data data --rounds 3 --users 60 --min-time 0.4 --counters none --out late --resume
says 'going on with'
[ -z "$(find late -name 'unfinished-*')" ] || fail "the kept rounds are still there"
ran 0 verify late

say "sits at a terminal of 20 columns, at a dumb one, and where decimals have commas"
if command -v script >/dev/null; then
  script -qec "stty cols 20; '$l4r' run --arm blis@lite --data data --rounds 3 --users 60 --min-time 0.2 --counters none --out narrow >/dev/null" /dev/null \
    >typed </dev/null || fail "a run at a narrow terminal"
  tr '\r' '\n' <typed | sed 's/\x1b\[[0-9;]*[mK]//g' | grep ' left\|^[0-9]* %' >lines || fail "no status line"
  narrow lines 20
  script -qec "'$l4r' run --no-such-option" /dev/null >typed </dev/null || true
  grep -q "$(printf '\033')\[31m" typed || fail "an error at a terminal is not red"
  NO_COLOR=1 script -qec "'$l4r' run --no-such-option" /dev/null >typed </dev/null || true
  ! grep -q "$(printf '\033')" typed || fail "NO_COLOR has colours"
  TERM=dumb script -qec "'$l4r' run --arm heuristic@pop --data data --rounds 1 --users 60 --min-time 0 --counters none --out narrow" /dev/null \
    >typed </dev/null || fail "a run at a dumb terminal"
  ! grep -q "$(printf '\033')" typed || fail "a dumb terminal is sent escapes"
else
  say "skipped: script(1) is not installed"
fi
LC_ALL=de_DE.UTF-8 ran 0 recommend --arm heuristic@pop --data data --user m7 --json
grep -q '"score":[0-9]*\.[0-9]' out || fail "a locale changes numbers"
say "done"
