#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `make bench`: this machine's ceilings, and the speed of every stage beside them, in about a
# quarter of an hour on two cores. Models are of size t5-small (the paper's scale) with random weights, because
# speed does not ask what weights mean; data are synthetic, histories full. From the environment:
#   OUT        ceilings.json, gemm.json, gemm.md, runs/ (records), speed.md (default build/bench)
#   THREADS    of the runs (default 1 and all processors: 1,2)
#   ROUNDS     processes a figure (default 3)
#   TOKENIZER  SentencePiece model for P5, e.g. T5's of 32,000 pieces (default: trained on the texts)
#   PARTS      "ceilings gemm lite beam head": these alone. Two more are in none of the above: sets, Lite offline
#              by every set of instructions but the portable one; ids, P5 with ids of four to seven tokens.
#              Engines of other projects are raced by `make bench-peers`.
set -eu
l4r=${LITE4REC:-./lite4rec}
out=${OUT:-build/bench}
rounds=${ROUNDS:-3}
cores=$(nproc)
threads=${THREADS:-$([ "$cores" -ge 2 ] && echo "1,$cores" || echo 1)}
tokenizer=${TOKENIZER:-}
parts=${PARTS:-ceilings gemm lite beam head}
mkdir -p "$out/runs"

step() { printf '\n== %s\n' "$*" >&2; }
wanted() { case " $parts " in *" $1 "*) true ;; *) false ;; esac; }

# What exists is kept: a second run measures the same models.
data() { # NAME OPTIONS
  name=$1
  shift
  [ -f "$out/$name/dataset.json" ] || $l4r data synth --out "$out/$name" "$@" >"$out/$name.log"
}
model() { # NAME KIND OPTIONS
  name=$1
  shift
  [ -f "$out/$name/config.json" ] || $l4r train "$@" --epochs 0 --out "$out/$name" 2>"$out/$name.log" ||
    { cat "$out/$name.log" >&2; exit 4; }
}
measure() {
  $l4r run --threads "$threads" --pin core --rounds "$rounds" --out "$out/runs" --quiet "$@"
}

if wanted ceilings; then
  step "ceilings: multiply-adds, reading, Lite's share"
  $l4r info --ceilings --json >"$out/ceilings.json.part"
  mv "$out/ceilings.json.part" "$out/ceilings.json"
fi

if wanted gemm; then
  step "products of t5-small's weights, beside the BLAS libraries that are installed"
  $l4r info --gemm --json >"$out/gemm.json.part" 2>"$out/gemm.md.part" || { cat "$out/gemm.md.part" >&2; exit 4; }
  mv "$out/gemm.json.part" "$out/gemm.json"
  mv "$out/gemm.md.part" "$out/gemm.md"
  cat "$out/gemm.md"
fi

if wanted lite || wanted beam || wanted sets; then
  # 3,416 items as MovieLens-1M has left; nobody has fewer than 50 in the history
  data data --users 64 --items 3416 --clusters 24 --shortest 55 --longest 60
fi
if wanted lite; then
  step "Lite, t5-small, history 50: offline and single-stream, fp32, bf16, int8, bf16x3"
  model lite lite --data "$out/data" --size t5-small --items id
  for scenario in offline single-stream; do
    measure --scenario $scenario --data "$out/data" --arm "blis@$out/lite" \
      --arm "blis@$out/lite:precision=bf16,fallback=on" --arm "blis@$out/lite:precision=int8,fallback=on" \
      --arm "blis@$out/lite:precision=bf16x3,fallback=on"
  done
fi
if wanted beam; then
  step "P5, t5-small, history 50, 20 beams: decoder plain, cached; the trie as head; bf16, int8"
  model p5 p5 --data "$out/data" --size t5-small --history 50 ${tokenizer:+--tokenizer "$tokenizer"}
  measure --scenario single-stream --users 16 --min-time 0.1 --data "$out/data" --arm "beam@$out/p5" \
    --arm "beam@$out/p5:decoder=plain" --arm "beam@$out/p5:trie=head" \
    --arm "beam@$out/p5:precision=bf16,fallback=on" --arm "beam@$out/p5:precision=int8,fallback=on"
fi
if wanted sets; then
  sets=$($l4r info --json | sed -n '/"sets": \[/,/\]/s/^ *"\([^" ]*\)",*$/\1/p' | grep -v portable | tr '\n' ' ')
  step "Lite, t5-small, offline, by set of instructions: $sets"
  model lite lite --data "$out/data" --size t5-small --items id
  arms=
  for set in $sets; do
    for precision in fp32 bf16 int8 bf16x3; do
      [ "$set $precision" = "amx fp32" ] || arms="$arms --arm blis@$out/lite:precision=$precision,isa=$set,fallback=on"
    done
  done
  # shellcheck disable=SC2086
  measure --scenario offline --data "$out/data" $arms
fi
if wanted ids; then
  # Many interactions of few users: enough for clusters of clusters, and an accuracy pass that ends.
  step "P5, t5-small, 20 beams, ids of four to seven tokens: decoder plain, cached; the trie as head"
  data ids --users 12 --items 3416 --clusters 24 --shortest 1600 --longest 1700
  model p5-ids p5 --data "$out/ids" --size t5-small --history 50 --ids collaborative --clusters 8 --leaf 20 \
    ${tokenizer:+--tokenizer "$tokenizer"}
  measure --scenario single-stream --users 12 --min-time 0.1 --data "$out/ids" --arm "beam@$out/p5-ids" \
    --arm "beam@$out/p5-ids:decoder=plain" --arm "beam@$out/p5-ids:trie=head"
fi
if wanted head; then
  step "the head over a million items of width 64, and its 20 best"
  data million --users 60 --items 1000000 --clusters 2 --shortest 20 --longest 60
  model head lite --data "$out/million" --size tiny --items id
  measure --scenario single-stream --users 24 --data "$out/million" --arm "blis@$out/head"
fi

$l4r export speed "$out/runs" >"$out/speed.md.part"
mv "$out/speed.md.part" "$out/speed.md"
step "speed by stage (also in $out/speed.md; records in $out/runs)"
cat "$out/speed.md"
