#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs a Criterion binary and fails unless it ran more than zero tests and none failed; Criterion
# itself exits 0 when nothing matched. Usage: tests/run.sh [--isa NAME] BINARY [criterion options]
# --isa: as if the processor had no more than that set of instructions (tests/support/isa.c).
# In the environment: UNDER="valgrind -q ..." (a program that runs it), JOBS (tests at a time; as many as
# there are processors), TIMEOUT (seconds that a test may take; 240), KERNELS (a file for the names of the kernels that the tests reached, which
# tests/kernels.sh counts).
set -u
if [ "$1" = --isa ]; then
  export LITE4REC_TESTS_ISA="$2"
  shift 2
fi
binary=$1
shift
log=$(mktemp) || exit 4
# What the tests measure is nothing to this user's cache.
XDG_CACHE_HOME=$(mktemp -d) || exit 4
export XDG_CACHE_HOME
trap 'rm -rf "$log" "$log.pid" "$XDG_CACHE_HOME"' EXIT
# shellcheck disable=SC2086
sh -c 'echo $$ >"$0"; exec "$@"' "$log.pid" ${UNDER:-} "$binary" "-j${JOBS:-$(nproc)}" --timeout "${TIMEOUT:-240}" "$@" >"$log.out" 2>&1
code=$?
# Now and then Criterion's library loses 48 bytes of its own in the process that starts the tests, of which
# LeakSanitizer makes that process's exit code; tests are processes of their own.
report=$(printf '%s' "${ASAN_OPTIONS:-}" | sed -n 's/.*log_path=\([^:]*\).*/\1/p').$(cat "$log.pid")
if [ "$code" -ne 0 ] && grep -q 'ERROR: LeakSanitizer' "$report" 2>/dev/null &&
  ! grep -E '^ +#[0-9]' "$report" | grep -qvE 'libsanitizer|libcriterion'; then
  echo "the runner leaked, in libcriterion alone: $(tail -n 1 "$report")"
  code=0
fi
mv "$log.out" "$log"
cat "$log"
[ -z "${KERNELS:-}" ] || { mkdir -p "$(dirname "$KERNELS")" && grep -a '^\[KERNEL\]' "$log" >"$KERNELS"; }
line=$(grep -a 'Synthesis: Tested:' "$log" | tail -1 | sed 's/\x1b\[[0-9;]*m//g')
tested=$(printf '%s' "$line" | sed -n 's/.*Tested: \([0-9]*\).*/\1/p')
passing=$(printf '%s' "$line" | sed -n 's/.*Passing: \([0-9]*\).*/\1/p')
failing=$(printf '%s' "$line" | sed -n 's/.*Failing: \([0-9]*\).*/\1/p')
skips=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -a '^\[SKIP\]')
skipped=$(printf '%s' "$skips" | grep -c '^')
bad=${failing:-0} # crashed ones are among them
# A log of which only the end is kept must still say what failed.
failed=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -aE '^\[(FAIL|ERR |----)\]|crashed during its setup' | tail -40)
[ "$bad" -eq 0 ] || printf 'what failed:\n%s\n' "$failed"
# Criterion counts a test that crashes in its setup or teardown as passing.
if grep -aq 'crashed during its setup or teardown' "$log"; then
  echo "a test crashed in its setup or teardown" >&2
  bad=$((bad + 1))
fi
if [ "${tested:-0}" -eq 0 ]; then
  echo "no test ran" >&2
  exit 1
fi
[ "$skipped" -eq 0 ] || printf 'what was skipped:\n%s\n' "$skips"
echo "${passing:-0} passed, $bad failed, ${skipped:-0} skipped"
[ "$code" -eq 0 ] && [ "$bad" -eq 0 ]
