#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Shows that the analyser of `make lint` fails on planted faults and passes the same code without them: a lint that analysed
# nothing, or whose list of checks had lost its effect, would be clean as well.
#   CLANG_TIDY="clang-tidy ..." sh tests/lint/planted.sh FOLDER FLAGS...
folder=$1; shift
mkdir -p "$folder"
# Writes the code, which stands in standard input, and analyses it.
analyse() {
  planted=$folder/$1; shift
  cat >"$planted.c" && $CLANG_TIDY "$planted.c" -- "$@" >"$planted.txt" 2>&1
}
must_fail() {
  if analyse "$@"; then echo "planted: the analyser passed $folder/$1.c" >&2; exit 1; fi
  grep -q "\[$check" "$folder/$1.txt" || { cat "$folder/$1.txt"; echo "planted: no finding of $check in $folder/$1.c" >&2; exit 1; }
}

check=clang-analyzer-core.NullDereference
must_fail null "$@" <<'C'
int f(int *p);
int f(int *p) {
  return p ? 0 : *p;
}
C
check=clang-analyzer-unix.Malloc
must_fail lost "$@" <<'C'
#include <stdlib.h>
int f(int n);
int f(int n) {
  int *p = malloc(sizeof *p);
  if (!p || n < 0) return 1;
  *p = n;
  free(p);
  return 0;
}
C
check=bugprone-too-small-loop-variable
must_fail short "$@" <<'C'
int f(int n);
int f(int n) {
  int sum = 0;
  for (short i = 0; i < n; i++) sum += i;
  return sum;
}
C
# What a call leaves uninitialised when it fails is not read, because the code of a failure is not 0; where it returns 0, it is.
code() {
  cat <<C
#include "impl/base/error.h"
int f(int n);
static int get(int n, int *out) {
  if (n < 0) return $1;
  *out = n;
  return L4R_OK;
}
int f(int n) {
  int value;
  return get(n, &value) ? 0 : value + 1;
}
C
}
check=clang-analyzer-core.UndefinedBinaryOperatorResult
code L4R_OK | must_fail read "$@" || exit 1
code 'l4r_fail(L4R_USAGE, "below 0")' | analyse failed "$@" ||
  { cat "$folder/failed.txt"; echo "planted: the analyser refused $folder/failed.c" >&2; exit 1; }
