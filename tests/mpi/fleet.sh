#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The same run on several hosts, which are names and mounts on this machine where the test may make
# them (agent.sh). Run by tests/mpi/run.sh.
set -u
here=$(dirname "$0")
. "$here/says.sh"
arm=heuristic@pop
"$LITE4REC" data synth --users 60 --items 40 --clusters 4 --longest 12 --out data >said 2>&1 &&
  "$LITE4REC" train pop --data data --out pop >said 2>&1 || { verdict "a data set and a model" 1 said; exit 1; }

measure() { # WORD...: a short run; its words go to the launcher, its output to `said`, its code to $code
  # shellcheck disable=SC2086
  timeout 500 $MPIRUN "$@" >said 2>&1 </dev/null
  code=$?
}
short="run --arm $arm --data data --users all --rounds 3 --min-time 0.01 --counters none --out runs"
has() { # PATTERN...: `said` has each of them
  for pattern in "$@"; do grep -q -- "$pattern" said || { echo "it does not say: $pattern" >>said; return 1; }; done
}
ended() { [ "$code" -eq "$1" ] || { echo "it ended with $code" >>said; return 1; }; }
records() { find runs -name '*.jsonl' 2>/dev/null | wc -l; }
counts() { [ "$(records)" -eq "$1" ] || { echo "there are $(records) records: $(find runs)" >>said; return 1; }; }

# --- ranks on one host ----------------------------------------------------------------------------
# shellcheck disable=SC2086
if [ "$(nproc)" -ge 2 ]; then
  measure -n 2 "$LITE4REC" $short
  pins=$(sed 's/.*"observed"[^[]*\[\([0-9]*\).*/\1/' runs/*/*.jsonl | sort -u | wc -l)
  ended 0 && counts 2 && has "beside the median" && { [ "$pins" -eq 2 ] || { echo "both ran on one processor" >>said; false; }; }
  verdict "ranks on one host take cores of their own" $? said
else
  skip "ranks on one host take cores of their own" "this machine has one processor"
fi
rm -rf runs
# shellcheck disable=SC2086
measure -n $(($(nproc) + 1)) "$LITE4REC" $short
ended 4 && counts 0 && has "each needs cores of its own" "begin fewer here"
verdict "more ranks than cores are refused before anything is measured" $? said
measure -n 2 "$LITE4REC" run --arm $arm --data data --rounds none
ended 2 && [ "$(grep -c 'lite4rec run:' said)" -eq 1 ]
verdict "a wrong option is told once" $? said
measure -n 2 "$LITE4REC" run --ab "$LITE4REC" "$LITE4REC" --arm $arm --data data
ended 2 && [ "$(grep -c 'measures two builds on one host' said)" -eq 1 ]
verdict "two builds are compared on one host" $? said
rm -rf runs

# --- several hosts --------------------------------------------------------------------------------
if ! unshare --uts --mount true 2>/dev/null; then
  skip "several hosts" "hosts are made of namespaces, which this user may not make (unshare --uts --mount)"
  exit 0
fi
L4R_BASE=$PWD L4R_HOSTS=$PWD/hosts
export L4R_BASE L4R_HOSTS
cp "$LITE4REC" program
mkdir runs
cp "$here/agent.sh" agent.sh && chmod +x agent.sh
case $MPI_NAME in
*mpich*) on() { hosts=$1; shift; measure -hosts "$hosts" -launcher ssh -launcher-exec "$PWD/agent.sh" "$@"; } ;;
*)
  export PRTE_MCA_plm_ssh_agent="$PWD/agent.sh" # Open MPI 5; before: plm_rsh_agent
  on() { hosts=$1; shift; measure -H "$hosts" --mca plm_rsh_agent "$PWD/agent.sh" -x L4R_BASE "$@"; }
  ;;
esac
fresh() { rm -rf runs hosts; mkdir -p runs hosts; }
fleet() { # HOSTS WORD...: such a run with these words more
  hosts=$1
  shift
  # shellcheck disable=SC2086
  on "$hosts" "$PWD/program" $short "$@"
}

fresh
fleet hosta,hostb,hostc
ended 0 && counts 3 && has "^hosta " "^hostb " "^hostc " "spread: the slowest" && "$LITE4REC" verify runs >>said 2>&1
verdict "three hosts: records are gathered, one row a host" $? said
"$LITE4REC" report runs --out page.html >said 2>&1 && for h in hosta hostb hostc; do grep -q $h page.html || exit 1; done
verdict "report shows the hosts side by side" $? said
"$LITE4REC" compare runs/hosta runs/hostb --across machines >said 2>&1
[ $? -le 1 ] && has hosta hostb
verdict "compare shows hosts side by side" $? said

fresh
fleet hosta,hostb,hostc --one-host-at-a-time --min-time 1 # three rounds, a new process each: over two seconds
seconds() { date -u -d "$(basename "$(ls runs/"$1"/*.jsonl)" | sed 's/^\(....\)\(..\)\(..\)T\(..\)\(..\)\(..\)Z.*/\1-\2-\3 \4:\5:\6/')" +%s; }
ended 0 && counts 3 && [ "$(seconds hostb)" -ge $(($(seconds hosta) + 2)) ] && [ "$(seconds hostc)" -ge $(($(seconds hostb) + 2)) ]
verdict "one host at a time" $? said

fresh
mkdir -p hosts/hostb/runs
fleet hosta,hostb
ended 0 && counts 2 && "$LITE4REC" verify runs >>said 2>&1
verdict "a folder that hosts do not share is gathered all the same" $? said

fresh
mkdir -p hosts/hostb
"$LITE4REC" data synth --users 60 --items 40 --clusters 4 --longest 12 --seed 2 --out hosts/hostb/data >/dev/null 2>&1
fleet hosta,hostb,hostc
ended 3 && counts 0 && has "host hostb: the data set 'data' is"
verdict "other data on one host is named before anything is measured" $? said

fresh
mkdir -p hosts/hostb/data
fleet hosta,hostb,hostc
ended 3 && counts 0 && has "1 of 3 hosts failed" "host hostb (rank 1): .*data"
verdict "a host without the data is named" $? said

fresh
mkdir -p hosts/hostc
cp program hosts/hostc/program && echo >>hosts/hostc/program
"$LITE4REC" train pop --data data --out hosts/hostc/pop >/dev/null 2>&1
fleet hosta,hostb,hostc
ended 3 && counts 0 && has "host hostc: the program is" "host hostc: the configuration of arm '$arm' is"
verdict "another program and another model are named" $? said

fresh
mkdir -p hosts/hostb
echo 8 >hosts/hostb/full
fleet hosta,hostb,hostc
ended 4 && counts 2 && has "host hostb (rank 1): .*No space left" "^hosta " "^hostb .*not measured" && "$LITE4REC" verify runs >>said 2>&1 &&
  [ -z "$(ls -A runs/hostb 2>/dev/null)" ]
verdict "a disk that is full on one host costs its records alone" $? said

fresh
(
  for _ in $(seq 300); do
    sleep 0.2
    victim=$(running "^$PWD/program run .*--rounds 30" | sed -n 2p) # the second rank; children come later
    [ -n "$victim" ] && [ -n "$(running 'lite4rec round')" ] && { sleep 1; date +%s >killed; kill -9 "$victim"; break; }
  done
) &
fleet hosta,hostb --rounds 30
took=$(($(date +%s) - $(cat killed 2>/dev/null || echo 0)))
wait
[ "$code" -ne 0 ] && counts 0 && { [ $took -le 10 ] || { echo "it took $took s" >>said; false; }; } && { running "^$PWD/program" >left; ! [ -s left ]; }
verdict "a rank killed while it measures ends all, and leaves no half record" $? said
