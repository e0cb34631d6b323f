#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Writes what the READMEs of results/ are to say: each table between marks is made of the records again.
# Usage: sh bench/experiments/results_readme.sh OUT
# OUT/README.md, OUT/FOLDER/README.md: the new texts; `make results-readme` puts them in place, a test compares. A mark is a line
#   <!-- made by 'make results-readme': COMMAND -->   COMMAND: `export ...` of the program, or `index`, the list of folders
# and the table ends at <!-- end of table -->.
set -eu
export LC_ALL=C # the order of folders
out=${1:?usage: results_readme.sh OUT}
l4r=${LITE4REC:-./lite4rec}
records=${RECORDS:-results}

# A row a folder: its README's title, then what its records say. Fields of CSV may hold commas in quotes.
folders() {
  echo "| folder | what it is | records | data | scenarios | measured |"
  echo "|---|---|--:|---|---|---|"
  for readme in "$records"/*/README.md; do
    folder=$(dirname "$readme")
    "$l4r" export csv "$folder" | awk -v folder="$(basename "$folder")" -v title="$(sed -n '1s/^# //p' "$readme")" '
      function fields(line, i, c, n, quoted) {
        n = 1
        split("", field)
        for (i = 1; i <= length(line); i++) {
          c = substr(line, i, 1)
          if (c == "\"") quoted = !quoted
          else if (c == "," && !quoted) n++
          else field[n] = field[n] c
        }
        return n
      }
      function once(name, value) {
        if (value == "" || (name, value) in seen) return
        seen[name, value] = 1
        list[name] = list[name] (list[name] == "" ? "" : ", ") value
      }
      NR == 1 { n = fields($0); for (i = 1; i <= n; i++) at[field[i]] = i; next }
      {
        fields($0)
        records++
        once("dataset", field[at["dataset"]]); once("scenario", field[at["scenario"]])
        day = substr(field[at["time"]], 1, 10)
        if (first == "" || day < first) first = day
        if (day > last) last = day
      }
      END {
        printf "| [%s](%s/README.md) | %s | %d | %s | %s | %s |\n", folder, folder, title, records, list["dataset"],
          list["scenario"], first == last ? first : first " to " last
      }'
  done
}

# What stands between a mark and its end. `export accuracy` exits with 1 where a row is below its floor, which its table says.
made() {
  if [ "$1" = index ]; then folders; return; fi
  code=0
  # shellcheck disable=SC2086 # a command line
  "$l4r" $1 --format markdown 2>"$out/errors" || code=$?
  [ "$code" -le 1 ] || { cat "$out/errors" >&2; exit "$code"; }
}

rm -rf "$out"
mkdir -p "$out"
for readme in "$records"/README.md "$records"/*/README.md; do
  new=$out/${readme#"$records"/}
  mkdir -p "$(dirname "$new")"
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      "<!-- end of table -->") skip= ;;
    esac
    [ -n "${skip:-}" ] || printf '%s\n' "$line"
    case $line in
      "<!-- made by 'make results-readme': "*)
        command=${line#*: }
        printf '\n'
        made "${command% -->}"
        printf '\n'
        skip=1
        ;;
    esac
  done <"$readme" >"$new"
  [ -z "${skip:-}" ] || { echo "results_readme: $readme has a mark without its end" >&2; exit 3; }
done
rm -f "$out/errors"
