#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `make bench-peers`: this project's engines beside those of `make peers`, in every precision that each has, on
# the same weights; the arms of a part take turns in each of its rounds. On two idle cores some 90 minutes at
# t5-small, of which half goes on starting PyTorch, exporting graphs and quantising; 15 at mini. A part that is
# done is not measured again: start it anew after an interruption. From the environment:
#   RECORDS   folder of the records, such as results/zen4-2core-peers (OUT/runs)
#   OUT       models, logs, peers.md (build/bench-peers)
#   SIZE      of the models (t5-small)           ROUNDS   processes an arm (5)
#   THREADS   of all sides (all cores)           HISTORY  of a user (50)
#   PARTS     lite-single lite-offline p5-single p5-offline: these alone
#   ENGINES   torch compile onnxruntime openvino ctranslate2: these alone
#   MIN_TIME  seconds of a round's timed part (1)
#   EPOCHS    that P5 is trained for, so that what it generates freely are ids (4)
#   TOKENIZER SentencePiece model for P5, e.g. T5's of 32,000 pieces (default: trained on the texts)
#   LITE4REC_PEERS  where `make peers` made the programs (build/peers; from make, build/peers-pypi where that is)
# Exit: 0 done, 1 a part in which an arm failed (the others' records count), 4 no peers.
set -eu
l4r=${LITE4REC:-./lite4rec}
out=${OUT:-build/bench-peers}
records=${RECORDS:-$out/runs}
size=${SIZE:-t5-small}
rounds=${ROUNDS:-5}
threads=${THREADS:-$(nproc)}
history=${HISTORY:-50}
parts=${PARTS:-lite-single lite-offline p5-single p5-offline}
engines=${ENGINES:-torch compile onnxruntime openvino ctranslate2}
peers=${LITE4REC_PEERS:-build/peers}
failed=0

step() { printf '\n== %s\n' "$*" >&2; }
wanted() { case " $1 " in *" $2 "*) true ;; *) false ;; esac; }
fail() {
  echo "bench-peers: $1" >&2
  exit "$2"
}
for part in $parts; do
  wanted "lite-single lite-offline p5-single p5-offline" "$part" ||
    fail "no part '$part'; there are lite-single lite-offline p5-single p5-offline" 2
done
for engine in $engines; do
  wanted "torch compile onnxruntime openvino ctranslate2" "$engine" ||
    fail "no engine '$engine'; there are torch compile onnxruntime openvino ctranslate2" 2
done
[ -x "$peers/torch" ] || fail "$peers/torch is not there; make peers TORCH=pypi, then LITE4REC_PEERS=build/peers-pypi (or: make peers)" 4
LITE4REC_PEERS=$peers LITE4REC=$l4r
export LITE4REC_PEERS LITE4REC
mkdir -p "$out" "$records"

has() { wanted "$engines" "$1" && [ -x "$peers/$1" ]; }
# torch.compile came with PyTorch 2 and calls a compiler.
compiles() {
  wanted "$engines" compile && command -v "${CXX:-g++}" >/dev/null || return 1
  python=$(sed -n 's/^exec "\([^"]*\)".*/\1/p' "$peers/torch")
  "$python" -c 'import sys, torch; sys.exit(not hasattr(torch, "compile"))' 2>/dev/null
}

# Nobody has fewer items than the history takes; 3,416 as MovieLens-1M has left.
users=64
data=$out/data-$history lite=$out/lite-$size-$history p5=$out/p5-$size-$history
[ -f "$data/dataset.json" ] || $l4r data synth --out "$data" --users $users --items 3416 --clusters 24 \
  --shortest $((history + 5)) --longest $((history + 10)) >"$data.log"
train() { # FOLDER KIND OPTIONS
  model=$1
  shift
  [ -f "$model/config.json" ] || $l4r train "$@" --data "$data" --size "$size" --history "$history" \
    --out "$model" 2>"$model.log" || { cat "$model.log" >&2; exit 4; }
}

# What an arm's precision is called; fp32 is not named.
arms() { # ENGINE@MODEL OPTIONS PRECISION...: adds to $list
  arm=$1 options=$2
  shift 2
  for precision in "$@"; do
    all=$options
    [ "$precision" = fp32 ] || all=$all${all:+,}precision=$precision
    case $arm in blis@* | beam@*) [ "$precision" = fp32 ] || all=$all,fallback=on ;; esac
    list="$list --arm $arm${all:+:$all}"
  done
}
lite_arms() {
  list=
  arms "blis@$lite" "" fp32 bf16 int8 bf16x3
  has torch && arms "peer:torch@$lite" "" fp32 bf16 int8
  compiles && arms "peer:torch@$lite" compile=on fp32 bf16
  has onnxruntime && arms "peer:onnxruntime@$lite" "" fp32 int8
  has openvino && arms "peer:openvino@$lite" "" fp32 bf16 int8
  true
}
# Without a trie, which not all of them know.
p5_arms() {
  list=
  arms "beam@$p5" trie=off fp32 bf16 int8 bf16x3
  has torch && arms "peer:torch@$p5" trie=off fp32 bf16 int8
  has onnxruntime && arms "peer:onnxruntime@$p5" trie=off fp32 int8
  has ctranslate2 && arms "peer:ctranslate2@$p5" trie=off fp32 int8
  true
}

# One run, whose arms take turns; its mark keeps it from being measured twice.
measure() { # PART OPTIONS
  part=$1
  shift
  # shellcheck disable=SC2086
  set -- run --threads "$threads" --pin core --rounds "$rounds" --min-time "${MIN_TIME:-1}" --budget 6000 \
    --data "$data" --out "$records" "$@" $list
  if [ -f "$out/$part.done" ] && [ "$(cat "$out/$part.done")" = "$*" ]; then
    step "$part: done before ($out/$part.done)"
    return
  fi
  step "$part: $(echo "$list" | tr ' ' '\n' | grep -c @) arms, $rounds rounds"
  began=$(date +%s) code=0
  $l4r "$@" >"$out/$part.txt" || code=$?
  cat "$out/$part.txt"
  [ "$code" -le 1 ] || exit "$code"
  echo "$part took $((($(date +%s) - began) / 60)) minutes" >&2
  if [ "$code" = 0 ]; then echo "$*" >"$out/$part.done"; else failed=1; fi
}

case " $parts " in *" lite-"*)
  train "$lite" lite --items id --epochs 0
  lite_arms
  if wanted "$parts" lite-single; then measure lite-single --scenario single-stream; fi
  if wanted "$parts" lite-offline; then measure lite-offline --scenario offline --batch $users; fi
  ;;
esac
case " $parts " in *" p5-"*)
  # Ids in sequence fill their tree, so after little training what is generated is one.
  train "$p5" p5 --ids sequential --id-form tokens --answers 1 --prefixes 8 --batch 16 --warmup 20 --lr 2e-3 \
    --patience 0 --epochs "${EPOCHS:-4}" ${TOKENIZER:+--tokenizer "$TOKENIZER"}
  p5_arms
  if wanted "$parts" p5-single; then measure p5-single --scenario single-stream --users 16; fi
  if wanted "$parts" p5-offline; then measure p5-offline --scenario offline --batch 16 --users 16; fi
  ;;
esac

$l4r export peers "$records" >"$out/peers.md.part"
mv "$out/peers.md.part" "$out/peers.md"
step "the race (also in $out/peers.md; records in $records)"
cat "$out/peers.md"
exit $failed
