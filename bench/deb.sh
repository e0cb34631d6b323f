#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `make deb`: a package for Debian and Ubuntu of what `make install` put below ROOT/usr.
# Usage: deb.sh ROOT VERSION FILE; ROOT is a folder of its own, FILE the .deb. Needs dpkg-deb (package dpkg) and readelf
# (binutils). The packages it depends on are those that own the shared objects of the program here, so it is for the
# release that it was built on.
set -eu
root=${1:?usage: deb.sh ROOT VERSION FILE}
version=$2
file=$3
fail() {
  echo "make deb: $1" >&2
  exit 4
}
for tool in dpkg-deb dpkg-query readelf ldd; do
  command -v $tool >/dev/null || fail "$tool is missing: it belongs to dpkg, binutils and libc-bin"
done
program=$root/usr/bin/lite4rec
[ -x "$program" ] || fail "$program is not there: make install DESTDIR=$root PREFIX=/usr comes first"

# The package of each shared object that the program names itself; what those need is theirs to say. A path of before
# the merge of /lib into /usr/lib is known by either name.
owner() {
  real=$(readlink -f "$1")
  for path in "$1" "$real" "/usr$1" "${real#/usr}"; do
    found=$(dpkg-query -S "$path" 2>/dev/null | sed -n '1s/[:,].*//p')
    [ -z "$found" ] || { echo "$found" && return; }
  done
  fail "no package owns $1: a library of your own cannot be depended on"
}
depends="libc6 (>= $(getconf GNU_LIBC_VERSION | cut -d' ' -f2))"
objects=$(ldd "$program")
for name in $(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
  path=$(printf '%s\n' "$objects" | awk -v name="$name" '$1 == name { print $3 }')
  [ -n "$path" ] || continue # the loader
  package=$(owner "$path")
  case ", $depends," in *", $package,"* | *", $package "*) ;; *) depends="$depends, $package" ;; esac
done

doc=$root/usr/share/doc/lite4rec
mkdir -p "$root/DEBIAN" "$doc"
{
  echo 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/'
  printf '\nFiles: *\nLicense: BSD-3-Clause\n'
  sed 's/^$/./; s/^/ /' LICENSE
} >"$doc/copyright"
gzip -9nc NEWS >"$doc/NEWS.gz"
cat >"$root/DEBIAN/control" <<END
Package: lite4rec
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: lite4rec <lite4rec@localhost>
Section: science
Priority: optional
Installed-Size: $(du -sk --apparent-size "$root/usr" | cut -f1)
Depends: $depends
Recommends: gnuplot-nox
Suggests: bash-completion, python3-torch, python3-venv
Description: accuracy and latency of language-model recommenders on CPUs
 A benchmark and reproducibility suite: trains small recommenders built on
 language models and simple baselines, measures accuracy and latency of the same
 arm in the same row, and says how sure every figure is.
END
(cd "$root" && find usr -type f -exec md5sum {} + | sort -k2) >"$root/DEBIAN/md5sums"
chmod -R u=rwX,go=rX "$root"
# gzip: every release's dpkg reads it
dpkg-deb --root-owner-group -Zgzip --build "$root" "$file" >/dev/null || fail "dpkg-deb could not build $file"
echo "$file: $(du -k "$file" | cut -f1) kB, depends on $depends"
echo "install it with: apt-get install $(case $file in /*) echo "$file" ;; *) echo "./$file" ;; esac)"
