#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The package installs in a minimal Debian, what it brings works there without the sources, and removing it leaves
# nothing. Usage: smoke.sh FILE.deb [SUITE]. Needs root, debootstrap and a mirror; says so and passes where they are
# missing. The base system is kept in DEB_BASE between calls.
set -eu
deb=${1:?usage: smoke.sh FILE.deb [SUITE]}
# shellcheck disable=SC1091
suite=${2:-$(. /etc/os-release && echo "${VERSION_CODENAME:-trixie}")}
skip() {
  echo "deb: skipped: $1"
  exit 0
}
[ "$(id -u)" = 0 ] || skip "chroot needs root"
command -v debootstrap >/dev/null || skip "debootstrap is not installed"
base=${DEB_BASE:-/var/tmp/lite4rec-deb-base-$suite}
if [ ! -e "$base/etc/debian_version" ]; then
  rm -rf "$base.part"
  debootstrap --variant=minbase "$suite" "$base.part" >"$base.log" 2>&1 || skip "debootstrap $suite: $(tail -n 1 "$base.log")"
  mv "$base.part" "$base"
fi
root=$(mktemp -d /var/tmp/lite4rec-deb.XXXXXX)
cleanup() {
  for mount in dev proc; do ! mountpoint -q "$root/$mount" || umount -l "$root/$mount"; done
  rm -rf --one-file-system "$root"
}
trap cleanup EXIT
cp -a "$base/." "$root/"
for file in /etc/resolv.conf /etc/hosts; do [ ! -e $file ] || cp -L $file "$root$file"; done
[ ! -d /etc/apt/apt.conf.d ] || cp -L /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
cp "$deb" "$root/lite4rec.deb"
mount -t proc proc "$root/proc" || skip "no rights to mount"
mount --rbind /dev "$root/dev"
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive TERM=dumb sh -euc "$1"; }
inside 'apt-get update -q >/dev/null'
inside 'apt-get install -y -q --no-install-recommends /lite4rec.deb' >"$root/said" 2>&1 || { cat "$root/said" >&2; exit 1; }
inside '
  cd /root
  lite4rec --version
  lite4rec info >info && grep -q "^processor" info
  lite4rec data synth --users 400 --items 80 --out data >/dev/null
  lite4rec info data >/dev/null
  lite4rec train pop --data data --out pop 2>/dev/null
  lite4rec train lite --size tiny --epochs 1 --data data --out lite 2>/dev/null
  lite4rec run --arm heuristic@pop --arm blis@lite --data data --rounds 3 --min-time 0 --users 50 --quiet --out runs
  lite4rec verify runs >/dev/null
  lite4rec report runs --out page.html >/dev/null 2>&1 && grep -q "</html>" page.html
  lite4rec recommend --arm heuristic@pop --data data --user 1 >/dev/null
  test -s /usr/share/man/man1/lite4rec.1.gz || ls /etc/dpkg/dpkg.cfg.d # minimal images leave manuals out
  test -s /usr/share/bash-completion/completions/lite4rec
  test -s /usr/share/zsh/site-functions/_lite4rec
  test -s /usr/share/fish/vendor_completions.d/lite4rec.fish
  test -s /usr/share/lite4rec/peers/make.sh
  test -s /usr/share/lite4rec/plots/plots.sh
'
inside 'apt-get purge -y -q lite4rec >/dev/null 2>&1; ! command -v lite4rec; test ! -e /usr/share/lite4rec; test ! -e /usr/include/lite4rec'
echo "deb: installed, used and removed in a minimal Debian ($suite)"
