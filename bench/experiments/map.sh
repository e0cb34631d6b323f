#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `make map`: measures cells of the map of the time claim, which `lite4rec claims --map` completes by its model
# and plots/map.sh draws. Models have random weights, data are synthetic, histories full; Lite and beam search of a
# cell are in one run, so that their rounds are paired. Some hours at t5-small; it can be stopped at any time: what
# is measured is not measured again. From the environment:
#   OUT         data, models, runs/ (records), map.tsv, map.txt, figures (default build/map)
#   SIZE        of the models (t5-small)             ROUNDS  processes a figure (5)
#   BEAMS       (1 5 10 20 50)                       BATCHES of users a call (1 16)
#   IDS         longest ids in tokens (3 5 8)        DECODERS (cached plain trie-head)
#   PRECISIONS  (fp32 bf16 int8)                     VECTORS of items (cached live)
#   ENGINES     (ours, and torch onnxruntime ctranslate2 where `make peers` installed them)
#   THREADS     (all processors)                     MIN_TIME seconds of a round's timed part (0.5)
#   USERS       timed (16; never fewer than a batch) RUN     more options of `lite4rec run`
set -eu
l4r=${LITE4REC:-./lite4rec}
out=${OUT:-build/map}
size=${SIZE:-t5-small}
rounds=${ROUNDS:-5}
beams=${BEAMS:-1 5 10 20 50}
ids=${IDS:-3 5 8}
batches=${BATCHES:-1 16}
decoders=${DECODERS:-cached plain trie-head}
precisions=${PRECISIONS:-fp32 bf16 int8}
vectors=${VECTORS:-cached live}
threads=${THREADS:-$(nproc)}
users=${USERS:-16}
peers=${LITE4REC_PEERS:-build/peers}
engines=${ENGINES:-ours$(for p in torch onnxruntime ctranslate2; do [ ! -x "$peers/$p" ] || printf ' %s' $p; done)}
here=$(dirname "$0")
mkdir -p "$out/runs" "$out/done"

step() { printf '\n== %s\n' "$*" >&2; }
model() { # NAME KIND OPTIONS
  name=$1 kind=$2
  shift 2
  [ -f "$out/$name/config.json" ] || $l4r train "$kind" --data "$out/data" --size "$size" --epochs 0 --out "$out/$name" "$@" \
    2>"$out/$name.log" || { cat "$out/$name.log" >&2; exit 4; }
}
measure() { # NAME BATCH OPTIONS: once, and then never again
  name=$1 batch=$2
  shift 2
  [ ! -f "$out/done/$name" ] || return 0
  step "$name"
  scenario=single-stream timed=$users
  if [ "$batch" -gt 1 ]; then
    scenario="offline --batch $batch"
    [ "$timed" -ge "$batch" ] || timed=$batch
  fi
  # shellcheck disable=SC2086 # words
  $l4r run --data "$out/data" --scenario $scenario --users "$timed" --threads "$threads" --pin core --rounds "$rounds" \
    --min-time "${MIN_TIME:-0.5}" --counters none --budget 600 --quiet --out "$out/runs" ${RUN:-} "$@" >"$out/last.log" ||
    { cat "$out/last.log" >&2; exit 1; }
  : >"$out/done/$name"
}
options_of() { # DECODER: of an arm
  case $1 in
  cached) echo trie=on ;;
  plain) echo decoder=plain ;;
  trie-head) echo trie=head ;;
  no-trie) echo trie=off ;;
  *) echo "map: no decoder '$1'; there are cached plain trie-head no-trie" >&2; exit 2 ;;
  esac
}

# 3,416 items as MovieLens-1M has left, and interactions enough for clusters of clusters
[ -f "$out/data/dataset.json" ] ||
  $l4r data synth --out "$out/data" --users 64 --items 3416 --clusters 24 --shortest 300 --longest 320 >"$out/data.log"
model lite lite --items id
case " $vectors " in *" live "*) model lite-text lite --items text ;; esac
for tokens in $ids; do
  case $tokens in
  3) model p5-3 p5 --history 50 ;;
  5) model p5-5 p5 --history 50 --ids collaborative --clusters 64 --leaf 100 ;;
  6) model p5-6 p5 --history 50 --ids collaborative --clusters 32 --leaf 20 ;;
  7) model p5-7 p5 --history 50 --ids collaborative --clusters 16 --leaf 20 ;;
  8) model p5-8 p5 --history 50 --ids collaborative --clusters 8 --leaf 20 ;;
  *) echo "map: no ids of $tokens tokens; there are 3 5 6 7 8" >&2; exit 2 ;;
  esac
done

for engine in $engines; do
  for batch in $batches; do
    for precision in $precisions; do
      # Fewer bits and other engines at 20 beams alone: their rates are what the map needs of them.
      some=$beams ways=$decoders
      [ "$precision" = fp32 ] && [ "$engine" = ours ] || some=20
      tail=
      [ "$precision" = fp32 ] || tail=",precision=$precision,fallback=on"
      for tokens in $ids; do
        for way in $ways; do
          set --
          if [ "$engine" = ours ]; then
            lite="blis@$out/lite${tail:+:${tail#,}}" beam="beam@$out/p5-$tokens"
          else
            # Peers serve fp32, one user's search a call, and not all know a trie.
            [ "$precision" = fp32 ] && [ "$batch" = 1 ] && [ "$way" = cached ] || continue
            lite="peer:$engine@$out/lite" beam="peer:$engine@$out/p5-$tokens" way=no-trie
            # CTranslate2 has no Lite: ours stands beside it, as the map says.
            [ "$engine" != ctranslate2 ] || lite="blis@$out/lite"
          fi
          for n in $some; do set -- "$@" --arm "$beam:beams=$n,$(options_of "$way")$tail"; done
          measure "$engine-$precision-batch$batch-ids$tokens-$way" "$batch" --arm "$lite" "$@"
        done
      done
      case " $vectors " in *" live "*)
        # The vectors of the history's items, worked out for every request.
        [ "$engine" != ours ] || measure "$engine-$precision-batch$batch-live" "$batch" --arm "blis@$out/lite-text:items=live$tail"
        ;;
      esac
    done
  done
done

$l4r claims --map "$out/runs" --size "$size" --out "$out" >"$out/map.txt.part"
mv "$out/map.txt.part" "$out/map.txt"
sh "$here/../../plots/map.sh" "$out/map.tsv" "$out/figures"
cat "$out/map.txt"
