#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What a CI engineer does: an engine of one's own as a shared object, a gate without noise that fails on a change of one percent,
# gates on several figures from a file with their exit codes, two builds in turns, and what bench/ci's samples run. On synthetic
# data. Settings: LITE4REC (./lite4rec), OUT (build/people). Counting needs valgrind, and says so where it is not there.
set -eu
person=ci
# shellcheck source=tests/people/prelude.sh
. "$(dirname "$0")/prelude.sh"
own_folder

expect 0 "$l4r" data synth --users 120 --items 150 --out "$out/data"
expect 0 "$l4r" train pop --data "$out/data" --out "$out/pop"

say "an engine from its template, measured without a model folder"
expect 0 "$l4r" new-engine so "$out/engine"
expect 0 make -C "$out/engine"
engine=so:$out/engine/engine.so
expect 0 "$l4r" run --arm "$engine" --arm "heuristic@$out/pop" --data "$out/data" --users 30 --rounds 5 --min-time 0 --quiet --out "$out/runs"
says "so:engine.so"

say "exit codes of a gate: passes, worse, bad input, cannot tell"
runs=$out/runs
expect 0 "$l4r" compare "$runs" "$runs" --gate "weights=1%,HR@10=1%,keep:NDCG@5=1%" --strict --junit "$out/same.xml"
grep -q 'failures="0"' "$out/same.xml" || fail "JUnit of a gate that passes"
expect 5 "$l4r" compare "$runs" "$runs" --gate "mean=0.001%"
says "run --counters instructions"
expect 3 "$l4r" compare "$runs" "$runs" --gate "instructions=1%"
says "run --counters instructions"
expect 2 "$l4r" compare "$runs" "$runs" --gate "p98=1%"
printf '{"gates": [{"metric": "weights", "margin": "1%%"}, {"metric": "HR@10", "margin": "auto"}]}' >"$out/gate.json"
expect 0 "$l4r" compare "$runs" "$runs" --gate "$out/gate.json" --github
says "::notice title=lite4rec compare::4 rows, none is worse"

say "the course of records, and a gate on the newest"
expect 0 "$l4r" history "$runs"
says "0 of 2 series"
expect 5 "$l4r" history "$runs" --gate 5%
says "no series has the 5 records"

for step in github.yml gitlab.yml; do
  grep -q "sh bench/ci/gate.sh ./base ./head gate" "$here/bench/ci/$step" || fail "bench/ci/$step does not run gate.sh"
done
# The steps of GitHub's sample are shell.
awk '/^ *run: \|/ { n = index($0, "run"); inside = 1; next } inside && match($0, /[^ ]/) && RSTART <= n { inside = 0 } inside' \
  "$here/bench/ci/github.yml" | sh -n || fail "bench/ci/github.yml has a step that is no shell"

if ! command -v valgrind >/dev/null; then
  say "skipped: instructions are not counted, valgrind is not installed"
  say "every step passed"
  exit 0
fi
say "a change of one percent, in instructions: fails; none: passes"
expect 0 "$l4r" run --arm "$engine:work=20000" --arm "$engine:work=20001" --arm "$engine:work=20400" --data "$out/data" --users 30 \
  --rounds 1 --min-time 0 --counters callgrind --quiet --out "$out/counts"
says "instructions, no time"
expect 0 "$l4r" compare "$out/counts" "$out/counts" --arm "so:engine.so:work=20000" --against "so:engine.so:work=20001" \
  --gate instructions=0.5% --strict
expect 1 "$l4r" compare "$out/counts" "$out/counts" --arm "so:engine.so:work=20000" --against "so:engine.so:work=20400" \
  --gate instructions=0.5%
says "is MORE"

say "the samples' script: two builds in turns, the gate, its files"
code=0
GITHUB=1 USERS=30 sh "$here/bench/ci/gate.sh" "$l4r" "$l4r" "$out/gate" >"$out/said" 2>&1 || code=$?
[ "$code" -eq 0 ] || { cat "$out/said" >&2; fail "bench/ci/gate.sh of one build against itself: exit code $code"; }
says "::notice"
! grep -q "in different runs" "$out/said" || fail "two builds of one run are called different runs"
for file in gate.xml bmf.json smaller.json bigger.json; do [ -s "$out/gate/$file" ] || fail "gate.sh wrote no $file"; done
say "every step passed"
