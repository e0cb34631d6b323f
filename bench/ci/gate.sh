#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Holds one build of lite4rec against another, for a pull request: both serve the same models in turns, and the gate judges what
# a shared runner's noise does not reach (instructions, weights, accuracy). Times are measured and shown, not judged.
# Usage: sh gate.sh BASE HEAD OUT    (two programs, and a folder that is made anew)
# Settings: GATES (gate.json beside this file), ARMS ("blis@models/lite heuristic@models/pop" of OUT), USERS (60), ROUNDS (5),
# GITHUB=1: annotations and step summary. Exit code: the gate's, 0 passes, 1 worse, 5 cannot tell.
set -eu
base=$1 head=$2 out=$3
here=$(cd "$(dirname "$0")" && pwd)
gates=${GATES:-$here/gate.json}
rm -rf "$out"
mkdir -p "$out"
"$head" data synth --users 300 --items 400 --out "$out/data" >/dev/null
"$head" train pop --data "$out/data" --out "$out/models/pop" >/dev/null 2>&1
"$head" train lite --size tiny --epochs 2 --data "$out/data" --out "$out/models/lite" >/dev/null 2>&1
set --
for arm in ${ARMS:-blis@models/lite heuristic@models/pop}; do
  set -- "$@" --arm "${arm%%@*}@$out/${arm#*@}"
done
"$head" run --ab "$base" "$head" "$@" --data "$out/data" --users "${USERS:-60}" --rounds "${ROUNDS:-5}" --min-time 0.1 \
  --counters instructions --budget 60 --quiet --out "$out/runs"
"$head" export bencher "$out/runs/b" >"$out/bmf.json"
"$head" export github-benchmark "$out/runs/b" >"$out/smaller.json"
"$head" export github-benchmark "$out/runs/b" --bigger >"$out/bigger.json"
"$head" compare "$out/runs/a" "$out/runs/b" --gate "$gates" --junit "$out/gate.xml" ${GITHUB:+--github}
