#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The path of a hardware vendor: the machine on one screen, records of two machines side by side, and a gate that
# refuses to compare them. Usage: vendor.sh; LITE4REC names the program (./lite4rec). Synthetic data; the second machine
# is this one under another name.
set -eu
person=vendor
# shellcheck source=tests/people/prelude.sh
. "$(dirname "$0")/prelude.sh"
passing_folder
export LC_ALL=C TERM=dumb

# every member named is in the JSON of out, which is one object
members() { for member in "$@"; do grep -q "^ *\"$member\":" out || fail "no member $member"; done; }
is_json() { ! command -v python3 >/dev/null || python3 -m json.tool out >/dev/null || fail "not JSON"; }

say "sees the machine on one screen"
ran 0 info
for fact in processor ISA topology caches memory clock system BLAS counters energy 'machine key'; do grep -q "^$fact" out || fail "no line '$fact'"; done
grep -q 'stepping' out && grep -q 'SMT' out && grep -q 'governor' out && grep -q 'huge pages' out || fail "a setting is not told"
[ "$(wc -l <out)" -le 32 ] || fail "more than a screen"
awk 'length($0) > 80 { exit 1 }' out || fail "a line of more than 80 columns"
ran 0 info --json && is_json && members cpu cpu_id isa clock blis_choice counters energy machine_key warnings
ran 0 info --counters --json && is_json && members advice groups
ran 2 info --members --json && says 'has no JSON'
ran 0 info --engines && says 'heuristic'

say "measures two machines"
"$l4r" data synth --users 300 --items 80 --out data >/dev/null
"$l4r" train pop --data data --out pop 2>/dev/null
"$l4r" train itemknn --data data --out knn 2>/dev/null
ran 2 run --arm heuristic@pop --data data --label '' --out a && says '--label is a name'
for label in A B; do
  ran 0 run --arm heuristic@pop --arm heuristic@knn --data data --rounds 5 --users 60 --min-time 0.05 --counters none --label "Machine $label" --out "$label" --quiet
  grep -q "\"label\":\"Machine $label\"" "$label"/*.jsonl || fail "the record has no label"
done
ran 0 verify A B

say "sees them side by side, with ratios"
ran 0 compare --across machines A B
says 'Machine A' && says 'Machine B' && says ' times' && says 'on heuristic@pop, single-stream'
ran 0 compare --across machines A B --json && is_json
ran 0 compare --across machines A B --markdown && says 'heuristic@knn`'
ran 3 compare --across machines A && says 'all records are of one machine'
ran 2 compare --across machines A B --gate 3% && says 'a gate judges records of one machine'
ran 2 compare --across brands A B && says '--across takes machines'
ran 0 report A B --out page.html
grep -q 'Machine A' page.html && grep -q 'speed, first = 1' page.html || fail "the page has no machines side by side"

say "is refused a gate over two machines"
ran 3 compare A B --gate 50% && says 'a gate judges one machine'
say "done"
