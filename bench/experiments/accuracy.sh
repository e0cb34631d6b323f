#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `make accuracy DATASET=ml-1m|beauty|toys`: the accuracy rows of a data set, from data to table.
# What rows there are stands in bench/experiments/DATASET.rows. Rows are done one at a time; a row whose
# record exists is skipped, a training that was interrupted goes on from its checkpoint, so the same
# command after any interruption goes on where it stopped. From the environment:
#   DATASET    ml-1m, beauty, toys (or any FILE of ROWFILE's form)
#   DATA       folder with the publishers' files (default ../shared/data)
#   DATASETS   imported data sets, or where to put them (default data)
#   OUT        models/ROW-SEED, runs/ROW-SEED (records) and table.md (default build/accuracy/DATASET)
#   ROWS       "sasrec-1 lite": these alone, a row with all its seeds or one seed (default all)
#   PRETRAINED folder of a pretrained sentence encoder, for the rows whose options name PRETRAINED; without it they are left out
#   TRAIN      options for every training by epochs, e.g. "--minutes 1 --size tiny", to try the chain
#   REDO=1     rows whose settings have changed since they were made are made anew
set -u
set="${DATASET:?say which: DATASET=ml-1m, beauty or toys}"
here=$(dirname "$0")
l4r=${LITE4REC:-./lite4rec}
rowfile=${ROWFILE:-$here/$set.rows}
data=${DATA:-../shared/data}
datasets=${DATASETS:-data}
out=${OUT:-build/accuracy/$set}
wanted=${ROWS:-}
extra=${TRAIN:-}
pretrained=${PRETRAINED:-}
child=

say() { printf '%s\n' "$*" >&2; }
die() {
  code=$1
  shift
  say "accuracy: $*"
  exit "$code"
}

# A signal to this script alone must not leave a training behind it; one from the terminal reaches
# both, and a training that gets two different ones still finishes its step.
stopped() {
  trap '' INT TERM
  if [ -n "$child" ]; then
    kill -TERM "$child" 2>/dev/null
    wait "$child"
  fi
  say "accuracy: stopped; the same command goes on from here"
  exit 4
}
trap stopped INT TERM

# In the background and waited for, so that the trap above acts at once.
run() {
  "$@" &
  child=$!
  wait "$child"
  status=$?
  child=
  return $status
}

# --- data -----------------------------------------------------------------------------------------

where_to_get() {
  case $1 in
  ml-1m*) say "  MovieLens-1M: https://grouplens.org/datasets/movielens/1m/ (ratings.dat, movies.dat)" ;;
  beauty) say "  Amazon reviews 2014, Beauty: https://jmcauley.ucsd.edu/data/amazon/ (reviews_Beauty_5.json.gz, meta_Beauty.json.gz)" ;;
  toys) say "  Amazon reviews 2014, Toys and Games: https://jmcauley.ucsd.edu/data/amazon/ (reviews_Toys_and_Games_5.json.gz, meta_Toys_and_Games.json.gz)" ;;
  esac
  say "Then: make accuracy DATASET=$set DATA=folder-of-those-files"
  say "Or import the files yourself ('lite4rec data import --help') into $datasets/$1, or say DATASETS=folder."
}

# Tie rules are stated, and texts stay as they are (--keep-markup), so that data sets stay those of the records.
# sequences NAME FOLDER TIE FILE ITEMS [OPTION...]
sequences() {
  imported=$1 from=$2 tie=$3 file=$4 items=$5 # `name` is the row's
  shift 5
  run "$l4r" data import sequences "$from/$file" --items "$from/$items" --tie-label "$tie" --keep-markup "$@" \
    --name "$imported" --out "$datasets/$imported"
}

reviews() {
  run "$l4r" data import amazon-2014 "$data/reviews_$2_5.json.gz" "$data/meta_$2.json.gz" --kcore 5 \
    --tie item --keep-markup --name "$1" --out "$datasets/$1"
}

# The raw files are looked for in DATA and, named as publishers' archives unpack, in folders of it.
import() {
  ratings=$data
  [ -f "$data/ml-1m/ratings.dat" ] && ratings=$data/ml-1m
  case $1 in
  ml-1m-file) # the headline: ties in the order of ratings.dat, as in SASRec's and BERT4Rec's file
    if [ -f "$ratings/ratings.dat" ]; then
      run "$l4r" data import ml-1m "$ratings/ratings.dat" "$ratings/movies.dat" --kcore 5 --tie file --keep-markup \
        --name "$1" --out "$datasets/$1"
    elif [ -f "$data/ml-1m/ml1m_5core_fileorder_seq.txt" ]; then
      sequences "$1" "$data/ml-1m" file ml1m_5core_fileorder_seq.txt movies.dat
    else return 3; fi
    ;;
  ml-1m) # the second column, which tables flag: ties by item id, which inflate what knows order
    if [ -f "$ratings/ratings.dat" ]; then
      run "$l4r" data import ml-1m "$ratings/ratings.dat" "$ratings/movies.dat" --kcore 5 --tie item --keep-markup \
        --name "$1" --out "$datasets/$1"
    elif [ -f "$data/ml-1m/ml1m_5core_seq.txt" ]; then
      sequences "$1" "$data/ml-1m" item ml1m_5core_seq.txt movies.dat
    else return 3; fi
    ;;
  beauty | toys)
    archive=Beauty
    [ "$1" = toys ] && archive=Toys_and_Games
    if [ -f "$data/reviews_${archive}_5.json.gz" ]; then
      reviews "$1" "$archive"
    elif [ -f "$data/amazon/$1/sequential_data.txt" ]; then
      sequences "$1" "$data/amazon/$1" item sequential_data.txt items.tsv
    else return 3; fi
    ;;
  *) return 3 ;;
  esac
}

need_data() {
  [ -f "$datasets/$1/dataset.json" ] && return 0
  say "== data: $1"
  import "$1"
  code=$?
  [ $code -eq 0 ] && return 0
  if [ $code -eq 3 ] && [ ! -f "$datasets/$1/dataset.json" ]; then
    say "accuracy: no data set $datasets/$1, and no files in $data to import it from. Get them from their publisher:"
    where_to_get "$1"
  fi
  exit $code
}

# --- rows -----------------------------------------------------------------------------------------

# The rows to do as lines "name row data kind seed minutes floor tried arm options".
instances() {
  sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$rowfile" |
    while read -r row on kind seeds minutes floor tried arm options; do
      for seed in $(printf '%s' "$seeds" | tr , ' '); do
        case " $options " in *" PRETRAINED "*) [ -n "$pretrained" ] || continue ;; esac
        name=$row-$seed
        [ "$seed" = - ] && name=$row
        if [ -n "$wanted" ]; then
          case " $wanted " in *" $name "* | *" $row "*) ;; *) continue ;; esac
        fi
        printf '%s\n' "$name $row $on $kind $seed $minutes $floor $tried $arm $options"
      done
    done
}

# What a row is made with, to see later whether it still is. Of the second line only the record hangs.
trained_with() { printf '%s\n' "train $kind $options $extra seed=$seed minutes=$minutes data=$on"; }
measured_with() { printf '%s\n' "run $arm row=$row floor=$floor tried=$tried"; }

is_done() { # NAME: its record is there and made as the table says
  ls "$out/runs/$1"/*.jsonl >/dev/null 2>&1 && [ "$(cat "$out/runs/$1/made-with" 2>/dev/null)" = "$(trained_with; measured_with)" ]
}

train_row() {
  model=$out/models/$name
  if [ -f "$model/trained" ]; then return 0; fi
  mkdir -p "$model" || return 4
  trained_with >"$model/made-with" || return 4
  set -- train "$kind" --data "$datasets/$on" --out "$model"
  [ "$seed" != - ] && set -- "$@" --seed "$seed" --minutes "$minutes"
  if [ -f "$model/training.state" ] || [ -f "$model.training/training.state" ]; then
    set -- "$@" --resume
  elif [ -f "$model/config.json" ]; then
    set -- "$@" --force # counts of an interrupted run
  fi
  # Unquoted: lists of options.
  for word in $options; do
    [ "$word" = PRETRAINED ] && word=$pretrained
    set -- "$@" "$word"
  done
  if [ "$seed" = - ]; then run "$l4r" "$@"; else run "$l4r" "$@" $extra; fi || return
  : >"$model/trained"
}

measure_row() {
  runs=$out/runs/$name
  aside=$out/.measured # beside the records, not among them
  rm -rf "$aside" || return 4
  case $arm in
  *:*) of="${arm%%:*}@$model:${arm#*:}" ;;
  *) of="$arm@$model" ;;
  esac
  set -- run --arm "$of" --data "$datasets/$on" --threads 1 --rounds 1 --counters none \
    --row "$row" --out "$aside"
  [ "$tried" != - ] && set -- "$@" --settings-tried "$tried"
  [ "$floor" != - ] && set -- "$@" --floor "$floor"
  run "$l4r" "$@" >&2 || return
  { trained_with; measured_with; } >"$aside/made-with" || return 4
  rm -rf "$runs" && mv "$aside" "$runs"
}

# A row of other settings than the table's is not thrown away unasked: hours may be in it.
check_settings() {
  model=$out/models/$name
  [ -f "$model/made-with" ] || return 0
  [ "$(cat "$model/made-with")" = "$(trained_with)" ] && return 0
  if [ "${REDO:-0}" = 1 ]; then
    rm -rf "$model" "$model.training"
    return 0
  fi
  say "accuracy: $name was made with other settings than $rowfile has now:"
  say "  made: $(cat "$model/made-with")"
  say "  now:  $(trained_with)"
  say "  REDO=1 makes it anew; ROWS=... leaves it out"
  return 1
}

do_row() {
  check_settings || return 1
  need_data "$on"
  bound=
  [ "$minutes" != - ] && bound=", at most $minutes minutes of training"
  say "== $name: $kind on $on$bound"
  train_row || return
  measure_row
}

# --- all ------------------------------------------------------------------------------------------

plan() {
  total=0 rows=0
  while read -r name row on kind seed minutes floor tried arm options; do
    if is_done "$name"; then
      say "  $name: done"
      continue
    fi
    rows=$((rows + 1))
    [ "$minutes" = - ] && minutes=0
    total=$((total + minutes))
    say "  $name: $kind on $on, at most $minutes minutes of training${options:+, $options}"
  done <"$list"
  say "  together: $rows rows, at most $total minutes ($((total / 60)) h $((total % 60)) min) of training and about a minute a row of measuring"
}

failed=
all_rows() {
  while read -r name row on kind seed minutes floor tried arm options <&3; do
    is_done "$name" && continue
    do_row
    code=$?
    [ $code -eq 0 ] && continue
    say "accuracy: row $name failed (exit $code); its message stands above"
    failed="$failed $name"
  done 3<"$list"
}

[ -f "$rowfile" ] || die 2 "no table of rows $rowfile; there are: $(cd "$here" && echo *.rows)"
[ -x "$l4r" ] || die 4 "$l4r is not there; run 'make' first"
[ -z "$pretrained" ] || [ -f "$pretrained/config.json" ] || die 3 "PRETRAINED=$pretrained is no Hugging Face folder: it has no config.json"
mkdir -p "$out/models" "$out/runs" || exit 4
exec 9>"$out/.lock"
flock -n 9 || die 4 "another 'make accuracy' is at work in $out"
list=$out/.rows
instances >"$list" || exit 4
[ -s "$list" ] || die 2 "ROWS='$wanted' names no row of $rowfile"
say "Rows of $set ($rowfile), into $out:"
[ -n "$pretrained" ] || ! grep -q '^[^#]* PRETRAINED' "$rowfile" ||
  say "  rows with a pretrained Item LLM are left out; PRETRAINED=FOLDER includes them"
plan
all_rows

code=0
if ls "$out"/runs/*/*.jsonl >/dev/null 2>&1; then
  say "== table"
  "$l4r" export accuracy "$out/runs" --markdown >"$out/.table.md" || code=$?
  mv "$out/.table.md" "$out/table.md" || exit 4
  cat "$out/table.md"
  printf '\n'
  "$l4r" claims "$out/runs" || code=$?
  logs=
  for folder in "$out"/models/*/; do
    [ -f "${folder}training.jsonl" ] && logs="$logs ${folder%/}"
  done
  if [ -n "$logs" ]; then
    MODELS=$logs LITE4REC=$l4r sh "$here/../../plots/plots.sh" - "$out/figures" || code=$?
  fi
fi
[ -z "$failed" ] || die 1 "not done:$failed"
exit $code
