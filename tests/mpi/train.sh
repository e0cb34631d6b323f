#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Trains on several ranks of this machine and holds the runs against each other: what the bits of a run depend on,
# that ranks stop, resume and fail together, and what they send. Run by tests/mpi/run.sh. TRAIN_CASES names some of
# its parts: workers ranks repeats stop killed refused divided bytes.
set -u
. "$(dirname "$0")/says.sh"

# Ranks of one thread, unless the words say otherwise: what they send moves through memory.
ranks() { # NUMBER WORDS...
  number=$1
  shift
  # shellcheck disable=SC2086
  OMPI_MCA_mpi_yield_when_idle=1 timeout 500 $MPIRUN -n "$number" "$@"
}
train() { # NUMBER OUT WORDS...
  number=$1 out=$2
  shift 2
  rm -f ./*.said
  ranks "$number" "$LITE4REC" train "$@" --data data --out "$out" >"$out.said" 2>&1 </dev/null
}
weights() { sha256sum <"$1/model.safetensors"; }
losses() { sed -n 's/.*"loss": \([0-9.]*\).*/\1/p' "$1/training.jsonl"; }
close() { # A B SHARE: are the courses of the loss, as long as each other, nowhere further apart?
  losses "$1" >a && losses "$2" >b && paste a b | awk -v most="$3" '
    NF != 2 { bad = 1 }
    { d = ($1 - $2) / $2; if (d < 0) d = -d; if (d > worst) worst = d }
    END { printf "  %d epochs, at most %.2g apart\n", NR, worst; exit bad || NR == 0 || worst > most }'
}
is() { # WHAT TEST...
  what=$1
  shift
  "$@" >told 2>&1
  code=$?
  for said in *.said; do [ -s "$said" ] && { echo "--- $said"; tail -n 8 "$said"; } >>told; done
  verdict "$what" $code told
}
same() { [ "$(weights "$1")" = "$(weights "$2")" ]; }
says() { grep -q "$1" "$2"; }
doing() { [ -z "${TRAIN_CASES:-}" ] || case " $TRAIN_CASES " in *" $1 "*) ;; *) return 1 ;; esac; }

"$LITE4REC" data synth --out data --users 240 --items 150 --seed 3 >/dev/null 2>&1 || exit 4

# The kinds of models that ranks train, small; 240 users are 8 to 30 steps an epoch.
common="--size tiny --preset plain --minutes 0 --patience 0 --threads 1"
generated="--size tiny --minutes 0 --patience 0 --threads 1 --validation-users 40 --batch 32 --prefixes 2"
kind() {
  case $1 in
  ids) echo "lite --items id $common --batch 16 --history 20 --lr 1e-3" ;;
  tied) echo "lite --items text+id --tied $common --batch 16 --history 20 --lr 1e-3" ;;
  text) echo "lite --items text $common --batch 16 --history 20 --lr 1e-3" ;;
  share) echo "lite --items text --item-share 0.4 --projection $common --batch 16 --history 20 --lr 1e-3" ;;
  sasrec) echo "sasrec $common --batch 16 --history 20" ;;
  rows) echo "sasrec --loss gbce --negatives 32 --update rows $common --batch 16 --history 20" ;;
  head-rows) echo "lite --items id --loss sampled-softmax --negatives 32 --update rows $common --batch 16 --history 20" ;;
  p5) echo "p5 $generated" ;;
  whole) echo "p5 --whole-word --untied $generated" ;;
  head) echo "p5-head $generated" ;;
  beam) echo "lite-beam --items text+id --history 20 $generated" ;;
  esac
}

# One thread on each of two ranks does what two threads of one rank do, in the same order: with dropout, bit for bit
# where every sum is over ranks alone.
if doing workers; then
  for name in ids tied text share sasrec rows head-rows p5 whole head beam; do
    # shellcheck disable=SC2046
    train 2 "w-$name-2" $(kind $name) --epochs 2 && train 1 "w-$name-1" $(kind $name) --epochs 2 --threads 2
    is "two ranks of one thread learn what one rank of two learns ($name)" same "w-$name-1" "w-$name-2"
  done
fi

# Without dropout a step does not depend on how many draw it, but for the order of its sums. Such rounding grows from step
# to step, the faster the higher the rate; so the rate is one at which models with texts do not amplify it.
if doing ranks; then
  mv data data-large
  "$LITE4REC" data synth --out data --users 80 --items 72 --seed 3 >/dev/null 2>&1 || exit 4
  for name in ids text sasrec p5; do
    for n in 1 2 4; do
      # shellcheck disable=SC2046
      train $n "r-$name-$n" $(kind $name) --epochs 11 --dropout 0 --lr 2e-4 --batch $(case $name in p5) echo 8 ;; *) echo 5 ;; esac)
    done
    is "loss on 1 and on 2 ranks ($name)" close "r-$name-1" "r-$name-2" 1e-4
    is "loss on 1 and on 4 ranks ($name)" close "r-$name-1" "r-$name-4" 1e-4
    updates=$(sed -n 's/.*"updates": \([0-9]*\).*/\1/p' "r-$name-1/training.jsonl" | tail -n 1)
    is "after at least 200 steps ($name: ${updates:=0})" test "$updates" -ge 200
  done
  rm -rf data && mv data-large data
fi

if doing repeats; then
  for n in 2 3; do
    # shellcheck disable=SC2046
    train $n "again-$n" $(kind text) --epochs 2 && train $n "twice-$n" $(kind text) --epochs 2
    is "$n ranks repeat their bits" same "again-$n" "twice-$n"
  done
  # shellcheck disable=SC2046
  "$LITE4REC" train $(kind text) --epochs 2 --data data --out alone >alone.said 2>&1
  # shellcheck disable=SC2046
  train 1 one $(kind text) --epochs 2
  is "one rank of mpirun has the bits of a process that nobody began so" same alone one
  train 2 timed lite --items id --size tiny --preset plain --minutes 0.1 --threads 1
  is "rank 0's clock ends both" test -s timed/model.safetensors
  # shellcheck disable=SC2046
  train 2 half $(kind ids) --epochs 8 --wire bf16 --dropout 0 && train 2 full $(kind ids) --epochs 8 --dropout 0
  is "gradients in bf16 on the wire lead to nearly the same loss" close half full 2e-2
fi

# Process numbers of the ranks, by number of rank; those of the command line alone.
pids() { # OUT
  for p in $(running "--out $1\$"); do
    [ -r "/proc/$p/environ" ] && tr '\0' '\n' <"/proc/$p/environ" | sed -n "s/^\(OMPI_COMM_WORLD_RANK\|PMI_RANK\)=/$p /p"
  done | sort -k 2 -n | awk '!seen[$2]++ { print $1 }'
}
wait_for_epochs() { # OUT NUMBER
  for _ in $(seq 600); do
    [ "$(grep -c . "$1/training.jsonl" 2>/dev/null)" -ge "$2" ] 2>/dev/null && return 0
    sleep .1
  done
  return 1
}

if doing stop; then
  # shellcheck disable=SC2046
  train 2 whole $(kind ids) --epochs 30
  # shellcheck disable=SC2046
  train 2 parts $(kind ids) --epochs 30 &
  job=$!
  wait_for_epochs parts 2 && kill -TERM "$(pids parts | tail -n 1)"
  wait $job
  code=$?
  is "SIGTERM to rank 1 ends all with code 4" test $code -eq 4
  is "and leaves a checkpoint, and no model" test -s parts/training.state -a ! -e parts/config.json
  cp -r parts other
  # shellcheck disable=SC2046
  train 2 parts $(kind ids) --epochs 30 --resume
  is "as many ranks go on with the same bits" same whole parts
  # shellcheck disable=SC2046
  train 3 other $(kind ids) --epochs 30 --resume
  is "other numbers of ranks warn" says "the last bits of its weights will differ" other.said
  is "and go on" test -e other/config.json
  # A rate that the number of epochs does not change.
  # shellcheck disable=SC2046
  train 2 dry $(kind ids) --epochs 12 --dropout 0 --schedule constant --lr 2e-4 &&
    train 2 wet $(kind ids) --epochs 6 --dropout 0 --schedule constant --lr 2e-4 &&
    train 1 wet $(kind ids) --epochs 12 --dropout 0 --schedule constant --lr 2e-4 --resume
  is "without dropout their loss stays the same" close dry wet 1e-4
fi

if doing killed; then
  # shellcheck disable=SC2046
  train 2 gone $(kind ids) --epochs 4000 &
  job=$!
  wait_for_epochs gone 3
  kill -KILL "$(pids gone | tail -n 1)"
  began=$(date +%s)
  wait $job
  code=$? took=$(($(date +%s) - began))
  # The launcher of MPICH 4.2 (Debian 13) now and then ends with 0 all the same.
  case $MPI_NAME:$code in *mpich*:0) $MPIRUN --version 2>&1 | grep -q 'Version: *4\.2\.' && code="0, as MPICH 4.2 may" ;; esac
  is "a rank that is killed ends all" test "$code" != 0
  is "within ten seconds ($took), without a model" test $took -le 10 -a ! -e gone/config.json
  is "no rank is left" test -z "$(pids gone)"
  lines=$(grep -c . gone/training.jsonl)
  # shellcheck disable=SC2046
  train 2 gone $(kind ids) --epochs $((lines + 2)) --resume
  is "the checkpoint that it left is whole" test -e gone/config.json
fi

# Commands that differ by rank, as a mistaken script begins them.
each() { # NUMBER OUT SCRIPT: RANK is the number
  rm -f ./*.said
  # shellcheck disable=SC2016
  ranks "$1" sh -c 'RANK=${OMPI_COMM_WORLD_RANK:-$PMI_RANK}
'"$3" >"$2.said" 2>&1 </dev/null
}
if doing refused; then
  ids=$(kind ids)
  "$LITE4REC" data synth --out data-1 --users 240 --items 150 --seed 4 >/dev/null 2>&1
  ln -s data data-0
  each 2 d 'exec "$LITE4REC" train '"$ids"' --epochs 1 --data data-$RANK --out d'
  is "other data on a rank are refused with its name" says "rank 1 on .* differs from rank 0 on .* in the data set" d.said
  each 2 s 'exec "$LITE4REC" train '"$ids"' --epochs 1 --seed 1$RANK --data data --out s'
  is "other settings are refused" says "rank 1 on .* in the settings" s.said
  is "once" test "$(grep -c 'differs from rank 0' s.said)" -eq 1
  mkdir here-0 here-1
  each 2 o 'D=$PWD/data && cd here-$RANK && exec "$LITE4REC" train '"$ids"' --epochs 1 --data "$D" --out m'
  is "an --out that is not shared is refused" says "rank 1 on .* does not see what rank 0 on .* writes to m" o.said
  is "and nothing stays there" test -z "$(find here-0 here-1 -type f)"
  train 2 pop pop
  is "counts are refused" says "is counted in one pass" pop.said
  full="a full disk of rank 0 ends all with its message"
  case $MPI_NAME:$($MPIRUN --version 2>&1 | head -n 1) in
  *mpich* | *"Open MPI) "[5-9]*) # its ranks share memory through files, which the limit below would end before they begin
    if unshare --mount true 2>/dev/null; then
      mkdir disk
      # shellcheck disable=SC2016,SC2086
      timeout 500 unshare --mount sh -c 'mount -t tmpfs -o size=64k none disk || exit 4
        "$@"; code=$?; find disk -type f ! -name "*.model" >left; exit $code' sh \
        $MPIRUN -n 2 "$LITE4REC" train $ids --epochs 1 --data data --out disk/full >f.said 2>&1 </dev/null
      is "$full" says "rank 0 on host .*checkpoint could not be written" f.said
      is "and leaves no half file" test -e left -a ! -s left
    else
      skip "$full" "a small disk is a mount, which this user may not make (unshare --mount)"
    fi
    ;;
  *)
    each 2 f 'if [ $RANK = 0 ]; then ulimit -f 8; fi; exec "$LITE4REC" train '"$ids"' --epochs 1 --data data --out full-disk'
    is "$full" says "rank 0 on host .*checkpoint could not be written" f.said
    is "and leaves no half file" test -z "$(find full-disk -type f ! -name '*.model' 2>/dev/null)"
    ;;
  esac
  # Any MPI, limited from its second epoch on: ranks that begin so cannot share memory through files.
  # shellcheck disable=SC2086
  train 2 full-disk $ids --epochs 4000 &
  job=$!
  wait_for_epochs full-disk 1 && prlimit --pid "$(pids full-disk | head -n 1)" --fsize=65536 >limit 2>&1
  wait $job
  code=$?
  cat limit >>full-disk.said
  is "a disk that is full later ends all" test $code -ne 0
  is "with its message" says "rank 0 on host .*checkpoint could not be written" full-disk.said
  is "and leaves no half file" test -z "$(find full-disk -name '*.tmp')"
  lines=$(grep -c . full-disk/training.jsonl)
  # shellcheck disable=SC2086
  train 2 full-disk $ids --epochs $((lines + 2)) --resume
  is "but a whole checkpoint" test -e full-disk/config.json
  train 2 naught lite --items id $common --lr 1e30 --clip 0 --epochs 3
  is "what is not finite is told once" test "$(grep -c 'first not finite' naught.said)" -eq 1
fi

# A table that ranks divide: the same bits as where each has all of it, on the same number of ranks.
if doing divided; then
  rows="sasrec --loss gbce --negatives 32 --update rows $common --batch 16 --history 20 --schedule constant"
  cosine="lite --items id --tied --scores cosine --loss sampled-softmax --negatives 32 --update rows $common --batch 16 --history 20 --schedule constant"
  for n in 1 2 3; do
    train $n "rows-$n" $rows --epochs 4 && train $n "rows-$n-divided" $rows --epochs 4 --shard-items
    is "$n ranks that divide the item table learn what those learn that do not (sasrec)" same "rows-$n" "rows-$n-divided"
    train $n "cosine-$n" $cosine --epochs 2 && train $n "cosine-$n-divided" $cosine --epochs 2 --shard-items
    is "$n ranks that divide the item table learn what those learn that do not (cosines)" same "cosine-$n" "cosine-$n-divided"
  done
  train 3 goes-on $rows --epochs 2 --shard-items && train 3 goes-on $rows --epochs 4 --shard-items --resume
  is "they go on from a checkpoint with the same bits" same rows-3 goes-on
  train 3 joins $rows --epochs 2 --shard-items && train 3 joins $rows --epochs 4 --resume
  is "and so do ranks that divide nothing" same rows-3 joins
  train 3 parts $rows --epochs 2 && train 2 parts $rows --epochs 4 --shard-items --resume
  is "and other numbers of ranks that do" test -e parts/config.json
  # Of 12 items each of 8 ranks has 2, so that two have none.
  mv data data-large
  "$LITE4REC" data synth --out data --users 40 --items 12 --shortest 3 --longest 6 --clusters 2 --seed 3 >/dev/null 2>&1 || exit 4
  few="sasrec --loss gbce --negatives 4 --update rows $common --batch 4 --history 20 --epochs 1"
  train 8 few $few && train 8 few-divided $few --shard-items
  is "ranks without rows of their own learn the same" same few few-divided
  train 13 too-many $few --shard-items
  is "more ranks than items are refused" says "13 ranks for 12 items" too-many.said
  rm -rf data && mv data-large data
fi

# Rows of the item tables alone are sent: of 40,000 items a step names some hundred.
if doing bytes; then
  rm -rf data && "$LITE4REC" data synth --out data --users 400 --items 40000 --clusters 40 --leak 0.9 --seed 5 >/dev/null 2>&1
  train 2 sparse lite --items id --loss sampled-softmax --update rows --negatives 64 --size tiny --preset plain \
    --minutes 0 --epochs 1 --threads 1 --batch 16 --history 20 --validation-users 20
  floats=$(sed -n 's/.*: \([0-9.]*\) million parameters.*/\1/p; s/^\([0-9.]*\) million parameters.*/\1/p' sparse.said | head -n 1)
  share=$(sed -n 's/.*"updates": \([0-9]*\).*"sent_bytes": \([0-9]*\).*/\1 \2/p' sparse/training.jsonl |
    awk -v floats="$floats" '{ printf "%.2f", 100 * $2 / $1 / (floats * 4e6) }')
  is "rank 0 sends $share % of the dense gradient a step" awk -v s="${share:-100}" 'BEGIN { exit !(s > 0 && s < 5) }'
fi
