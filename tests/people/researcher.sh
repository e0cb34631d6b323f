#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What a researcher does: metrics at any depth with significance, held against TREC tools where Python has one; vectors for other
# programs; engines of one's own in Python and C; pandas frames. On synthetic data. Settings: LITE4REC (./lite4rec), OUT
# (build/people), L4R_PYTHON (python3; with numpy, pandas, pytrec_eval more is checked).
set -eu
person=researcher
# shellcheck source=tests/people/prelude.sh
. "$(dirname "$0")/prelude.sh"
own_folder
python=${L4R_PYTHON:-python3}
can() { "$python" -c "import $1" 2>/dev/null; }

expect 0 "$l4r" data synth --users 200 --items 150 --out "$out/data"
expect 0 "$l4r" train pop --data "$out/data" --out "$out/pop"
expect 0 "$l4r" train markov --data "$out/data" --out "$out/markov"
expect 0 "$l4r" train lite --size tiny --epochs 2 --data "$out/data" --out "$out/lite"

say "metrics at any depth, what accuracy does not see, significance"
expect 0 "$l4r" eval --arm "heuristic@$out/pop" --arm "heuristic@$out/markov" --data "$out/data" --at 1,5,10,50 --trec "$out/trec"
says "coverage"
says "heuristic@markov  heuristic@pop  NDCG@10"
"$l4r" eval --arm "heuristic@$out/pop" --arm "heuristic@$out/markov" --data "$out/data" --at 1,5,10,50 --json --quiet >"$out/eval.jsonl"
expect 2 "$l4r" eval --arm "heuristic@$out/pop" --data "$out/data" --at 5,5
says "names 5 twice"
expect 2 "$l4r" eval --arm "heuristic@$out/pop" --data "$out/data" --at 500
says "the data set has 150 items"
if can "pytrec_eval, scipy.stats, numpy"; then
  "$python" "$here/tests/people/check_eval.py" "$out" || fail "pytrec_eval or scipy says otherwise"
  say "pytrec_eval's and scipy's figures are these"
else
  say "skipped: $python has no pytrec_eval and scipy to check the metrics by"
fi

say "vectors of items and users"
expect 0 "$l4r" export vectors "$out/lite" --data "$out/data" --out "$out/vectors"
expect 0 "$l4r" export vectors "$out/lite" --data "$out/data" --format safetensors --out "$out/vectors.safetensors"
expect 2 "$l4r" export vectors "$out/pop" --data "$out/data" --out "$out/none"
says "those of kinds lite and sasrec have"
[ ! -e "$out/none" ] || fail "a refused export left something"
if can numpy; then
  expect 0 "$l4r" eval --arm "reference@$out/lite" --data "$out/data" --trec "$out/trec-lite" --k 5
  "$python" "$here/tests/people/check_vectors.py" "$out" || fail "the vectors' products are not the ranking"
else
  say "skipped: $python has no numpy to read them by"
fi

say "engines of one's own: Python and C programs, without a model folder"
expect 0 "$l4r" new-engine python "$out/python"
expect 2 "$l4r" new-engine python "$out/python"
says "holds files"
expect 0 "$l4r" eval --arm "peer:$out/python/engine.py" --arm "heuristic@$out/pop" --data "$out/data" --at 10
[ "$(awk '$2 == "mask" && $3 == 10 { print $4 }' "$out/said" | sort -u | wc -l)" -eq 1 ] || fail "the template ranks otherwise than pop"
sed 's/"precision": engine.precision/"precison": engine.precision/' "$out/python/engine.py" >"$out/python/typo.py"
chmod +x "$out/python/typo.py"
expect 1 "$l4r" eval --arm "peer:$out/python/typo.py" --data "$out/data"
says 'a field "precison"'
expect 1 "$l4r" eval --arm "peer:$out/python/engine.py:beams=3" --data "$out/data"
says "unknown option beams"
if pkg-config --exists jansson 2>/dev/null; then
  expect 0 "$l4r" new-engine c "$out/c"
  expect 0 make -C "$out/c"
  expect 0 "$l4r" eval --arm "peer:$out/c/engine" --data "$out/data"
fi

if can pandas; then
  say "pandas frames"
  LITE4REC=$l4r PYTHONPATH=$here/bench/python "$python" "$here/tests/people/check_frames.py" "$out" || fail "the Python module"
else
  say "skipped: $python has no pandas"
fi
say "every step passed"
