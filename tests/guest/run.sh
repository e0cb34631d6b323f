#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Counters seen to count (`make pmu-guest`): boots the release's arm64 kernel in qemu-system-aarch64, whose
# emulated PMU is a real one to the kernel, with the arm64 build in its memory, and checks what
# tests/guest/init.sh does there. -icount makes an instruction a cycle and every count the same at every run:
# good for checking counters, never for speed. The processor is a Neoverse N1, which PAPI knows.
# Where something cannot be had, the reason is the last line and the exit code is 0: nothing was tested.
# Usage: MAKE=make LITE4REC=./lite4rec sh tests/guest/run.sh ROOT BUILD FOLDER LIBRARY...   (arm64's root and build; the guest's folder)
set -u
root=$1 build=$2 guest=$3
shift 3
here=$(dirname "$0")
skip() { echo "pmu-guest: skipped, $*"; exit 0; }
[ "$(uname -m)" != aarch64 ] || skip "this is an Arm machine: 'make test' counts on its own counters"
said=$(${MAKE:-make} --no-print-directory deps-guest 2>&1) || skip "$(echo "$said" | grep 'make deps:' | tail -1)"
said=$(sh "$here/../arm64/root.sh" "$root" "$@" 2>&1) || skip "${said#arm64: }"
mkdir -p "$guest"
said=$(sh "$here/kernel.sh" "$(cd "$guest" && pwd)/kernel" 2>&1) || skip "${said#arm64: }"
${MAKE:-make} --no-print-directory arm64-build || exit 1

# --- what the guest holds: the programs, their libraries, a data set and a trained model ---
tool=aarch64-linux-gnu
files=$guest/files
rm -rf "$files"
mkdir -p "$files/bin" "$files/lib" "$files/work/runs"
with_libraries() { # PROGRAM OR LIBRARY
  for name in $("$tool-readelf" -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
    [ ! -e "$files/lib/$name" ] || continue
    for from in "$root/usr/lib/$tool/$name" "$root/lib/$tool/$name" "/usr/$tool/lib/$name"; do
      [ ! -e "$from" ] || { cp -L "$from" "$files/lib/$name" && with_libraries "$from" && break; }
    done
    [ -e "$files/lib/$name" ] || { echo "pmu-guest: no $name for arm64" >&2; exit 1; }
  done
}
for program in lite4rec plain-tests; do
  "$tool-strip" -o "$files/bin/$program" "$build/$program" && with_libraries "$build/$program" || exit 1
done
cp "$guest/kernel/busybox" "$files/bin/busybox"
cp "$here/init.sh" "$files/init" && chmod +x "$files/init"
{ "$LITE4REC" data synth --users 60 --items 100 --out "$files/work/data" &&
  "$LITE4REC" train lite --data "$files/work/data" --size tiny --items id --epochs 1 --minutes 1 --threads 1 --out "$files/work/model"; } \
  >"$guest/made.log" 2>&1 || { tail -n 5 "$guest/made.log" >&2; echo "pmu-guest: the guest's model could not be made" >&2; exit 1; }
(cd "$files" && find . | cpio -o -H newc 2>/dev/null) >"$guest/initrd" || exit 1

# --- the guest ---
timeout "${GUEST_SECONDS:-1800}" qemu-system-aarch64 -M virt -cpu neoverse-n1 -m 1024 -nographic -nic none \
  -icount shift=0,sleep=off -kernel "$guest/kernel/vmlinuz" -initrd "$guest/initrd" \
  -append "console=ttyAMA0 quiet panic=-1 rdinit=/init" -no-reboot </dev/null >"$guest/console.raw" 2>&1
tr -d '\r' <"$guest/console.raw" >"$guest/console"
said() { sed -n "/^guest: begin $1\$/,/^guest: end $1,/p" "$guest/console"; } # of a step
grep -v '^guest: begin record$' "$guest/console" | sed '/^{/d'

# --- what it must have said ---
passed=0 failed=0
check() { # WHAT TEST...
  what=$1
  shift
  if "$@" >/dev/null; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "pmu-guest: FAILED: $what" >&2
  fi
}
says() { said "$1" | grep -q -- "$2"; } # STEP PATTERN
# The cells of group $2 in `info --counters`: all of their sources.
sources() { said "$1" | awk -v group="^ *$2: " '$0 ~ group { on = 1; next } /^ *[a-z]+: / { on = 0 } on && $2 ~ /^(hardware|multiplexed|kernel|absent)$/ { print $2 }' | sort | uniq -c | tr -s ' \n' ' '; }
all_hardware() { [ "$(sources counters basic)" = " 4 hardware " ]; }
whole() { said "$1" | grep -q "Failing: 0" && ! said "$1" | grep -q '^\[SKIP\]'; } # STEP
# Of the record, the counters of group basic and of its stages: name, source.
cells() { said record | grep -o '"name":"[A-Za-z_]*","reason":"[^"]*","source":"[a-z]*"' | sed 's/"name":"\([^"]*\)".*"source":"\([^"]*\)"/\1 \2/' | grep -E '^(cycles|instructions|cycles_all|instructions_all|IPC|kernel_share) '; }
record_hardware() { [ "$(cells | grep -c ' hardware$')" -ge 14 ] && ! cells | grep -qv ' hardware$'; } # 6, and 4 of 2 stages
value() { said record | grep -o "\"name\":\"$1\",\"reason\":\"[^\"]*\",\"source\":\"[a-z]*\",\"unit\":\"[^\"]*query\",\"value\":[0-9.e+]*" | head -n 1 | sed 's/.*://'; }
# A run's instructions a modelled multiply-add are those that the loop of the tests took, to 3 %.
as_modelled() {
  each=$(said hardware | sed -n 's/.*6 items, encoding: .* multiply-adds, \([0-9.]*\) each.*/\1/p')
  awk -v i="$(value instructions)" -v f="$(value flops)" -v each="$each" 'BEGIN {
    if (!(i > 0 && f > 0 && each > 0)) exit 1
    share = i / (f / 2) / each - 1
    printf "pmu-guest: a run took %.3f instructions a modelled multiply-add, the tests'\'' loop %.3f\n", i / (f / 2), each >"/dev/stderr"
    exit !(share > -.03 && share < .03) }'
}

check "the guest came to its end" grep -q '^guest: finished$' "$guest/console"
check "with paranoid 3 the program names the line that mends it" says refused 'sysctl kernel.perf_event_paranoid'
check "every cell of group basic says hardware" all_hardware
check "an event that reads 0 for ever is absent" says counters 'it reads 0 in a loop that must make it count'
check "an event that the kernel refuses is absent by name" says hardware 'refused: perf::NODE-PREFETCHES: '
check "a count went past 32 bits" says hardware 'past 32 bits: counted 4[3-9]'
check "every test on the PMU passed, none was skipped" whole hardware
check "the groups' names for Arm are those that PAPI's library knows" says names 'Failing: 0'
check "a run counts and ends well" says run '^guest: end run, exit code 0'
check "every cell of basic in its record, of the run and of its stages, says hardware" record_hardware
check "its instructions are those of its modelled multiply-adds" as_modelled
check "overflows interrupted the kernel" says interrupts '[1-9][0-9]* .*pmu'
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
