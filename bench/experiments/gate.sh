#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `make gate`: shows that the gate catches a deliberate slowdown and stays silent without one. An engine that can be
# slowed (tests/red/programs/slowed.c) is measured three times in one run: as it is, as it is once more, and SLOW percent
# slower. Against the first, `compare --gate` must pass the second (exit 0) and fail on the third (exit 1). When
# the gate says that the rounds are too few for its margin, as many as it asks for are measured, up to
# ROUNDS_MOST: a busy machine may have no such number, which ends with 4.
# WORK multiplications (1000000) keep the way to it and back, which is not slowed, small beside it. Settings: SLOW (6), GATE (3%),
# ROUNDS (10), ROUNDS_MOST (80), WORK, OUT (build/gate, made anew).
set -u
l4r=${LITE4REC:-./lite4rec}
out=${OUT:-build/gate}
slow=${SLOW:-6}
gate=${GATE:-3%}
rounds=${ROUNDS:-10}
most=${ROUNDS_MOST:-80}
work=${WORK:-1000000}
engine=${SLOWED:-build/slowed}
[ -x "$engine" ] || { echo "gate: $engine is not there; run make gate" >&2; exit 4; }
rm -rf "$out"
mkdir -p "$out" || exit 4
$l4r data synth --users 100 --items 200 --out "$out/data" >/dev/null || exit $?
$l4r train pop --data "$out/data" --out "$out/pop" >/dev/null || exit $?

# Label of the arm of a record, by its options: an arm is named with the path of its program.
arm() { sed -n 's/.*"arm":"\([^"]*'"$1"'\)".*/\1/p' "$out"/runs/*.jsonl | head -1; }

while :; do
  rm -rf "$out/runs"
  echo "== $rounds rounds of the engine as it is, as it is once more, and $slow % slower" >&2
  $l4r run --arm "peer:$engine@$out/pop:work=$work" --arm "peer:$engine@$out/pop:work=$work,slow=0" \
    --arm "peer:$engine@$out/pop:work=$work,slow=$slow" --data "$out/data" --users 40 --rounds "$rounds" \
    --min-time 0 --counters none --quiet --budget 120 --out "$out/runs" >"$out/table" || exit $?
  $l4r compare "$out/runs" "$out/runs" --arm "$(arm "work=$work")" --against "$(arm slow=0)" --gate "$gate" 2>"$out/said"
  same=$?
  cat "$out/said" >&2
  [ "$same" -eq 5 ] || break
  needed=$(sed -n 's/.*--rounds \([0-9]*\).*/\1/p' "$out/said")
  if [ -z "$needed" ] || [ "$needed" -gt "$most" ]; then
    echo "gate: this machine is too noisy for a gate at $gate with $most rounds; another one, or GATE=10% SLOW=20" >&2
    exit 4
  fi
  rounds=$needed
done
$l4r compare "$out/runs" "$out/runs" --arm "$(arm "work=$work")" --against "$(arm "slow=$slow")" --gate "$gate"
slower=$?
if [ "$same" -eq 0 ] && [ "$slower" -eq 1 ]; then
  echo "gate: silent without a change, and caught $slow %" >&2
  exit 0
fi
echo "gate: exit codes $same without a change (0 expected) and $slower with $slow % (1 expected)" >&2
exit 1
