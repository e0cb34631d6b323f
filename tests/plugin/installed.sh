#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What `make install` put below a folder is used from there and from nowhere else: an engine in a shared object is built and
# measured, one in C++ too, and a program of one's own serves a model by the library. Usage: installed.sh PREFIX
set -eu
prefix=$1
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
l4r=$prefix/bin/lite4rec
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
# Flags, compiler, words; the folder's name may hold blanks, which pkg-config marks for a shell.
build() { flags=$(${PKG_CONFIG:-pkg-config} $1 lite4rec); shift; eval "$* -g -Wall -Wextra -Wno-unused-parameter -Werror $flags"; }

"$l4r" --version | grep -q "^lite4rec $(${PKG_CONFIG:-pkg-config} --modversion lite4rec)"
build --cflags "${CC:-cc}" -std=c11 -shared -fPIC "$here/popular.c" -o "$work/popular.so"
(cd "$prefix/include" && find lite4rec -name '*.h' | sed 's/.*/#include <&>/') >"$work/all.cc"
build --cflags "${CXX:-c++}" -std=c++17 -fsyntax-only "$work/all.cc"
build "--static --cflags --libs" "${CC:-cc}" -std=c11 "$here/serve.c" -o "$work/serve"

quietly() { "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; exit 1; }; }
quietly "$l4r" data synth --users 200 --items 100 --out "$work/data"
quietly "$l4r" train lite --size tiny --epochs 1 --data "$work/data" --out "$work/lite"
quietly "$l4r" run --arm "so:$work/popular.so@$work/lite" --data "$work/data" --users 20 --rounds 2 --min-time 0.05 --counters none \
  --out "$work/runs"
grep -q 'so:popular.so@lite' "$work/said"
quietly "$work/serve" "$work/data" "$work/lite"
cut -d' ' -f1 "$work/said" >"$work/served"
[ "$(wc -l <"$work/served")" -eq 10 ]
history=$(sed -n '1s/^1 //; 1s/ /;/gp' "$work/data/train.txt")
quietly "$l4r" recommend --arm "blis@$work/lite" --data "$work/data" --history "$history" --seen --json
sed 's/"item":"/\n/g' "$work/said" | sed -n '2,$s/".*//p' | diff - "$work/served"
echo "installed: an engine and a program of one's own are built against $prefix and run"
