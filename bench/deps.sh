#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `make deps`: installs Debian or Ubuntu packages that are missing, and asks for no rights where none is.
# Usage: sh bench/deps.sh "NEEDED ..." ["OPTIONAL ..."]; "a|b" is the first of the two that the release has.
# What is optional and not in the release is left out with a word. From the environment: SUDO, the command
# that makes one root ("" for root).
# Exits 4 when something needed is still missing, with what apt said and what root must run.
set -u
needed=${1:?usage: sh bench/deps.sh "NEEDED ..." ["OPTIONAL ..."]}
optional=${2:-}
sudo=${SUDO:-}
updated=

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q '^install ok installed'; }
in_release() { apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'; }
words() { printf '%s\n' "$1" | tr '|' ' '; }

# Which of the names are there; nothing when none is.
any() { # TEST NAME|NAME...
  for name in $(words "$2"); do
    if "$1" "$name"; then echo "$name" && return; fi
  done
  false
}

release() {
  # shellcheck disable=SC1091
  (. /etc/os-release 2>/dev/null && echo "${PRETTY_NAME:-this release}") || echo "this release"
}

# What is said stays in memory: the disk may be full.
refuse() { # WHAT SAID WHAT-NEXT
  printf '%s\n' "$2" | grep -v '^ *$' | tail -12 >&2
  echo "make deps: $1. ${3:-As root: apt-get update && apt-get install --no-install-recommends$missing}" >&2
  exit 4
}
as_root() { # COMMAND...; its words in $said
  # shellcheck disable=SC2086
  said=$(DEBIAN_FRONTEND=noninteractive LC_ALL=C $sudo "$@" 2>&1)
}
update() {
  [ -z "$updated" ] || return 0
  updated=1
  as_root apt-get update -q || refuse "the lists of packages could not be fetched" "$said"
  # apt forgives sources that cannot be reached: what then is not found would be blamed on the release
  case $said in *"Some index files failed to download"* | *"Err:"*) stale=$said ;; esac
}

missing='' wanted='' stale=''
for names in $needed; do any installed "$names" >/dev/null || missing="$missing ${names%%|*}" wanted="$wanted $names"; done
for name in $optional; do
  if ! installed "$name"; then lacking="${lacking:-} $name"; fi
done
[ -n "$missing${lacking:-}" ] || exit 0
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "make deps: this is no Debian or Ubuntu, so nothing is installed; what is needed, by the names there:$missing${lacking:-}" >&2
  exit 0
fi
if [ -n "$sudo" ] && ! command -v "${sudo%% *}" >/dev/null; then
  [ -n "$missing" ] || exit 0 # what is optional is no reason to stop
  refuse "only root can install packages, and there is no $sudo here" ""
fi
[ -z "$missing" ] || update
chosen=
for names in $wanted; do
  name=$(any in_release "$names") ||
    refuse "$(release) has no package $(words "$names" | sed 's/ / or /g') for $(dpkg --print-architecture)" "$stale" 'README.md ("Dependencies") says what each is for' 
  chosen="$chosen $name"
done
missing=$chosen
for name in ${lacking:-}; do
  if in_release "$name"; then
    chosen="$chosen $name"
  else
    echo "make deps: left out: $(release) has no $name for $(dpkg --print-architecture)" >&2
  fi
done
[ -n "$chosen" ] || exit 0
echo "installing:$chosen"
# shellcheck disable=SC2086
as_root apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends $chosen && exit 0
[ -n "$missing" ] || { echo "make deps: left out, could not be installed:$chosen" >&2 && exit 0; }
refuse "could not install:$chosen" "$said"
