# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=sh
# How the scripts of this folder say what they found; read by them with `.`.
verdict() { # NAME CODE FILE: what the command of that code said is shown when it failed
  if [ "$2" -eq 0 ]; then
    echo "[PASS] $1"
  else
    tail -40 "$3" | awk '{ print "  | " $0 }' # its own [PASS] are not ours; its last line may have no end
    echo "[FAIL] $1"
  fi
}
skip() { echo "[SKIP] mpi::$1: $2"; } # NAME WHY

# The numbers of the processes whose command line has the pattern, the oldest first. (A minimal system has no pgrep.)
running() { # PATTERN
  for line in /proc/[0-9]*/cmdline; do
    process=${line#/proc/}
    tr '\0' ' ' 2>/dev/null <"$line" | sed 's/ $//' | grep -qE -- "$1" && echo "${process%/cmdline}"
  done | sort -n
}
