#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A catalogue divided among ranks (shards=R) with 1, 2 and 3 ranks: rankings and scores are those of one rank, bit
# by bit; a run measures it in three scenarios and its record says who served; what cannot be is refused with a
# reason; and ranks that die take the others with them within ten seconds. Run by tests/mpi/run.sh.
set -u
. "$(dirname "$0")/says.sh"
tests=$(dirname "$COMM_TESTS")/shard-tests
program=$LITE4REC

ranks() { # N COMMAND
  n=$1
  shift
  # shellcheck disable=SC2086
  timeout 300 $MPIRUN -n "$n" "$@" </dev/null # or it reads what a loop reads
}
says() { # NAME CODE TEXT COMMAND: it ends with the code, if one is given, and says the text
  name=$1 wanted=$2 text=$3
  shift 3
  "$@" >said 2>&1
  code=$? bad=0
  [ "${wanted:-$code}" = $code ] || { echo "it ended with $code" >>said; bad=1; }
  grep -q -- "$text" said || { echo "it does not say: $text" >>said; bad=1; }
  verdict "$name" $bad said
}

{
  "$program" data synth --out data --users 60 --items 301
  "$program" data synth --out few --users 30 --items 12 --shortest 3 --longest 6 --clusters 3
  "$program" train lite --data data --size tiny --items id --epochs 0 --out id
  "$program" train lite --data data --size tiny --epochs 0 --out text
  "$program" train sasrec --data data --size mini --epochs 0 --out sasrec
  "$program" train lite --data few --size tiny --items id --epochs 0 --out few-id
} >said 2>&1 || { verdict "data and models" 1 said; exit 1; }

for n in 1 2 3; do
  while read -r model options; do
    # shellcheck disable=SC2086 # several words or none
    says "$model $options, $n ranks: the answers of one rank" 0 'answers are those of one rank' \
      ranks $n "$tests" data "$model" $options
  done <<END
id
id precision=bf16 fallback=on
id table=file
text cache=off
text
text precision=int8 fallback=on
sasrec isa=portable
END
done

run="run --data data --users 20 --rounds 2 --min-time 0.05 --counters none --quiet --pin none"
for scenario in single-stream offline "server --rate 20 --bound 1000"; do
  # shellcheck disable=SC2086 # several words
  says "measured in scenario ${scenario%% *}" 0 '^records: ' \
    ranks 2 "$program" $run --scenario $scenario --arm blis@id:shards=2 --out "runs-${scenario%% *}"
done
grep -q '"ranks":{"count":2,"hosts":\["[^"]*","[^"]*"\],"library":"[^"]*","resident_bytes":[1-9][0-9]*,"sent_bytes_per_user":[1-9]' \
  runs-*/*.jsonl
verdict "the record names ranks, hosts and bytes" $? said
"$program" verify runs-* >said 2>&1
verdict "the records hold" $? said

# Ranks keep the vectors that they made; a file of the whole catalogue serves them too.
kept() { # NAME RANKS SHARDS FILES: of texts' vectors after a run
  # shellcheck disable=SC2086
  ranks "$2" "$program" $run --arm "blis@text:isa=portable$3" --out "runs-$1" >said 2>&1 &&
    [ "$(find text -name 'item_vectors-*' | wc -l)" = "$4" ]
}
read_from_file() { # NAME
  grep -q '"item_vectors_cached":true' "runs-$1"/*.jsonl
}
rm -f text/item_vectors-*
kept parts 2 ,shards=2 2
verdict "two ranks keep their parts of the vectors" $? said
kept again 2 ,shards=2 2 && read_from_file again
verdict "and read them the next time" $? said
rm -f text/item_vectors-*
kept whole 1 '' 1 && kept slices 2 ,shards=2 1 && read_from_file slices
verdict "ranks read their rows of the whole catalogue's file" $? said

# shellcheck disable=SC2086
says "beside an arm that is not divided" 0 '^records: ' \
  ranks 2 "$program" $run --arm blis@id --arm blis@id:shards=2 --out runs-both

"$program" eval --arm blis@id:isa=portable --data data --trec one --quiet --pin none >said 2>&1 &&
  ranks 3 "$program" eval --arm blis@id:isa=portable,shards=3 --data data --trec three --quiet --pin none >said 2>&1
for convention in keep mask; do
  cut -d' ' -f1-5 one/*.$convention.run >a && cut -d' ' -f1-5 three/*.$convention.run >b && [ -s a ] && cmp a b >>said 2>&1
  verdict "eval ranks alike, $convention" $? said
done

# shellcheck disable=SC2086
{
  says "more shards than ranks" '' 'shards=3 on 2 ranks' ranks 2 "$program" $run --arm blis@id:shards=3 --out refused
  says "shards and no mpirun" 2 'this process is alone' "$program" $run --arm blis@id:shards=2 --out refused
  says "no number of shards" '' 'wants the number of ranks' ranks 2 "$program" $run --arm blis@id:shards=two --out refused
  says "items that are not kept" '' 'items=live keeps none' ranks 2 "$program" $run --arm blis@id:shards=2,items=live --out refused
  says "more shards than items" '' 'has 12 items' \
    ranks 13 "$program" run --data few --users 10 --quiet --pin none --arm blis@few-id:shards=13 --out refused
}
[ -z "$(find refused -name '*.jsonl' 2>/dev/null)" ]
verdict "what was refused left no record" $? said

# Kills one rank while requests are served, by the number that mpirun gave it.
killed() { # RANK SIGNAL
  # shellcheck disable=SC2086
  ranks 2 "$program" run --data data --users 20 --rounds 1 --min-time 60 --counters none --quiet --pin none \
    --arm blis@id:shards=2 --out killed >said 2>&1 &
  runs=$!
  victim=
  for _ in $(seq 300); do
    sleep 0.1
    ls killed/.lite4rec* >/dev/null 2>&1 || [ -d killed ] || continue
    for p in $(running "$program run --data data .*--out killed"); do
      tr '\0' '\n' 2>/dev/null <"/proc/$p/environ" | grep -qx "OMPI_COMM_WORLD_RANK=$1\|PMI_RANK=$1" && victim=$p
    done
    [ "$victim" ] && break
  done
  sleep 3
  kill "-$2" "$victim"
  began=$(date +%s)
  wait $runs
  status=$?
  took=$(($(date +%s) - began))
  [ $status != 0 ] && [ $took -le 10 ] && [ -z "$(find killed -name '*.jsonl')" ] &&
    [ -z "$(running "$program run --data data .*--out killed")" ]
  verdict "rank $1 killed: all end (after $took s, status $status), and there is no record" $? said
  rm -rf killed
}
killed 1 KILL
killed 0 KILL
