#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `make scale`: how serving a divided catalogue, and summing gradients, grow with ranks. One and two ranks are
# measured here, one thread each; more are simulated by SimGrid's SMPI, which runs the code that sends the
# messages (bench/scale/pattern.c) with the compute times that one rank was measured to take. What is
# simulated says so in every table and figure. The machine must be idle. From the environment:
#   OUT     runs/ (records), tables/, figures/ (default build/scale)
#   PARTS   "serve large sum": these alone (serve, large where LARGE is set, sum where TRAINED is)
#   SIZE    of the models (mini)
#   ITEMS   of the largest catalogue, divided by the ranks (1048576: 1 GB of memory, 5 GB of disk)
#   LARGE   items of a catalogue of width 64 whose head is in bf16, on one rank and on two: memory and the
#           speed of reading it ("": none; 10000000 take 6 GB of memory and 4 GB of disk)
#   RANKS   powers of two (1 2 4 8 16 32 64 128 256)      NETWORKS  Gbit/s (10 100 400)
#   BATCHES requests a step (1 32)          ROUNDS   processes a point (5)
#   TRAINED what is summed: name:floats:ms of a step on one rank, as `lite4rec train` takes here ("")
#   MPIRUN  (mpirun) and its FLAGS ("")     PLAIN, SIMULATED  the two builds of the pattern
# A link is assumed to take 5 us at 10 Gbit/s and 0.5 us above it, and adding 5 GB/s; nothing here measures them.
set -eu
l4r=${LITE4REC:-build/mpi/ompi-c/lite4rec}
out=${OUT:-build/scale}
size=${SIZE:-mini}
items=${ITEMS:-1048576}
ranks=${RANKS:-1 2 4 8 16 32 64 128 256}
networks=${NETWORKS:-10 100 400}
batches=${BATCHES:-1 32}
rounds=${ROUNDS:-5}
plain=${PLAIN:-build/mpi/ompi-c/scale-pattern}
simulated=${SIMULATED:-build/scale-pattern-smpi}
mpirun=${MPIRUN:-mpirun}
here=$(dirname "$0")
history=50 k=20 steps=5
tab=$(printf '\t')
mkdir -p "$out/runs" "$out/tables" "$out/platforms"

step() { printf '\n== %s\n' "$*" >&2; }
fail() { echo "scale: $*" >&2; exit 4; }
command -v "$mpirun" >/dev/null || fail "$mpirun is not installed (openmpi-bin)"
command -v smpirun >/dev/null || fail "smpirun is not installed (simgrid, libsimgrid-dev)"

# shellcheck disable=SC2086 # several words or none
two() { "$mpirun" -n 2 ${FLAGS:-} "$@" </dev/null; }
simulate() { # NODES PLATFORM WORDS: the line of the pattern
  nodes=$1 platform=$2
  shift 2
  seq 0 $((nodes - 1)) | sed "s/^/node/" >"$out/platforms/hosts"
  # Polling costs 0.1 us, not the 100 us that SMPI takes for a default; computing is what the pattern says.
  smpirun -np "$nodes" -platform "$platform" -hostfile "$out/platforms/hosts" --cfg=smpi/host-speed:1Gf \
    --cfg=smpi/simulate-computation:no --cfg=smpi/coll-selector:ompi --cfg=smpi/grow-injected-times:no \
    --cfg=smpi/test:1e-7 --cfg=smpi/iprobe:1e-7 --cfg=smpi/wtime:0 --log=root.thresh:warning \
    "$simulated" "$@" >"$out/simulated.log" 2>&1 && grep '^ranks ' "$out/simulated.log" || { cat "$out/simulated.log" >&2; exit 4; }
}
word() { # NAME of a line "name value name value"
  awk -v name="$1" '{ for (i = 1; i < NF; i += 2) if ($i == name) print $(i + 1) }'
}
platform() { # NODES GBITS: its file
  file=$out/platforms/$1-$2.xml
  latency=5e-7
  [ "$2" -gt 10 ] || latency=5e-6
  sh "$here/scale_platform.sh" "$1" "$2" "$latency" >"$file"
  echo "$file"
}

# --- this machine, as a platform: what two ranks take for a short and a long message ---
describe_here() {
  short=$(two "$plain" ping 2000 8 | word step_ns)
  long=$(two "$plain" ping 50 16777216 | word step_ns)
  hop=$("$plain" hop 2000 | word hop_ns)
  awk -v s="$short" -v l="$long" 'BEGIN { printf "%.3e %.6f\n", s / 2 * 1e-9, 16777216 * 8 / ((l - s) / 2) }' >"$out/here"
  read -r latency gbits <"$out/here"
  sh "$here/scale_platform.sh" 2 "$gbits" "$(awk -v l="$latency" 'BEGIN { print l / 2 }')" >"$out/platforms/here.xml"
  echo "two ranks here: a message takes $latency s and $gbits Gbit/s, a hop to the measuring process $hop ns" | tee "$out/here.txt" >&2
}

# --- serving ---
prepare() { # ITEMS
  [ -f "$out/data-$1/dataset.json" ] || $l4r data synth --out "$out/data-$1" --users 64 --items "$1" --clusters 4 \
    --shortest 55 --longest 60 >"$out/data.log" || { cat "$out/data.log" >&2; exit 4; }
  [ -f "$out/lite-$1/config.json" ] || $l4r train lite --data "$out/data-$1" --items id --size "$size" --epochs 0 \
    --out "$out/lite-$1" 2>"$out/train.log" || { cat "$out/train.log" >&2; exit 4; }
}
measure() { # RANKS ITEMS BATCH
  option=
  set -- "$1" "$2" "$3" run --data "$out/data-$2" --users 64 --rounds "$rounds" --k $k --counters none --quiet \
    --scenario offline --batch "$3" --min-time 0.5 --pin core --out "$out/runs/$1-$2-$3"
  n=$1 of=$2
  [ -d "$out/runs/$1-$2-$3" ] && return
  shift 3
  [ "$n" = 1 ] || option=:shards=$n
  if [ "$n" = 1 ]; then
    $l4r "$@" --arm "blis@$out/lite-$of"
  else
    two "$l4r" "$@" --arm "blis@$out/lite-$of$option"
  fi >"$out/measure.log" 2>&1 || { cat "$out/measure.log" >&2; exit 4; }
}
column() { # FOLDER NAME: a number of every record there (texts, which may have commas, are left out)
  $l4r export csv "$1" 2>/dev/null | sed 's/"[^"]*"//g; s/\r$//' | awk -F, -v want="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) at = i; if (!at) exit 1; next } { print $at }'
}
figure() { # RANKS ITEMS BATCH COLUMN: the mean over the records there
  column "$out/runs/$1-$2-$3" "$4" | awk '{ sum += $1; n++ } END { if (!n) exit 1; printf "%.1f", sum / n }'
}
serve() {
  table=$out/tables/serve.tsv
  printf 'kind\thow\tgbits\tbatch\tranks\titems\tstep_ns\tcompute_ns\tefficiency\n' >"$table.part"
  for batch in $batches; do
    for n in $ranks; do
      prepare $((items / n))
      measure 1 $((items / n)) "$batch"
    done
    measure 2 "$items" "$batch"
    step "serving, $batch requests a step"
    serve_batch "$batch" >>"$table.part"
  done
  mv "$table.part" "$table"
}
# Encoding and head of a step as one rank takes them for this many items; the rest of its time stays with rank 0.
compute_of() { # ITEMS BATCH: "encode head rest"
  awk -v b="$2" -v e="$(figure 1 "$1" "$2" stage1_ns)" -v h="$(figure 1 "$1" "$2" stage2_ns)" -v m="$(figure 1 "$1" "$2" mean_ns)" \
    'BEGIN { r = m - e - h; printf "%.0f %.0f %.0f\n", b * e, b * h, (r > 0 ? b * r : 0) }'
}
row() { # KIND HOW GBITS BATCH RANKS ITEMS STEP COMPUTE BASE
  efficiency=$(awk -v kind="$1" -v n="$5" -v t="$7" -v base="$9" 'BEGIN { printf "%.4f", base / t / (kind == "strong" ? n : 1) }')
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%.0f\t%.0f\t%s\n' "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$8" "$efficiency"
}
simulate_serve() { # NODES PLATFORM ITEMS BATCH ENCODE HEAD REST
  simulate "$1" "$2" serve $steps "$3" 64 $(($4 * history)) "$4" $((k + 60)) "$5" "$6" "$7"
}
serve_batch() { # BATCH
  whole=$(awk -v m="$(figure 1 "$items" "$1" mean_ns)" -v b="$1" 'BEGIN { print m * b }')
  both=$(awk -v m="$(figure 2 "$items" "$1" mean_ns)" -v b="$1" 'BEGIN { print m * b }')
  half=$(awk -v m="$(figure 1 $((items / 2)) "$1" mean_ns)" -v b="$1" 'BEGIN { print m * b }')
  row strong measured here "$1" 1 "$items" "$whole" "$whole" "$whole"
  row strong measured here "$1" 2 "$items" "$both" "$both" "$whole"
  row weak measured here "$1" 1 $((items / 2)) "$half" "$half" "$half"
  row weak measured here "$1" 2 "$items" "$both" "$both" "$half"
  # shellcheck disable=SC2046 # three words
  set -- "$1" $(compute_of $((items / 2)) "$1")
  # two calls a step go through the socket, each there and back
  line=$(simulate_serve 2 "$out/platforms/here.xml" "$items" "$1" "$2" "$3" "$(awk -v r="$4" -v h="$hop" 'BEGIN { print r + 2 * h }')")
  hold "serving, batch $1" "$both" "$(echo "$line" | word step_ns)"
  row strong simulated here "$1" 2 "$items" "$(echo "$line" | word step_ns)" "$(echo "$line" | word compute_ns)" "$whole"
  for gbits in $networks; do
    for n in $ranks; do
      [ "$n" -gt 1 ] || continue
      # shellcheck disable=SC2046 # three words
      set -- "$1" $(compute_of $((items / n)) "$1")
      line=$(simulate_serve "$n" "$(platform "$n" "$gbits")" "$items" "$1" "$2" "$3" "$4")
      row strong simulated "$gbits" "$1" "$n" "$items" "$(echo "$line" | word step_ns)" "$(echo "$line" | word compute_ns)" "$whole"
      # as many items a rank as the largest number of ranks leaves it: the messages are the same but for their spread
      least=$(echo "$ranks" | awk '{ print $NF }')
      # shellcheck disable=SC2046 # three words
      set -- "$1" $(compute_of $((items / least)) "$1")
      base=$(awk -v m="$(figure 1 $((items / least)) "$1" mean_ns)" -v b="$1" 'BEGIN { print m * b }')
      line=$(simulate_serve "$n" "$(platform "$n" "$gbits")" $((items / least * n)) "$1" "$2" "$3" "$4")
      row weak simulated "$gbits" "$1" "$n" $((items / least * n)) "$(echo "$line" | word step_ns)" "$(echo "$line" | word compute_ns)" "$base"
    done
  done
}
hold() { # WHAT MEASURED SIMULATED
  awk -v what="$1" -v m="$2" -v s="$3" 'BEGIN { d = s / m - 1; printf "%s, two ranks here: measured %.0f ns a step, simulated %.0f ns, %+.1f %%: %s\n",
    what, m, s, 100 * d, (d < .15 && d > -.15 ? "within 15 %" : "NOT within 15 %: what is simulated below is to be doubted") }' | tee -a "$out/held.txt" >&2
}

# --- a catalogue whose table is most of the memory ---
mean_of() { # FOLDER MEMBER: of the numbers in the records there
  grep -aoh "\"$2\":[0-9.e+-]*" "$1"/*.jsonl | awk -F: '{ sum += $2; n++ } END { if (!n) exit 1; printf "%.6g", sum / n }'
}
large() {
  table=$out/tables/large.tsv
  [ "${LARGE:-}" ] || fail "part large: LARGE is not given, such as 10000000"
  step "a catalogue of $LARGE items"
  data=$out/data-$LARGE model=$out/large-$LARGE
  [ -f "$data/dataset.json" ] || $l4r data synth --out "$data" --users 16 --items "$LARGE" --clusters 2 \
    --shortest 55 --longest 60 >"$out/data.log" || { cat "$out/data.log" >&2; exit 4; }
  [ -f "$model/config.json" ] || $l4r train lite --data "$data" --items id --size tiny --tied --epochs 0 \
    --out "$model" 2>"$out/train.log" || { cat "$out/train.log" >&2; exit 4; }
  printf 'ranks\titems\tslice_bytes\tresident_bytes\tover\tusers_per_second\thead_gb_per_s\tmemory_gb_per_s\tshare\topen_seconds\n' >"$table.part"
  for n in 1 2; do
    records=$out/runs/large-$n-$LARGE
    # shellcheck disable=SC2086
    set -- "$mpirun" -n $n ${FLAGS:-} "$l4r" run --data "$data" --users 16 --rounds "$rounds" --k $k --counters none --quiet --min-time 0.5 \
      --pin core --out "$records" --arm "blis@$model:precision=bf16,fallback=on,shards=$n"
    [ -d "$records" ] || "$@" >"$out/measure.log" 2>&1 </dev/null || { cat "$out/measure.log" >&2; exit 4; }
    awk -v n="$n" -v items="$LARGE" -v resident="$(column "$records" ranks_resident_bytes)" -v users="$(column "$records" users_per_second)" -v open="$(column "$records" open_seconds)" \
      -v head="$(column "$records" stage2_bytes_per_second)" -v memory="$(mean_of "$records" memory_gb_per_s)" 'BEGIN {
      slice = items / n * 64 * 2
      printf "%d\t%.0f\t%.0f\t%.0f\t%.3f\t%.3g\t%.2f\t%.2f\t%.3f\t%.1f\n", n, items, slice, resident, resident / slice - 1, users, head / 1e9, memory, head / 1e9 / memory, open }' >>"$table.part"
  done
  mv "$table.part" "$table"
}

# --- gradients ---
sum() {
  table=$out/tables/sum.tsv
  printf 'what\thow\tgbits\twire\tranks\tfloats\tstep_ns\tcompute_ns\tefficiency\n' >"$table.part"
  [ "${TRAINED:-}" ] || fail "part sum: TRAINED is not given, such as p5-t5-small:60506624:5300"
  for trained in $TRAINED; do
    name=${trained%%:*} rest=${trained#*:}
    floats=${rest%%:*} ns=$(awk -v ms="${rest#*:}" 'BEGIN { printf "%.0f", ms * 1e6 }')
    step "summing $floats floats of $name"
    line=$(two "$plain" sum $steps "$floats" 16 "$ns" 0 fp32)
    measured=$(echo "$line" | word step_ns)
    printf '%s\tmeasured\there\tfp32\t2\t%s\t%s\t%s\t%s\n' "$name" "$floats" "$measured" "$ns" "$(awk -v a="$ns" -v b="$measured" 'BEGIN { printf "%.4f", a / b }')"
    line=$(simulate 2 "$out/platforms/here.xml" sum $steps "$floats" 16 "$ns" "$(adding "$floats")" fp32)
    hold "summing $name" "$measured" "$(echo "$line" | word step_ns)"
    for wire in fp32 bf16; do
      for gbits in $networks; do
        for n in $ranks; do
          [ "$n" -gt 1 ] || continue
          line=$(simulate "$n" "$(platform "$n" "$gbits")" sum 1 "$floats" 16 "$ns" "$(adding "$floats")" $wire)
          t=$(echo "$line" | word step_ns)
          printf '%s\tsimulated\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$gbits" $wire "$n" "$floats" "$t" "$ns" "$(awk -v a="$ns" -v b="$t" 'BEGIN { printf "%.4f", a / b }')"
        done
      done
    done
  done >>"$table.part"
  mv "$table.part" "$table"
}
adding() { # FLOATS: a rank reads as many as there are, once, at 5 GB/s
  awk -v f="$1" 'BEGIN { printf "%.0f", f * 4 / 5 }'
}

step "this machine"
describe_here
rm -f "$out/held.txt"
for part in ${PARTS:-serve${LARGE:+ large}${TRAINED:+ sum}}; do
  case $part in
  serve | large | sum) $part ;;
  *) echo "scale: no part '$part'; there are serve, large and sum" >&2; exit 2 ;;
  esac
done
sh "$here/../../plots/scale.sh" "$out/tables" "$out/figures"
cat "$out/here.txt"
[ ! -f "$out/held.txt" ] || cat "$out/held.txt"
for table in "$out"/tables/*.tsv; do
  echo
  tr "$tab" '|' <"$table" | sed 's/^/|/; s/$/|/; 1{p;s/[^|]*|/---|/g;s/^---//}' | sed '2s/^/|/;2s/||/|/'
done
