#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The arm64 libraries that the cross build links and qemu runs with, of this system's own release and
# mirrors, unpacked into a folder: nothing is installed, and dpkg's architectures stay as they are.
# Usage: sh tests/arm64/root.sh FOLDER PACKAGE...; exit code 3 with a sentence where it cannot be made.
set -eu
root=$1
shift
say() { echo "arm64: $*" >&2; exit 3; }
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || say "this system has no apt-get; the arm64 libraries come from Debian's packages"
[ "$(cat "$root/made" 2>/dev/null)" != "$*" ] || exit 0
rm -rf "$root"
mkdir -p "$root/apt/lists/partial" "$root/apt/archives/partial" "$root/apt/parts"
apt=$(cd "$root" && pwd)/apt
: >"$apt/status"
# What this system reads, of its distribution alone: others' lists need not know arm64.
origin=$(. /etc/os-release && echo "${ID:-debian}")
keys=/etc/apt/trusted.gpg.d
for file in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/ubuntu-archive-keyring.gpg; do
  [ ! -r "$file" ] || signed="${signed:+$signed,}$file"
done
# shellcheck disable=SC2016
apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u |
  awk -v origin="$origin" -v signed="${signed:-}" 'tolower($1) == origin {
    print "deb [arch=arm64" (signed ? " signed-by=" signed : "") "] " $2, $3, $4 }' >"$apt/sources.list"
[ -s "$apt/sources.list" ] || say "apt names no mirror of $origin; run 'apt-get update' first"
get() {
  apt-get -q -o "Dir::State=$apt" -o "Dir::State::status=$apt/status" -o "Dir::State::lists=$apt/lists" \
    -o "Dir::Cache=$apt" -o "Dir::Cache::archives=$apt/archives" -o "Dir::Etc::sourcelist=$apt/sources.list" \
    -o "Dir::Etc::sourceparts=$apt/parts" -o "Dir::Etc::trustedparts=$keys" -o APT::Architecture=arm64 \
    -o APT::Architectures::=arm64 -o APT::Get::List-Cleanup=0 -o Acquire::Languages=none -o APT::Sandbox::User= \
    -o Acquire::Retries=3 -o Debug::NoLocking=1 "$@" >>"$apt/log" 2>&1
}
get update || say "the mirrors of $origin could not be read for arm64: $(grep -a '^[EW]:' "$apt/log" | head -1)"
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
