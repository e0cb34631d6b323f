#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Fuzzes every reader of other people's files for FUZZ_SECONDS each (60). Usage: sh tests/fuzz/run.sh
# BUILD, where `make fuzz` has put the targets. Inputs that crash, hang or take too much memory stay in
# BUILD/found, and the script fails; `BUILD/fuzz-TARGET FILE` repeats one. The corpus in BUILD/corpus
# begins with a valid input of each kind and grows from run to run.
set -u
build=${1:?usage: sh tests/fuzz/run.sh BUILD}
seconds=${FUZZ_SECONDS:-60}
targets=${FUZZ_TARGETS:-safetensors config group record import consume gates}
kinds=${FUZZ_KINDS:-csv jsonl ml-1m ml-100k ml-latest amazon-2014 amazon-2018 amazon-2023 sequences lists pairs recbole}
l4r=${LITE4REC:-./lite4rec}
found=$build/found
mkdir -p "$found" || exit 4

seed() { # CORPUS NAME: standard input becomes an input
  mkdir -p "$build/corpus/$1"
  cat >"$build/corpus/$1/seed-$2"
}

# One tensor of two floats behind a header of 56 bytes, and one of two tensors.
printf '\070\000\000\000\000\000\000\000{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  \000\000\200\077\000\000\200\277' |
  seed safetensors one
printf '\170\000\000\000\000\000\000\000%-120s\000\000\000\000\000\000\200\077\000\000' \
  '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]}}' |
  seed safetensors two
seed gates sample <bench/ci/gate.json
echo '{"gates": [{"metric": "keep:HR@5", "margin": 0.03, "arm": "a@b", "scenario": "offline", "threads": 2}]}' | seed gates whole
for file in bench/groups/*.txt; do seed group "$(basename "$file")" <"$file"; done
for file in results/*/*.jsonl; do
  head -1 "$file" | seed record "$(basename "$file")"
done
models=$build/models
if [ ! -f "$models/pop/config.json" ]; then
  "$l4r" data synth --users 40 --items 80 --out "$models/data" >/dev/null || exit 4
  for kind in lite sasrec p5 p5-head lite-beam; do
    "$l4r" train $kind --data "$models/data" --size tiny --epochs 0 --force --out "$models/$kind" 2>/dev/null || exit 4
  done
  "$l4r" train pop --data "$models/data" --out "$models/pop" 2>/dev/null || exit 4
fi
for folder in "$models"/*/; do
  if [ -f "$folder/config.json" ]; then seed config "$(basename "$folder")" <"$folder/config.json"; fi
done
if [ ! -d "$models/runs" ]; then
  "$l4r" run --arm blis@"$models/lite" --arm beam@"$models/p5" --arm heuristic@"$models/pop" --data "$models/data" \
    --rounds 5 --users 36 --min-time .001 --min-count 36 --pin none --out "$models/runs" --quiet >/dev/null 2>&1 || exit 4
fi
for file in "$models"/runs/*.jsonl; do
  { # the records, the samples and the ranks of the first of them
    cat "$file"
    names=$(head -1 "$file" | grep -o '"samples":"[^"]*"' | cut -d '"' -f 4) # of ranks, then of samples
    for name in $(echo "$names" | tail -1) $(echo "$names" | head -1); do
      printf -- '-----\n'
      gunzip -c "$models/runs/$name"
      echo
    done
  } | seed consume run
  head -2 "$file" | seed consume two
done
seed import-ml-1m good <<'E'
1::1193::5::978300760
1::661::3::978302109
1::914::3::978301968
2::1193::4::978298413
2::661::4::978298413
2::914::4::978298500
-----
1193::One Flew Over the Cuckoo's Nest (1975)::Drama
661::James and the Giant Peach (1996)::Animation|Children's|Musical
E
printf '1\t10\t5\t100\n1\t11\t3\t101\n1\t12\t4\t102\n-----\n10|Toy (1995)|01-Jan-1995||u|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0\n' |
  seed import-ml-100k good
seed import-ml-latest good <<'E'
userId,movieId,rating,timestamp
1,1,4.0,964982703
1,3,4.0,964981247
1,6,4.5,964982224
-----
movieId,title,genres
1,"American President, The (1995)",Comedy|Drama|Romance
3,Grumpier Old Men (1995),Comedy|Romance
E
seed import-amazon-2014 good <<'E'
{"reviewerID": "A1", "asin": "B1", "unixReviewTime": 1}
{"reviewerID": "A1", "asin": "B2", "unixReviewTime": 2}
{"reviewerID": "A1", "asin": "B3", "unixReviewTime": 3}
-----
{'asin': 'B1', 'title': 'It\'s "one"', 'brand': u'x\u00e9', 'categories': [['Beauty', 'Hair']], 'price': 1.5, 'salesRank': {'Beauty': 3}}
E
printf '1 2 3 4 5\n2 3 4 5\n-----\nitem_id\ttitle\tbrand\tcategories\n2\tTwo\tx\ta, b\n' | seed import-sequences good
printf '7 8 9\n-----\n7::Seven (1995)::Crime|Thriller\n' | seed import-sequences movies
printf 'user_id:token\titem_id:token\trating:float\ttimestamp:float\nu\ta\t1\t1\nu\tb\t1\t2\nu\tc\t1\t3\n-----\nitem_id:token\ttitle:token_seq\na\tan item\n' |
  seed import-recbole good

# The first letter chooses options; see tests/fuzz/import.c.
printf 'Auser,item,time\n1,"a\n""b""",2001-02-03 04:05:06.5Z\n1,b,2001-02-03\n1,c,2001-02-04T00:00+01:00\n-----\nitem,title\n"a\n""b""",<b>x</b>&amp;amp;\n' |
  seed import-csv quotes
printf 'Buser\titem\ttime\n1\t7\t1588687728923\n1\t8\t1588687728924\n1\t9\t1588687728925.5\n-----\n{"item": 7, "title": ["a", "b"]}\n' |
  seed import-csv jsonl
printf 'a{"user": 1, "item": 12345678901234567890123, "time": 1.5e9}\n{"user": 1, "item": "b", "time": "2"}\n{"user": 1, "item": 3.0, "time": 3}\n-----\n{"item": "b", "title": "&#8230;"}\n' |
  seed import-jsonl good
printf 'u a b c\n0 1 2 3\n' | seed import-lists good
printf '1 20\n1 30\n1 40\n' | seed import-pairs good
for year in 2018 2023; do
  printf '{"user_id": "A", "asin": "B", "parent_asin": "C", "timestamp": 1588687728923}\n{"reviewerID": "A", "asin": "D", "unixReviewTime": 1588687728}\n{"user_id": "A", "asin": "E", "timestamp": 1}\n-----\n{"asin": "D", "category": ["x", "y"], "store": "s"}\n' |
    seed import-amazon-$year good
done

failed=
fuzz() { # TARGET CORPUS
  echo "== $2, $seconds s" >&2
  log=$build/$2.log
  if "$build/fuzz-$1" "$build/corpus/$2" -max_total_time="$seconds" -max_len="$([ "$1" = consume ] && echo 131072 || echo 8192)" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$found/$2-" >"$log" 2>&1; then
    sed -n 's/^stat::number_of_executed_units: */  inputs /p; s/^.*cov: \([0-9]*\) .*DONE.*/  places reached \1/p' "$log" | tail -2 >&2
    return
  fi
  tail -40 "$log" >&2
  failed="$failed $2"
}
for target in $targets; do
  if [ "$target" != import ]; then
    fuzz "$target" "$target"
    continue
  fi
  for kind in $kinds; do L4R_FUZZ_KIND=$kind fuzz import "import-$kind"; done
done
if [ -n "$failed" ]; then
  echo "fuzz: found something in$failed; inputs in $found, logs in $build" >&2
  exit 1
fi
echo "fuzz: nothing found in $seconds s each"
