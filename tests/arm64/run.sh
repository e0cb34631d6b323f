#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The unit tests as 64-bit Arm runs them, by qemu's emulation of one process (`make arm64`), those of kernels as
# older processors run them, and the mutants of its kernels: installs the cross compiler and qemu, makes the arm64
# libraries (tests/arm64/root.sh), builds, runs. Where one of these cannot be had, the reason is the last line and
# the exit code is 0: nothing was tested.
# Usage: MAKE=make sh tests/arm64/run.sh ROOT BUILD "PACKAGES" LIBRARY...
set -u
root=$1 build=$2 packages=$3
shift 3
skip() { echo "arm64: skipped, $*"; exit 0; }
[ "$(uname -m)" != aarch64 ] || skip "this is an Arm machine: 'make test' is the test"
missing=
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing="$missing $package"
done
if [ "$missing" ]; then
  sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
  # shellcheck disable=SC2086
  { $sudo apt-get update -q && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends $missing; } \
    >/dev/null 2>&1 || skip "could not install:$missing (run 'apt-get install$missing' as root)"
fi
said=$(sh "$(dirname "$0")/root.sh" "$root" "$@" 2>&1) || skip "${said#arm64: }"
${MAKE:-make} --no-print-directory arm64-build || exit 1

# Programs start programs of their own kind only where the kernel knows how (binfmt_misc), which is the
# machine's business: the tests call the program through this script.
qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64)
cat >"$build/lite4rec-by-qemu" <<END
#!/bin/sh
exec $qemu -L $root $(cd "$build" && pwd)/lite4rec "\$@"
END
chmod +x "$build/lite4rec-by-qemu"

# Tests of every case take every seventh (tests/support/every.h). Left out by name, each line a reason and its suites or tests (suite/test).
out=
leave() { echo "arm64: left out, $1: $(echo "$2" | tr '|' ' ')"; out="$out${out:+|}$2"; }
while IFS='#' read -r reason names; do
  case $reason in '' | ' '*) continue ;; esac
  leave "$reason" "$names"
done <"$(dirname "$0")/left-out"
failed=0
LITE4REC=$build/lite4rec-by-qemu UNDER="$qemu -L $root" TIMEOUT=600 LITE4REC_TESTS_EVERY=7 JOBS=${JOBS:-$(nproc)} KERNELS=$build/kernels/emulated.rows \
  sh tests/run.sh "$build/plain-tests" --filter "${FILTER:-!($out)}" || failed=1
[ -z "${FILTER:-}" ] || exit $failed

# Rows of kernels whose instructions a processor lacks are not offered there: one without any extension, and one
# with dot products alone.
for processor in cortex-a72 neoverse-n1; do
  echo "arm64: kernels as $processor runs them"
  UNDER="$qemu -cpu $processor -L $root" TIMEOUT=600 LITE4REC_TESTS_EVERY=7 JOBS=${JOBS:-$(nproc)} \
    sh tests/run.sh "$build/plain-tests" --filter '@(blis_rows|blis_neon|blis_int8|blis_bf16)/*' || failed=1
done

UNDER="$qemu -L $root" JOBS=${JOBS:-$(nproc)} ROWS=$build/kernels/emulated.rows ${MAKE:-make} --no-print-directory arm64-mutants || failed=1
# For the summary of tests/kernels.sh: a native row of this build is an emulated one of the machine's.
mkdir -p "$build/../kernels"
sed 's/native/emulated/' "$build/kernels/emulated.rows" >"$build/../kernels/arm64.rows"
cp "$build/kernels/mutants" "$build/../kernels/mutants-arm64"
exit $failed
