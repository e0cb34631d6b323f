#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs training and serving of every kind, on every stack, under ThreadSanitizer on two to four threads. Usage: sh tests/tsan.sh PROGRAM, built with -fsanitize=thread (`make tsan`).
set -u
l4r=${1:?usage: sh tests/tsan.sh PROGRAM}
folder=$(mktemp -d) || exit 4
trap 'rm -rf "$folder"' EXIT
export TSAN_OPTIONS="halt_on_error=1 exitcode=66 ${TSAN_OPTIONS:-}"
threads=$(nproc)
[ "$threads" -le 4 ] || threads=4
[ "$threads" -ge 2 ] || { echo "tsan: one processor has no races to find; skipped"; exit 0; }
commands=0
try() {
  commands=$((commands + 1))
  "$l4r" "$@" >"$folder/said" 2>&1 && return
  code=$?
  # Two refusals are not about threads: weights of one epoch that no trie leads write no id that an item has, and a slowed
  # program on a busy machine has calls of unequal length. A race would have been reported all the same.
  case "$*" in *trie=off*) excuse='ranks no item' ;; run*) excuse='of the time of histories' ;; *) excuse= ;; esac
  if [ "$code" -eq 1 ] && [ -n "$excuse" ] && grep -q "$excuse" "$folder/said" && ! grep -q ThreadSanitizer "$folder/said"; then
    return
  fi
  echo "failed (exit $code): lite4rec $*" >&2
  tail -60 "$folder/said" >&2
  exit 1
}
data=$folder/data
try data synth --users 60 --items 80 --shortest 5 --longest 12 --out "$data"
for kind in pop itemknn; do try train $kind --data "$data" --out "$folder/$kind"; done
for kind in lite sasrec p5 p5-head lite-beam; do
  try train $kind --data "$data" --size tiny --epochs 1 --batch 16 --threads "$threads" --out "$folder/$kind"
done
try train lite --data "$data" --size tiny --epochs 1 --batch 16 --threads "$threads" --items id --loss sampled-softmax \
  --negatives 20 --out "$folder/sampled"
for arm in heuristic@itemknn reference@lite reference@sasrec blis@lite blis@sasrec blis@sampled blis@lite:precision=bf16,fallback=on \
  blis@lite:precision=int8,fallback=on beam@p5 beam@p5:trie=head beam@p5:trie=off beam@p5:decoder=plain beam@p5:stack=reference \
  beam@p5-head beam@lite-beam; do
  try eval --quiet --threads "$threads" --pin none --data "$data" --arm "${arm%%@*}@$folder/${arm#*@}"
done
for scenario in single-stream offline; do
  try run --scenario $scenario --quiet --threads "$threads" --pin none --rounds 1 --users 20 --min-time 0.05 --counters none \
    --data "$data" --arm "blis@$folder/lite" --arm "beam@$folder/p5" --out "$folder/runs"
done
echo "tsan: $commands commands, no race"
