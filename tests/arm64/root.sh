#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The arm64 libraries that the cross build links and qemu runs with, unpacked into a folder (apt.sh).
# Usage: sh tests/arm64/root.sh FOLDER PACKAGE...; exit code 3 with a sentence where it cannot be made.
set -eu
root=$1
shift
# shellcheck source=tests/arm64/apt.sh
. "$(dirname "$0")/apt.sh"
mkdir -p "$(dirname "$root")"
exec 9>"$root.lock" && flock 9 # one at a time, of those that want it
[ "$(cat "$root/made" 2>/dev/null)" != "$*" ] || exit 0
rm -rf "$root"
apt_open "$root"
get install -y --download-only --no-install-recommends "$@" ||
  say "packages of arm64 could not be had: $(grep -a '^E:' "$apt/log" | head -1)"
for package in "$apt"/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
# Links that maintainers' scripts would make: BLIS, BLAS and LAPACK are each chosen among several.
lib=$root/usr/lib/aarch64-linux-gnu
for file in "$lib"/blis-openmp/lib*.so* "$lib"/blas/lib*.so.3 "$lib"/lapack/lib*.so.3; do
  [ ! -e "$file" ] || [ -e "$lib/${file##*/}" ] || ln -s "${file#"$lib"/}" "$lib/${file##*/}"
done
for file in "$root"/usr/include/aarch64-linux-gnu/blis-openmp/*.h; do
  link=${file%/blis-openmp/*}/${file##*/}
  [ ! -e "$file" ] || [ -e "$link" ] || ln -s "blis-openmp/${file##*/}" "$link"
done
# qemu looks into this folder first for every path: what a test reads of the system is the host's.
rm -rf "${root:?}/bin" "${root:?}/sbin" "${root:?}/etc" "${root:?}/var" "${root:?}/usr/bin" "${root:?}/usr/sbin" "${root:?}/usr/share"
[ -e "$root/lib" ] || ln -s usr/lib "$root/lib"
rm -rf "$apt"
echo "$*" >"$root/made"
