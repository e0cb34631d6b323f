#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# shellcheck disable=SC3045 # ulimit -v, which dash and bash have
# Runs the main commands with little memory (ulimit -v). Each must work, or end with exit code 4 and a message
# about memory; a signal, a hang or an incomplete file is a failure. Usage: sh tests/short_memory.sh [PROGRAM]
set -u
l4r=$(realpath "${1:-${LITE4REC:-./lite4rec}}") || exit 4
results=$(realpath results/zen4-2core-peers) || exit 4 # records with peers
folder=$(mktemp -d) || exit 4
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder" || exit 4
limits=${LIMITS:-"40000 60000 80000 100000 125000 150000 200000 300000"} # KiB
bad=0
ran=0
worked=0

if ldd "$l4r" | grep -E 'arpack|openblas|liblapack|libblas' >&2; then
  echo "short_memory: these take memory as they are loaded; ARPACK is opened where it is needed" >&2
  exit 1
fi
"$l4r" data synth --users 60 --items 80 --out data >/dev/null 2>&1 &&
  "$l4r" train pop --data data --out pop >/dev/null 2>&1 &&
  "$l4r" train lite --data data --size tiny --epochs 0 --out lite >/dev/null 2>&1 &&
  "$l4r" run --arm blis@lite --arm heuristic@pop --data data --rounds 5 --users 40 --min-time .001 \
    --pin none --out runs >/dev/null 2>&1 || { echo "short_memory: nothing to test with" >&2; exit 4; }

try() { # LIMIT OUTPUT WORD...: OUTPUT is what the command writes to, '-' for none
  limit=$1 output=$2
  shift 2
  [ "$output" = - ] || rm -rf "$output"
  (ulimit -v "$limit" && TMPDIR=$folder exec timeout 120 "$l4r" "$@") >out 2>err
  code=$?
  ran=$((ran + 1))
  # a run of which an arm's process found no memory is a run that failed
  [ "$code" = 1 ] && [ "$1" = run ] && code=4
  case $code in
  0) worked=$((worked + 1)) ;;
  4) grep -qi memory err || { echo "ulimit -v $limit, lite4rec $*: $(tail -1 err)" >&2 && bad=1; }
    if [ "$output" != - ] && [ -e "$output" ] && [ -n "$(ls -A "$output")" ] && ! whole "$output"; then
      echo "ulimit -v $limit, lite4rec $*: $output is left behind" >&2
      bad=1
    fi ;;
  127) grep -q 'error while loading shared libraries' err || bad=1 ;; # the loader itself, before main
  *) echo "ulimit -v $limit, lite4rec $*: exit code $code: $(tail -1 err)" >&2 && bad=1 ;;
  esac
}

# What a folder of a failed command may hold: a log of training, a data set, samples without a record.
whole() {
  for file in "$1" "$1"/*; do
    case $file in
    *.jsonl) [ "${file##*/}" = training.jsonl ] || "$l4r" verify "$file" >/dev/null 2>&1 || return 1 ;;
    *.html | */config.json) return 1 ;;
    esac
  done
}

for limit in $limits; do
  try "$limit" - --version
  try "$limit" - info
  try "$limit" new data synth --users 60 --items 80 --out new
  try "$limit" - data check data
  try "$limit" made train pop --data data --out made
  try "$limit" made train lite --data data --size tiny --epochs 1 --out made
  try "$limit" made train p5 --data data --size tiny --epochs 0 --ids collaborative --out made
  try "$limit" again run --arm blis@lite --arm heuristic@pop --data data --rounds 1 --users 10 \
    --min-time .001 --pin none --out again
  try "$limit" - eval --arm blis@lite --data data
  try "$limit" - verify runs
  try "$limit" - claims runs
  try "$limit" - history runs --json
  try "$limit" - compare runs runs --json
  try "$limit" - export csv runs
  try "$limit" - export table runs --groups
  try "$limit" - export table runs --format json
  try "$limit" - export speed runs --format csv
  try "$limit" - export peers "$results"
  try "$limit" - export google-benchmark runs
  try "$limit" tables export tables runs --out tables
  try "$limit" page.html report runs --out page.html
done
if [ "$bad" = 1 ]; then
  echo "short_memory: not every command ended well" >&2
  exit 1
fi
[ "$worked" -gt 0 ] && [ "$worked" -lt "$ran" ] || { echo "short_memory: the limits tell nothing ($worked of $ran)" >&2; exit 1; }
echo "short_memory: $ran commands under $(echo "$limits" | wc -w) limits: $worked worked, the others said that memory is short"
