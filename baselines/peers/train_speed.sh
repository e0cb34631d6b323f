#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# shellcheck disable=SC2089,SC2090 # JSON for a script that is started
# Training speed of lite4rec beside PyTorch, interleaved, on the same models, batches and threads.
# Prints a table and writes a record. Settings, all with defaults:
#
#   DATA=FOLDER          a data set (default: synthetic, made by `lite4rec data synth`)
#   ARMS="..."           sasrec-SIZE, lite-id-SIZE, lite-text-SIZE, p5-SIZE
#   THREADS=N            of both sides (all processors)
#   ROUNDS=3             pairs of runs an arm; ROUND_SECONDS=8 of steps a run
#   PRECISION=fp32       bf16: allowed on both sides (PyTorch by autocast), each takes the faster one
#   BLAS=FOLDER          with PyTorch's libblas.so.3 (the fastest of those installed)
#   PYTHON, LITE4REC, WORK, RECORD, SYNTH="--users ..."
#
# Exit: 0 done, 1 the two sides do not compute the same, 4 no PyTorch (or another package missing).
set -u
here=$(dirname "$0")
python=${PYTHON:-/usr/bin/python3}
lite4rec=${LITE4REC:-./lite4rec}
work=${WORK:-build/train-speed}
threads=${THREADS:-$(nproc)}
arms=${ARMS:-sasrec-mini sasrec-base lite-id-mini lite-text-mini p5-mini}

missing() {
  echo "train_speed: $1" >&2
  exit 4
}
"$python" -c 'import torch, numpy' >/dev/null 2>&1 ||
  missing "$python cannot import torch and numpy; install the packages python3-torch and python3-numpy (and libopenblas0-pthread, a fast libblas)"
case " $arms" in
*" lite-text"* | *" p5"*)
  "$python" -c 'import sentencepiece' >/dev/null 2>&1 ||
    missing "arms with texts need the package python3-sentencepiece; without it, leave them out: ARMS=\"sasrec-mini sasrec-base lite-id-mini\""
  ;;
esac
[ -x "$lite4rec" ] || missing "$lite4rec is not there; run make"
mkdir -p "$work" || exit 4

# What the environment says about kernels and threads would change one side only.
unset OPENBLAS_CORETYPE OPENBLAS_VERBOSE ATEN_CPU_CAPABILITY MKL_NUM_THREADS BLIS_ARCH_TYPE
OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads BLIS_NUM_THREADS=$threads
PYTHONDONTWRITEBYTECODE=1
export OMP_NUM_THREADS OPENBLAS_NUM_THREADS BLIS_NUM_THREADS PYTHONDONTWRITEBYTECODE

# The fastest libblas that is installed, by the better of two steps: idle threads spinning, sleeping.
candidates="" best=""
try() { # FOLDER POLICY
  seconds=$(LD_LIBRARY_PATH=$1 OMP_WAIT_POLICY=$2 timeout 120 "$python" "$here/train_speed.py" --probe --threads "$threads") || {
    echo "$1/libblas.so.3, OMP_WAIT_POLICY=$2: no two steps in 120 s"
    return
  }
  echo "$1/libblas.so.3, OMP_WAIT_POLICY=$2: $seconds s a step"
  candidates="$candidates${candidates:+, }\"$1 $2\": $seconds"
  if [ -z "$best" ] || [ "$(printf '%s\n%s\n' "$seconds" "$best" | sort -n | head -1)" = "$seconds" ]; then
    best=$seconds folder=$1
  fi
}
folder=${BLAS:-}
# PyPI's PyTorch brings MKL and asks no other library.
if [ -z "$folder" ] && ! "$python" -c 'import torch; assert "Math Kernel Library" in torch.__config__.show()' 2>/dev/null; then
  for file in $(update-alternatives --list "libblas.so.3-$("$python" -c 'import sysconfig
print(sysconfig.get_config_var("MULTIARCH"))')" 2>/dev/null); do
    try "$(dirname "$file")" passive
    try "$(dirname "$file")" active
  done
fi
BLAS_CANDIDATES="{$candidates}" OMP_WAIT_POLICY=passive
export BLAS_CANDIDATES OMP_WAIT_POLICY

data=${DATA:-}
if [ -z "$data" ]; then
  data=$work/data
  # As many items as MovieLens-1M has left, and histories of its kind.
  # shellcheck disable=SC2086
  "$lite4rec" data synth --out "$data" ${SYNTH:---users 1500 --items 3416 --clusters 24 --shortest 20 --longest 300} >"$work/synth.log" 2>&1 || {
    cat "$work/synth.log" >&2
    exit 4
  }
fi
[ -n "$folder" ] && LD_LIBRARY_PATH=$folder && export LD_LIBRARY_PATH
# shellcheck disable=SC2086
exec "$python" "$here/train_speed.py" --data "$data" --work "$work" --lite4rec "$lite4rec" \
  --record "${RECORD:-$work/train_speed.json}" --threads "$threads" --rounds "${ROUNDS:-3}" \
  --seconds "${ROUND_SECONDS:-8}" --precision "${PRECISION:-fp32}" $arms
