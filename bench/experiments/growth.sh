#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `make growth`: how time and memory grow with history, catalogue, beams, batch and threads, beside what
# the roofline of the same rounds allows; some three minutes on two cores. Models have random
# weights, data are synthetic, histories full. From the environment:
#   OUT     runs/ (records), growth.md and figures (default build/growth)
#   SIZE    of the models (mini)      ROUNDS  processes a point (3)
#   PARTS   "history items beams batch threads": these alone
#   ITEMS   of the part items (1000 10000 100000 1000000; 10000000 wants 17 GB of memory and 11 GB
#           of disk at mini, and five minutes)
#   CEILINGS  of another machine (lite4rec info --ceilings --json > FILE there), to predict its times (none)
set -eu
l4r=${LITE4REC:-./lite4rec}
out=${OUT:-build/growth}
size=${SIZE:-mini}
rounds=${ROUNDS:-3}
cores=$(nproc)
catalogues=${ITEMS:-1000 10000 100000 1000000}
parts=${PARTS:-history items beams batch threads}
here=$(dirname "$0")
mkdir -p "$out/runs"

step() { printf '\n== %s\n' "$*" >&2; }
data() { # NAME ITEMS SHORTEST: 24 users, or the catalogue would be the smallest part of the file
  [ -f "$out/$1/dataset.json" ] || $l4r data synth --out "$out/$1" --users 24 --items "$2" \
    --clusters 4 --shortest "$3" --longest $(($3 + 5)) >"$out/$1.log"
}
model() { # NAME KIND DATA OPTIONS
  name=$1 kind=$2 on=$3
  shift 3
  [ -f "$out/$name/config.json" ] || $l4r train "$kind" --data "$out/$on" --size "$size" --epochs 0 \
    --out "$out/$name" "$@" 2>"$out/$name.log" || { cat "$out/$name.log" >&2; exit 4; }
}
measure() {
  $l4r run --pin core --rounds "$rounds" --out "$out/runs" --quiet --counters none --min-time 0.5 "$@" >"$out/last.log" ||
    { cat "$out/last.log" >&2; exit 1; }
}

for part in $parts; do
  step "by $part"
  case $part in
  history)
    data long 3416 520
    for history in 10 25 50 100 200 500; do
      model "lite-h$history" lite long --items id --history $history
      measure --data "$out/long" --arm "blis@$out/lite-h$history"
    done
    ;;
  items)
    for items in $catalogues; do
      data "items-$items" $items 55
      model "lite-i$items" lite "items-$items" --items id
      measure --data "$out/items-$items" --arm "blis@$out/lite-i$items"
    done
    ;;
  beams)
    data data 3416 55
    model p5 p5 data --history 50
    for trie in on head; do
      set --
      for beams in 1 2 5 10 20 50; do set -- "$@" --arm "beam@$out/p5:beams=$beams,trie=$trie"; done
      measure --data "$out/data" --users 12 "$@"
    done
    ;;
  batch)
    data data 3416 55
    model lite lite data --items id
    for batch in 1 2 4 8 16 24; do
      measure --data "$out/data" --scenario offline --batch $batch --arm "blis@$out/lite"
    done
    ;;
  threads)
    data data 3416 55
    model lite lite data --items id
    model p5 p5 data --history 50
    list=1 count=2
    while [ "$count" -le "$cores" ]; do list=$list,$count count=$((count * 2)); done
    measure --data "$out/data" --users 12 --threads "$list" --arm "blis@$out/lite" --arm "beam@$out/p5"
    measure --data "$out/data" --scenario offline --threads "$list" --arm "blis@$out/lite"
    ;;
  *) echo "growth: no part '$part'; there are history items beams batch threads" >&2; exit 2 ;;
  esac
done

$l4r export growth "$out/runs" --out "$out/tables" >"$out/growth.md.part"
case " $parts " in *" threads "*)
  if [ -n "${CEILINGS:-}" ]; then
    echo >>"$out/growth.md.part"
    $l4r export predict "$out/runs" --ceilings "$CEILINGS" >>"$out/growth.md.part"
  fi
  ;;
esac
mv "$out/growth.md.part" "$out/growth.md"
sh "$here/../../plots/growth.sh" "$out/tables" "$out/figures"
cat "$out/growth.md"
