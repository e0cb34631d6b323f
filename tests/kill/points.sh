#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Kills each command that writes before its 1st, 2nd, ... fsync, link, rename, unlink and the like, and
# looks at what is left: the old state or the new one, whole; and the command, run again, makes the new
# one and leaves nothing else. Usage: sh tests/kill/points.sh PROGRAM SHIM [quick | CASE...]
set -u
l4r=$(realpath "${1:?usage: points.sh PROGRAM SHIM [quick | CASE...]}") || exit 4
shim=$(realpath "${2:?usage: points.sh PROGRAM SHIM [quick | CASE...]}") || exit 4
shift 2
wanted=$*
[ "$wanted" = quick ] && wanted="synth-over counts-over"
base=$(mktemp -d) || exit 4
trap 'rm -rf "$base"' EXIT
trap 'exit 4' INT TERM
cd "$base" || exit 4
mkdir tmp
export TMPDIR=$base/tmp
all=0 all_whole=0 bad=0

say() { printf '%s\n' "$*"; }
sums() { # FOLDER: what is in it
  (cd "$1" && find . -type f -exec sha256sum {} + | LC_ALL=C sort -k 2 | sha256sum)
}
names() { # records and samples are named by time and hash; samples without a record may stay
  (cd work && find . | grep -v '/t/[0-9a-fTZ-]*\.\(jsonl\|samples\.gz\)$' | LC_ALL=C sort)
}

# What a target holds, on stdout; exit 1 when it is not whole.
state_data() {
  [ -e work/t/dataset.json ] || { echo none; return 0; }
  "$l4r" data check work/t >/dev/null 2>said || return 1
  sums work/t
}
state_model() { # weights alone: times of a training differ
  [ -e work/t/config.json ] || { echo none; return 0; }
  arm=heuristic
  [ -e work/t/model.safetensors ] && arm=blis
  [ -e work/t/id_map.tsv ] && arm=beam
  "$l4r" eval --quiet --arm "$arm@work/t" --data data >/dev/null 2>said || return 1
  rm -f work/t/item_vectors-*.bin
  (cd work/t && for f in counts.bin model.safetensors tokenizer.model id_map.tsv; do
    [ -e $f ] && sha256sum $f; done | sha256sum)
}
state_folder() {
  [ -e work/t/lite4rec.json ] || [ -e work/t/vectors.json ] || { echo none; return 0; }
  sums work/t
}
state_file() {
  [ -e work/t ] || { echo none; return 0; }
  sha256sum <work/t
}
state_page() { # times in it differ
  [ -e work/t ] || { echo none; return 0; }
  tail -c 8 work/t | grep -q '</html>' && echo page
}
state_records() { # samples come before the record that names them
  for record in work/t/*.jsonl; do
    [ -e "$record" ] || { echo none; return 0; }
  done
  "$l4r" verify work/t >/dev/null 2>said && echo records
}

restore() { rm -rf work && cp -a old work; }
killed() { # N: the command up to its Nth point
  LD_PRELOAD=$shim L4R_KILL_AT=$1 sh -c 'exec "$@"' sh "$l4r" $command >/dev/null 2>&1
}
whole() { # NAME POINT: after a kill
  state=$(state_$kind) || { say "  $1, point $2 ($(sed -n "$2p" points)): not whole: $(cat said)"; return 1; }
  [ "$state" = "$old" ] || [ "$state" = "$new" ] || {
    say "  $1, point $2 ($(sed -n "$2p" points)): neither old nor new"
    return 1
  }
  "$l4r" $again >/dev/null 2>said || { say "  $1, point $2: run again: $(tail -1 said)"; return 1; }
  [ "$(state_$kind)" = "$new" ] || { say "  $1, point $2: run again, it makes something else"; return 1; }
  [ "$(names)" = "$left" ] || {
    say "  $1, point $2 ($(sed -n "$2p" points)): left behind: $(names | LC_ALL=C comm -13 left - | tr '\n' ' ')"
    return 1
  }
  [ -z "$(ls -A tmp)" ] || rm -rf tmp/* # scratch folders of killed processes go after a minute
}

# case NAME KIND SETUP COMMAND [AGAIN]: SETUP makes the old state in work/; lines of `lite4rec`.
try() {
  name=$1 kind=$2 setup=$3 again=${5:-$4}
  if [ -n "$wanted" ]; then case " $wanted " in *" $name "*) ;; *) return ;; esac; fi
  rm -rf work old && mkdir work
  eval "$setup" >said 2>&1 || { say "$name: no old state: $(tail -1 said)"; bad=$((bad + 1)); return; }
  command=$4
  cp -a work old
  old=$(state_$kind)
  restore
  rm -f points
  LD_PRELOAD=$shim L4R_KILL_LOG=$base/points sh -c 'exec "$@"' sh "$l4r" $command >said 2>&1 || {
    say "$name: $(tail -1 said)"
    bad=$((bad + 1))
    return
  }
  new=$(state_$kind) || { say "$name: not whole without a kill"; bad=$((bad + 1)); return; }
  names >left
  left=$(cat left)
  n=$(wc -l <points) good=0 point=1
  while [ "$point" -le "$n" ]; do
    restore
    killed "$point"
    whole "$name" "$point" && good=$((good + 1))
    point=$((point + 1))
  done
  say "$name: points: $n, whole: $good"
  all=$((all + n)) all_whole=$((all_whole + good))
}

small="--size tiny --epochs 2 --threads 1 --batch 16 --patience 0"
"$l4r" data synth --users 40 --items 30 --clusters 4 --longest 10 --out data >/dev/null || exit 4
for i in $(awk '{for (i = 2; i <= NF; i++) printf "%s,%s,3,%s\n", $1, $i, 100 * $1 + i}' data/train.txt); do
  echo "$i" | sed 's/,/::/g'
done >ratings.dat
awk 'BEGIN {for (i = 1; i <= 30; i++) printf "%d::Film %d (1990)::Drama\n", i, i}' >movies.dat
model() { "$l4r" train "$@" --data data $small --out work/t; }

try synth-new data : "data synth --users 50 --items 30 --clusters 4 --longest 10 --out work/t"
try synth-over data '"$l4r" data synth --users 40 --items 30 --clusters 4 --longest 10 --out work/t && echo mine >work/t/notes' \
  "data synth --users 50 --items 30 --clusters 4 --longest 10 --out work/t"
try import-over data 'cp -r data work/t' "data import ml-1m ratings.dat movies.dat --out work/t"
try permute-over data 'cp -r data work/t' "data permute data --seed 3 --out work/t"
try counts-new model : "train pop --data data --out work/t" "train pop --data data --out work/t --force"
try counts-over model '"$l4r" train markov --data data --out work/t' "train itemknn --data data --force --out work/t"
for kind_of in sasrec lite "p5 --ids random --prefixes 2 --validation-users 5" \
  "p5-head --prefixes 2 --validation-users 5" "lite-beam --prefixes 2 --validation-users 5"; do
  word=${kind_of%% *}
  run="train $kind_of --data data $small --out work/t"
  try "$word-new" model : "$run --seed 2" "$run --seed 2 --force"
  try "$word-over" model "model $kind_of --seed 1" "$run --seed 2 --force"
done
# A training that was killed after its first epoch, one that was finished and goes on, one begun over a
# finished model and killed: all end with the weights of one that nobody disturbed.
run="train sasrec --data data $small --out work/t --seed 2"
killed_at() { command="$1"; killed "$2"; [ -e "work/$3/training.state" ]; } # COMMAND POINT FOLDER
try sasrec-resumed model 'killed_at "$run" 20 t' "$run --resume"
try sasrec-further model '"$l4r" train sasrec --data data --size tiny --epochs 1 --threads 1 --batch 16 --patience 0 --out work/t --seed 2' \
  "$run --resume"
try sasrec-over-resumed model 'model sasrec --seed 1 && killed_at "$run --force" 40 t.training' "$run --resume"
try random-over model "model sasrec --seed 1" "train sasrec --data data --size tiny --epochs 0 --seed 3 --force --out work/t"
"$l4r" train pop --data data --out pop 2>said || { cat said; exit 4; }
"$l4r" train lite --data data $small --out lite 2>said || { cat said; exit 4; }
"$l4r" train lite --data data $small --seed 2 --out lite2 2>said || { cat said; exit 4; }
try hf-new folder : "export hf lite --data data --out work/t"
try hf-over folder '"$l4r" export hf lite2 --data data --out work/t' "export hf lite --data data --out work/t"
try onnx-over file '"$l4r" export onnx lite2 --data data --out work/t' "export onnx lite --data data --out work/t"
try vectors-new folder : "export vectors lite --data data --out work/t"
try vectors-over folder '"$l4r" export vectors lite2 --data data --out work/t' "export vectors lite --data data --out work/t"
try tensors-over file '"$l4r" export vectors lite2 --data data --format safetensors --out work/t' \
  "export vectors lite --data data --format safetensors --out work/t"
measure="run --quiet --arm heuristic@pop --data data --scenario single-stream --threads 1 --pin none --rounds 1 --users 10 --min-time 0.01 --counters none --out work/t"
try run-new records : "$measure"
"$l4r" ${measure% *} runs >said 2>&1 || { cat said; exit 4; }
try run-over records 'cp -r runs work/t' "$measure"
try report-over page '"$l4r" report runs --out work/t' "report runs --out work/t"
say "points: $all, whole: $all_whole"
[ "$bad" -eq 0 ] && [ "$all" -gt 0 ] && [ "$all" -eq "$all_whole" ]
