#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Shows that the tests of the kernels can fail: builds each kernel again and again with one thing in it changed (an
# instruction, an operand, a half, an offset), links the tests with that one object, and expects them to fail.
# A table (tests/mutants/*.tsv) has a line a mutant, fields apart by tabs:
#   source   the file that is compiled               changed  the file in which something is changed
#   needs    the row that must run here, or -        suites   of the tests: a pattern for --filter
#   from     text of one line, as it stands there    to       what stands there instead
# Usage: sh tests/mutants.sh FOLDER TABLE...
#        sh tests/mutants.sh --check TABLE...   only looks whether the texts stand where the tables say
# In the environment: COMPILE (the compiler with its flags), LINK and LIBS (how tests are linked around one object),
# OBJECTS (of the tests, and the library last), BESIDE (objects that are linked in place of the library's where another
# is changed), ROWS (what tests/run.sh wrote of the rows that run here).
set -u
folder=${1:?usage: sh tests/mutants.sh FOLDER|--check TABLE...}
shift
cat "$@" | while IFS='	' read -r source changed _ _ from _; do
  case $source in '' | '#'*) continue ;; esac
  grep -qF -e "$from" "$changed" || echo "mutants: '$from' does not stand in $changed any more; mend the table"
done | { ! grep . ; } >&2 || exit 1
[ "$folder" != --check ] || exit 0
rm -rf "$folder/mutant" && mkdir -p "$folder/mutant" || exit 4
killed=0 lived=0 unrun=0 all=0
while IFS='	' read -r source changed needs suites from to; do
  case $source in '' | '#'*) continue ;; esac
  all=$((all + 1))
  if [ "$needs" != - ] && ! grep -qE "^\[KERNEL\] (native|emulated): $needs$" "$ROWS"; then
    unrun=$((unrun + 1))
    continue
  fi
  copy=$folder/mutant/$changed object=$folder/mutant/mutant.o tests=$folder/mutant/tests
  mkdir -p "$(dirname "$copy")"
  FROM=$from TO=$to awk '
    { at = index($0, ENVIRON["FROM"])
      if (at && !done) { $0 = substr($0, 1, at - 1) ENVIRON["TO"] substr($0, at + length(ENVIRON["FROM"])); done = 1 }
      print }
    END { exit !done }' "$changed" >"$copy" || exit 1
  [ "$source" = "$changed" ] && compiled=$copy || compiled=$source
  # The changed file is found before the true one, whatever -I the flags hold.
  # shellcheck disable=SC2086
  if ! $COMPILE -iquote "$folder/mutant" -I. -w -c -o "$object" "$compiled" 2>"$folder/mutant/log"; then
    echo "mutants: with '$to' for '$from', $changed does not compile:" >&2
    cat "$folder/mutant/log" >&2
    exit 1
  fi
  others=
  for other in ${BESIDE:-}; do
    [ "$(basename "$other" .o)" = "$(basename "$source" .c)" ] || others="$others $other"
  done
  # shellcheck disable=SC2086
  $LINK -o "$tests" "$object" $others $OBJECTS $LIBS || exit 1
  if sh tests/run.sh "$tests" --filter "$suites" >"$folder/mutant/log" 2>&1; then
    lived=$((lived + 1))
    echo "mutants: no test of $suites notices '$to' for '$from' in $changed" >&2
  elif grep -q 'no test ran' "$folder/mutant/log"; then
    echo "mutants: there is no test $suites" >&2
    exit 1
  else
    killed=$((killed + 1))
  fi
  rm -f "$copy"
done <<END
$(cat "$@")
END
[ $unrun -eq 0 ] || note=", $unrun not run, for want of the instructions"
echo "mutants: $killed of $((all - unrun)) killed${note:-}" | tee "$folder/mutants"
[ $lived -eq 0 ] && [ $killed -gt 0 ]
