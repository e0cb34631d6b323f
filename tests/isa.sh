#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs the stack's suites once for every instruction set that can be forced (tests/run.sh --isa),
# except the one that this processor takes by itself, which `make test` runs. It names what it does not run.
# Usage: sh tests/isa.sh BINARY
set -u
binary=${1:?usage: sh tests/isa.sh BINARY}
flags=" $(grep -m 1 '^flags' /proc/cpuinfo 2>/dev/null) "
has() { for flag in "$@"; do case $flags in *" $flag "*) ;; *) return 1 ;; esac; done; }
own=portable
has avx2 fma && own=avx2
has avx2 fma avx512f avx512dq avx512bw avx512vl && own=avx512
failed=0 passed=0 lacking=
for isa in portable avx2 avx512; do
  if [ "$isa" = $own ]; then
    echo "isa: $isa is what this processor takes by itself; make test runs it"
    lacking=yes
  elif [ $lacking ]; then
    echo "isa: $isa not run, this processor lacks it"
  else
    echo "isa: $isa"
    sh tests/run.sh --isa $isa "$binary" --filter '@(blis_*|stack_*|beam_*|lite*)/*' &&
      passed=$((passed + 1)) || failed=$((failed + 1))
  fi
done
echo "isa: $passed sets passed, $failed failed"
[ $failed -eq 0 ]
