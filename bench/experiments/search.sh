#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `make search TABLE=bench/experiments/recipe.search`: trains settings one after another and says what each
# reached on the validation items. Test items are never read: nothing is measured here. What a search says is
# how often something was tried, so that the row made of its winner can tell (`tried` in *.rows). A setting that
# was trained is skipped, one that was interrupted goes on from its checkpoint. From the environment:
#   TABLE      settings: lines of `name data kind options of lite4rec train`
#   DATASETS   folder of the imported data sets (default data; `make accuracy` imports them)
#   OUT        models/NAME, search.tsv and curves.tsv (default build/search)
#   ONLY       "name name": these alone
#   TRAIN      options for every training, e.g. "--threads 2 --epochs 10"
set -u
table=${TABLE:?say which table of settings: TABLE=bench/experiments/recipe.search}
l4r=${LITE4REC:-./lite4rec}
datasets=${DATASETS:-data}
out=${OUT:-build/search}
only=${ONLY:-}
extra=${TRAIN:-}
child=

say() { printf '%s\n' "$*" >&2; }
die() {
  code=$1
  shift
  say "search: $*"
  exit "$code"
}
stopped() {
  trap '' INT TERM
  if [ -n "$child" ]; then
    kill -TERM "$child" 2>/dev/null
    wait "$child"
  fi
  say "search: stopped; the same command goes on from here"
  exit 4
}
trap stopped INT TERM

settings() {
  sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$table" | while read -r name on kind options; do
    if [ -n "$only" ]; then
      case " $only " in *" $name "*) ;; *) continue ;; esac
    fi
    printf '%s\n' "$name $on $kind $options"
  done
}

train() {
  model=$out/models/$name
  made="$kind $on $options $extra"
  if [ -f "$model.made" ] && [ "$(cat "$model.made")" != "$made" ]; then
    say "search: $name was trained with other settings ($(cat "$model.made")); give it another name"
    return 1
  fi
  [ -f "$model/trained" ] && return 0
  [ -f "$datasets/$on/dataset.json" ] || {
    say "search: no data set $datasets/$on; import it, or say DATASETS=folder"
    return 3
  }
  printf '%s\n' "$made" >"$model.made"
  say "== $name: $kind on $on, $options"
  set -- train "$kind" --data "$datasets/$on" --out "$model"
  if [ -f "$model/training.state" ]; then set -- "$@" --resume; fi
  # Unquoted: lists of options.
  "$l4r" "$@" $options $extra &
  child=$!
  wait "$child"
  code=$?
  child=
  [ $code -eq 0 ] && : >"$model/trained"
  return $code
}

# One line a setting: the epoch that validation chose, and the last.
summary() {
  printf 'name\tdata\tkind\tepochs\tbest_epoch\tvalidation_hr10\tvalidation_ndcg10\tminutes\tthreads\tfinished\toptions\n'
  while read -r name on kind options; do
    log=$out/models/$name/training.jsonl
    [ -s "$log" ] || continue
    finished=no
    [ -f "$out/models/$name/trained" ] && finished=yes
    awk -v name="$name" -v on="$on" -v kind="$kind" -v finished="$finished" -v options="$options $extra" '
      function member(key) {
        return match($0, "\"" key "\": *[-+.eE0-9]+") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) + 0 : 0
      }
      { epoch = member("epoch"); seconds = member("total_seconds"); threads = member("threads")
        if (member("ndcg10") > best) { best = member("ndcg10"); hr = member("hr10"); at = epoch } }
      END { printf "%s\t%s\t%s\t%d\t%d\t%.4f\t%.4f\t%.1f\t%d\t%s\t%s\n", name, on, kind, epoch, at, hr, best, seconds / 60, threads, finished, options }' "$log"
  done
}

curves() {
  printf 'name\tepoch\tloss\tvalidation_hr10\tvalidation_ndcg10\tminutes\n'
  while read -r name on kind options; do
    log=$out/models/$name/training.jsonl
    [ -s "$log" ] || continue
    awk -v name="$name" '
      function member(key) {
        return match($0, "\"" key "\": *[-+.eE0-9]+") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) + 0 : 0
      }
      { printf "%s\t%d\t%.4f\t%.4f\t%.4f\t%.1f\n", name, member("epoch"), member("loss"), member("hr10"), member("ndcg10"), member("total_seconds") / 60 }' "$log"
  done
}

[ -f "$table" ] || die 2 "no table of settings $table"
[ -x "$l4r" ] || die 4 "$l4r is not there; run 'make' first"
mkdir -p "$out/models" || exit 4
exec 9>"$out/.lock"
flock -n 9 || die 4 "another search is at work in $out"
list=$out/.settings
settings >"$list" || exit 4
[ -s "$list" ] || die 2 "ONLY='$only' names no setting of $table"
failed=
while read -r name on kind options <&3; do
  train || failed="$failed $name"
done 3<"$list"
summary <"$list" >"$out/search.tsv" && curves <"$list" >"$out/curves.tsv" || exit 4
cat "$out/search.tsv"
say "$(($(wc -l <"$out/search.tsv") - 1)) settings tried, judged by validation alone"
[ -z "$failed" ] || die 1 "not done:$failed"
