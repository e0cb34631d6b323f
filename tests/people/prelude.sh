# SPDX-License-Identifier: BSD-3-Clause
# What the scripts of tests/people share; sourced by them, with `person` set to the script's name. Gives l4r (the program, LITE4REC
# or ./lite4rec, by its whole path) and the functions below. The first thing that is not as it should be ends the script.
# shellcheck shell=sh disable=SC2154,SC2034
l4r=$(realpath "${LITE4REC:-./lite4rec}")
here=$(cd "$(dirname "$0")/../.." && pwd)

say() { printf '%s: %s\n' "$person" "$*"; }
fail() {
  printf '%s: FAILED: %s\n' "$person" "$*" >&2
  for file in "$said" "$said.err"; do [ ! -f "$file" ] || tail -n 60 "$file" >&2; done
  exit 1
}
# A new folder of this person's below OUT (build/people), which stays; what a command says goes to $said in it.
own_folder() {
  out=${OUT:-build/people}/$person
  rm -rf "$out"
  mkdir -p "$out"
  said=$out/said
}
# A folder that goes when the script ends, and is the one to work in.
passing_folder() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cd "$work" || exit 1
  said=out
}
# expect CODE COMMAND...: the command's exit code; both its outputs go to $said.
expect() {
  wanted=$1
  shift
  code=0
  rm -f "$said.err"
  "$@" >"$said" 2>&1 </dev/null || code=$?
  [ "$code" -eq "$wanted" ] || fail "exit code $code in place of $wanted: $*"
}
# ran CODE WORDS...: the same of lite4rec WORDS, with what it writes as errors in $said.err.
ran() {
  wanted=$1
  shift
  code=0
  "$l4r" "$@" >"$said" 2>"$said.err" </dev/null || code=$?
  [ "$code" -eq "$wanted" ] || fail "lite4rec $*: exit code $code in place of $wanted"
}
found() { grep -sqF -- "$1" "$said" "$said.err"; }
says() { found "$1" || fail "'$1' is not said"; }
lacks() { ! found "$1" || fail "'$1' is said"; }
