#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: BSD-3-Clause
# The first and only process of the guest: mounts what programs look into, runs the program and its tests
# beside the emulated counters, and turns the machine off. tests/guest/run.sh reads what this prints.
/bin/busybox mkdir -p /proc /sys /dev /tmp
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
export PATH=/bin HOME=/tmp TMPDIR=/tmp LITE4REC=/bin/lite4rec
cd /work || exit 1
step() { # NAME COMMAND...
  name=$1
  shift
  echo "guest: begin $name"
  "$@" 2>&1
  echo "guest: end $name, exit code $?"
}
step machine head -12 /proc/cpuinfo
# As Debian boots: the library refuses everybody, and the program must say what mends it.
step refused lite4rec info --counters
echo 1 >/proc/sys/kernel/perf_event_paranoid
step counters lite4rec info --counters
step hardware plain-tests --timeout 600 --verbose --filter 'hardware/*'
step names plain-tests --timeout 600 --filter '@(group/*|pmu/papi_itself*|pmu/the_load*)'
step run lite4rec run --arm reference@model --data data --scenario offline --batch 10 --threads 1 --pin none \
  --rounds 1 --users 20 --min-time 0.2 --counters basic,stages --out runs
step record grep -h . runs/*.jsonl
step interrupts grep -i pmu /proc/interrupts
echo "guest: finished"
poweroff -f
