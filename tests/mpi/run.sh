#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs what several ranks run together: every other script of this folder, or those that are named. Each
# finds in its environment LITE4REC and COMM_TESTS, programs with MPI in them, PLAIN_LITE4REC, one
# without, MPIRUN, the launcher with the options that any machine needs (as in `$MPIRUN -n 2 $LITE4REC`;
# not to be quoted), and MPI_NAME; it stands in an empty folder, and prints a line for each test:
# "[PASS] name", "[FAIL] name" or "[SKIP] mpi::name: why" (tests/mpi/says.sh).
# Usage: sh tests/mpi/run.sh NAME..., with LITE4REC, PLAIN_LITE4REC, COMM_TESTS, MPI_NAME (ompi-c or
# another of pkg-config's names) set; no name runs all.
set -u
here=$(cd "$(dirname "$0")" && pwd)
case $MPI_NAME in
*mpich*) MPIRUN=mpirun.mpich plain=mpiexec.hydra options= ;;
*) MPIRUN=mpirun.openmpi plain=mpirun options='--oversubscribe --allow-run-as-root --bind-to none' ;;
esac
command -v $MPIRUN >/dev/null || MPIRUN=$plain
command -v $MPIRUN >/dev/null || { echo "[SKIP] mpi::$MPI_NAME: $MPIRUN is not installed"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
MPIRUN="$MPIRUN $options"
LITE4REC=$(realpath "$LITE4REC") && PLAIN_LITE4REC=$(realpath "$PLAIN_LITE4REC") && COMM_TESTS=$(realpath "$COMM_TESTS") || exit 4
# Open MPI looks for networks that these tests do not need.
export LITE4REC PLAIN_LITE4REC COMM_TESTS MPIRUN MPI_NAME OMPI_MCA_btl=self,vader,tcp OMPI_MCA_pml=ob1
base=$(mktemp -d) || exit 4
trap 'rm -rf "$base"' EXIT
trap 'exit 4' INT TERM
export XDG_CACHE_HOME="$base/cache"
wanted=$*
[ -n "$wanted" ] || wanted=$(cd "$here" && ls | sed -n 's/\.sh$//p' | grep -vx 'run\|says\|agent')
for name in $wanted; do
  mkdir "$base/$name"
  (cd "$base/$name" && sh "$here/$name.sh") >"$base/$name.log" 2>&1
  code=$?
  cat "$base/$name.log"
  grep -aq '^\[\(PASS\|FAIL\|SKIP\)\]' "$base/$name.log" || echo "[FAIL] $name: it tested nothing" | tee -a "$base/$name.log"
  [ $code -eq 0 ] || grep -aq '^\[FAIL\]' "$base/$name.log" || echo "[FAIL] $name: it ended with $code" | tee -a "$base/$name.log"
done
all() { cat "$base"/*.log | grep -ac "^\[$1\]"; }
failed=$(all FAIL)
[ "$failed" -eq 0 ] || { echo "what failed:"; cat "$base"/*.log | grep -a '^\[FAIL\]'; }
echo "$(all PASS) passed, $failed failed, $(all SKIP) skipped"
[ "$failed" -eq 0 ]
