#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `make beam-exact MODEL=folder DATA=folder`: what beam search loses. A P5 ranks for all users exactly and by several
# numbers of beams; exactly both by the sum of the log-probabilities (what a probability is) and by that divided by an
# id's tokens (what beams rank by), so that what the search loses and what the division loses are told apart.
# Records with accuracy and times go into OUT/runs, rankings into OUT/trec, the table into OUT/table.md: HR@10 and NDCG@10
# under keep and mask, their differences from the exact ranking with 95 % intervals over paired users, the share
# of users whose first ten items are others, or the same in another order. The run's own table, with the times, follows it.
# Steps that are done are skipped, so the same command after an interruption goes on where it stopped. From the environment:
#   MODEL     folder of a p5 or lite-beam model     DATA   its data set
#   OUT       build/beam-exact                      BEAMS  "1 5 10 20 50"
#   ROUNDS, USERS, THREADS     of `lite4rec run` (5, 200, 2)
#   HEAD      folder of a p5-head model trained alike and as long: a row beside them (none)
#   PRECISION fp32
set -u
l4r=${LITE4REC:-./lite4rec}
model=${MODEL:?say which: make beam-exact MODEL=folder DATA=folder}
data=${DATA:?say which: make beam-exact MODEL=folder DATA=folder}
out=${OUT:-build/beam-exact}
beams=${BEAMS:-1 5 10 20 50}
precision=${PRECISION:-fp32}
head=${HEAD:-}
here=$(dirname "$0")

for n in $beams; do
  case $n in
  '' | *[!0-9]*) echo "beam-exact: BEAMS=$n: give whole numbers, as in BEAMS=\"1 20\"" >&2; exit 2 ;;
  esac
done
for folder in "$model" "$data" $head; do
  [ -d "$folder" ] || { echo "beam-exact: $folder is not there; train a model ('lite4rec train p5') on imported data" >&2; exit 3; }
done
mkdir -p "$out/trec" || exit 4

arms="search=exact search=exact,length_penalty=1"
for n in $beams; do arms="$arms beams=$n"; done

set --
for arm in $arms; do set -- "$@" --arm "beam@$model:$arm,precision=$precision"; done
[ -z "$head" ] || set -- "$@" --arm "beam@$head:precision=$precision"

if ! ls "$out"/runs/*.jsonl >/dev/null 2>&1; then
  "$l4r" run "$@" --data "$data" --threads "${THREADS:-2}" --users "${USERS:-200}" --rounds "${ROUNDS:-5}" \
    --counters none --out "$out/runs.part" >"$out/run.txt" || exit $?
  mv "$out/runs.part" "$out/runs" || exit 4
fi

# Rankings of one arm each, in a folder of its own; the folder is moved when it is complete.
ranked() {
  [ -d "$out/trec/$1" ] && return 0
  rm -rf "$out/trec/$1.part"
  "$l4r" eval --arm "$2" --data "$data" --threads "${THREADS:-2}" --k 20 --trec "$out/trec/$1.part" --quiet >/dev/null || return $?
  mv "$out/trec/$1.part" "$out/trec/$1"
}
for arm in $arms; do
  ranked "$arm" "beam@$model:$arm,precision=$precision" || exit $?
done
[ -z "$head" ] || ranked p5-head "beam@$head:precision=$precision" || exit $?
[ -z "$head" ] || arms="$arms p5-head"

{
  printf '%s\n' "| arm | convention | HR@10 | NDCG@10 | HR@10 - exact | NDCG@10 - exact | other items | other order |"
  printf '%s\n' "|---|---|---|---|---|---|---|---|"
} >"$out/table.part"
for arm in $arms; do
  for convention in keep mask; do
    awk -v arm="$arm" -v convention="$convention" -f "$here/beam_exact.awk" \
      "$out/trec/$arm/qrels.txt" "$out"/trec/search=exact/*."$convention".run "$out"/trec/"$arm"/*."$convention".run \
      >>"$out/table.part" || exit $?
  done
done
mv "$out/table.part" "$out/table.md" || exit 4
cat "$out/table.md"
echo
cat "$out/run.txt"
