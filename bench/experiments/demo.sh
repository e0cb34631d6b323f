#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `make demo`: the whole path on synthetic data, where the best possible accuracy is known. Everything
# it makes goes to a folder of its own (DEMO, default build/demo), made anew each time.
set -eu
l4r=${LITE4REC:-./lite4rec}
demo=${DEMO:-build/demo}
rounds=${DEMO_ROUNDS:-3}
cores=$(nproc)
threads=1
[ "$cores" -ge 2 ] && threads=1,2
rm -rf "$demo"
mkdir -p "$demo"

step() { printf '\n== %s\n' "$*" >&2; }

step "1/5 synthetic data with a known best answer"
$l4r data synth --out "$demo/data"
step "2/5 training: counts, tiny Lite, tiny P5"
$l4r train pop --data "$demo/data" --out "$demo/models/pop"
$l4r train markov --data "$demo/data" --out "$demo/models/markov"
$l4r train itemknn --data "$demo/data" --norm cosine --out "$demo/models/itemknn"
$l4r train lite --data "$demo/data" --size tiny --out "$demo/models/lite"
$l4r train p5 --data "$demo/data" --size tiny --out "$demo/models/p5"
step "3/5 measuring every arm: accuracy and latency in one row"
$l4r run --arm "heuristic@$demo/models/pop" --arm "heuristic@$demo/models/markov" \
  --arm "heuristic@$demo/models/itemknn" --arm "reference@$demo/models/lite" \
  --arm "blis@$demo/models/lite" --arm "beam@$demo/models/p5" --data "$demo/data" \
  --scenario single-stream --threads "$threads" --pin core --rounds "$rounds" --users 400 --min-time 0.3 \
  --out "$demo/runs"
step "4/5 the paper's headline claims, as far as synthetic data can test them"
$l4r claims "$demo/runs"
step "5/5 all of it as one page"
$l4r report "$demo/runs" --training "$demo/models/lite" --training "$demo/models/p5" --out "$demo/report.html" >/dev/null
printf '\nThe best any recommender can reach on this data is in %s/data/synth.json.\n' "$demo"
printf 'Records: %s/runs. Next: your own data, see README.md.\n' "$demo"
printf 'Open in a browser: %s/report.html\n' "$demo"
