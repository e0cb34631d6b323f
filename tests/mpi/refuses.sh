#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What cannot run as several ranks says so once, with code 2. Run by tests/mpi/run.sh.
set -u
. "$(dirname "$0")/says.sh"

refused() { # NAME WHAT PROGRAM WORD...
  name=$1 what=$2
  shift 2
  # shellcheck disable=SC2086
  timeout 100 $MPIRUN -n 2 "$@" >said 2>&1
  code=$?
  bad=0
  [ $code -eq 2 ] || { echo "it ended with $code" >>said; bad=1; }
  [ "$(grep -c -- "$what" said)" -eq 1 ] || { echo "it does not say once: $what" >>said; bad=1; }
  verdict "$name" $bad said
}
refused "a binary without MPI refuses to run as ranks" "built without MPI; build it with 'make MPI=1'" "$PLAIN_LITE4REC" run --arm heuristic@m --data d
refused "a binary without MPI refuses to train as ranks" "built without MPI" "$PLAIN_LITE4REC" train pop --data d --out m
refused "a command of one process is refused" "this command is one process's" "$LITE4REC" info
refused "it is refused without MPI too" "this command is one process's" "$PLAIN_LITE4REC" data check d
# shellcheck disable=SC2086
timeout 100 $MPIRUN -n 2 "$LITE4REC" --version >said 2>&1 && [ "$(grep -c '^lite4rec ' said)" -eq 2 ]
verdict "the version is no command" $? said
