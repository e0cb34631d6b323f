#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What a reviewer does: asks which cell a verdict is of, where, when and by which records; recomputes figures; tries to slip an
# edited figure through; and sees a busy machine said beside its rows. On synthetic data, and on the committed records where they
# are there. Settings: LITE4REC (./lite4rec), OUT (build/people).
set -eu
person=reviewer
# shellcheck source=tests/people/prelude.sh
. "$(dirname "$0")/prelude.sh"
own_folder

expect 0 "$l4r" data synth --users 120 --items 100 --out "$out/data"
expect 0 "$l4r" data check "$out/data"
expect 0 "$l4r" train pop --data "$out/data" --out "$out/pop"
expect 0 "$l4r" train lite --size tiny --epochs 1 --data "$out/data" --out "$out/lite"
expect 0 "$l4r" train p5 --size tiny --epochs 1 --data "$out/data" --out "$out/p5"
expect 0 "$l4r" run --arm "blis@$out/lite" --arm "beam@$out/p5" --arm "heuristic@$out/pop" --data "$out/data" --users 30 --rounds 3 \
  --min-time 0 --budget 60 --quiet --out "$out/runs"

say "figures follow from their samples; an edited one does not"
expect 0 "$l4r" verify "$out/runs"
cp -r "$out/runs" "$out/edited"
record=$(ls "$out"/edited/*.jsonl)
sed '1s/"HR@10":0\.\([0-9]\)/"HR@10":0.9\1/' "$record" >"$record.new" && mv "$record.new" "$record"
expect 3 "$l4r" claims "$out/edited"
says "the record does not have the hash"

say "verdicts name their cell, scope, machine, date, arms and records"
expect 0 "$l4r" claims "$out/runs"
for word in "scope        size tiny, from scratch, 1 thread" "machine      " "records      blis@lite, 20" "->: the cell of the verdicts on time" \
  ".jsonl:1" "direction    NOT TESTABLE HERE"; do says "$word"; done
expect 0 "$l4r" claims "$out/runs" --markdown
says "| -> | single-stream, 1 thread"
"$l4r" claims "$out/runs" --json >"$out/claims.json"
grep -q '"scope": "size tiny, from scratch' "$out/claims.json" || fail "claims --json has no scope"
expect 2 "$l4r" claims "$out/runs" --json --markdown

if [ -d "$here/results/zen4-2core-latency" ]; then
  say "the committed records: a verdict with its cell, and a page"
  expect 0 "$l4r" claims "$here/results/zen4-2core-latency"
  says "scope        size mini, from scratch, 2 threads on 2 virtual processors"
  says "SUPPORTED (faster at all)"
  say "a prediction that knows nothing says so"
  expect 0 "$l4r" export predict "$here/results/zen4-2core-growth" --ceilings "$here/results/zen5-2core/ceilings.json" --format text
  says "unknown: nothing tells how wide the interval is"
fi
expect 0 "$l4r" report "$out/runs" --out "$out/report.html"
[ -s "$out/report.html" ] || fail "no page"
say "every step passed"
