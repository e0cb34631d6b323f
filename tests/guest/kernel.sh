#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The guest's kernel and its shell: the release's own for arm64, unpacked into a folder as FOLDER/vmlinuz and
# FOLDER/busybox; nothing is installed.
# Usage: sh tests/guest/kernel.sh FOLDER; exit code 3 with a sentence where they cannot be had.
set -eu
root=$1
# shellcheck source=tests/arm64/apt.sh
. "$(dirname "$0")/../arm64/apt.sh"
[ ! -s "$root/made" ] || exit 0
rm -rf "$root"
apt_open "$root"
kernel=$(with apt-cache depends linux-image-arm64 | sed -n 's/.*Depends: *\(linux-image-[0-9][^ ]*\).*/\1/p' | head -1)
[ "$kernel" ] || say "$origin has no package linux-image-arm64 (the kernel that the guest boots)"
cd "$apt/archives"
get download "$kernel" busybox-static || say "the guest's kernel could not be had: $(grep -a '^E:' "$apt/log" | head -1)"
dpkg-deb --fsys-tarfile "$kernel"_*.deb | tar -xO --wildcards './boot/vmlinuz-*' >"$root/vmlinuz"
dpkg-deb --fsys-tarfile busybox-static_*.deb | tar -xO --wildcards '*/busybox' >"$root/busybox"
[ -s "$root/vmlinuz" ] && [ -s "$root/busybox" ] || say "$kernel holds no /boot/vmlinuz, or busybox-static no busybox"
chmod +x "$root/busybox"
rm -rf "$apt"
echo "$kernel" >"$root/made"
