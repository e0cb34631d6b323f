#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The communicator among 1, 2 and 3 ranks, and what happens when one of them dies. Run by tests/mpi/run.sh.
set -u
. "$(dirname "$0")/says.sh"

"$COMM_TESTS" >said 2>&1 && grep -q '1 ranks, none: one rank' said
verdict "alone, as one rank that never starts MPI" $? said
for ranks in 1 2 3; do
  # shellcheck disable=SC2086
  timeout 500 $MPIRUN -n $ranks "$COMM_TESTS" >said 2>&1 && [ "$(grep -c '^\[PASS\]' said)" -eq 3 ]
  verdict "every call among $ranks ranks" $? said
done
if [ -z "${MPI_LARGE:-}" ]; then
  skip "a message above 2^31 bytes" "it takes 6 GB of memory; MPI_LARGE=1 and make check run it (shorter ones go in parts above)"
else
  # shellcheck disable=SC2086
  timeout 500 $MPIRUN -n 2 "$COMM_TESTS" large >said 2>&1
  code=$?
  if grep -q '^\[SKIP\]' said; then sed -n 's/^\[SKIP\] /[SKIP] mpi::/p' said; else verdict "a message above 2^31 bytes" $code said; fi
fi

# Open MPI's launcher (4.1.4, PMIx 4.2.2) now and then dies of a null pointer while it ends what failed. That is
# its fault and hides ours: such a run is repeated, and says so.
launcher_died() { # CODE
  [ "$1" -eq 139 ] && grep -q 'PMIx_server_finalize' said && grep -q 'mpirun[.a-z]*(+0x' said
}
# Ends badly on the last of three ranks, HOW, and says WHAT; all end within ten seconds.
ends() { # HOW CODE WHAT...
  how=$1 wanted=$2
  shift 2
  for try in 1 2 3; do
    began=$(date +%s)
    # shellcheck disable=SC2086
    timeout 60 $MPIRUN -n 3 "$COMM_TESTS" "$how" >said 2>&1 </dev/null
    code=$? took=$(($(date +%s) - began)) bad=0
    launcher_died $code || break
    echo "mpi: the launcher itself died at '$how' (try $try of 3)" >&2
  done
  for what in "$@"; do grep -q -- "$what" said || { echo "it does not say: $what" >>said; bad=1; }; done
  [ $code -ne 0 ] && { [ "$wanted" = any ] || [ $code -eq "$wanted" ]; } || { echo "it ended with $code" >>said; bad=1; }
  [ $took -le 10 ] || { echo "it took $took s" >>said; bad=1; }
  [ -z "$(running "$COMM_TESTS $how")" ] || { echo "ranks are left" >>said; bad=1; }
  verdict "ends all: $how" $bad said
}
host=$(uname -n)
# Who was killed cannot say so: the launcher does. MPICH's names host and process, and not the rank.
case $MPI_NAME in *mpich*) killed="RUNNING AT $host" ;; *) killed="process rank 2 .* on node ${host%%.*}" ;; esac
for how in killed-in-step killed-in-gather killed-in-barrier; do ends $how any "$killed"; done
ends fails 3 "rank 2 on host $host: items.tsv:3: no such item; all 3 ranks end"
ends short-message 4 "rank 0 on host $host: rank 2 sent 10 bytes where 20 were expected"
