# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=sh
# An apt of its own for arm64 in a folder, of this system's release and mirrors: nothing is installed, and
# dpkg's architectures stay as they are. For `.`: apt_open FOLDER, then get ARGUMENT... (apt-get) and
# packages of arm64 lie in FOLDER/apt/archives; exit code 3 with a sentence where that cannot be.
say() { echo "arm64: $*" >&2; exit 3; }

apt_open() { # FOLDER
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
    say "this system has no apt-get; what runs on arm64 comes from Debian's packages"
  mkdir -p "$1/apt/lists/partial" "$1/apt/archives/partial" "$1/apt/parts"
  apt=$(cd "$1" && pwd)/apt
  : >"$apt/status"
  # What this system reads, of its distribution alone: others' lists need not know arm64.
  origin=$(. /etc/os-release && echo "${ID:-debian}")
  keys=/etc/apt/trusted.gpg.d signed=
  for file in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/ubuntu-archive-keyring.gpg; do
    [ ! -r "$file" ] || signed="${signed:+$signed,}$file"
  done
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u |
    awk -v origin="$origin" -v signed="$signed" 'tolower($1) == origin {
      print "deb [arch=arm64" (signed ? " signed-by=" signed : "") "] " $2, $3, $4 }' >"$apt/sources.list"
  [ -s "$apt/sources.list" ] || say "apt names no mirror of $origin; run 'apt-get update' first"
  get update >/dev/null || say "the mirrors of $origin could not be read for arm64: $(grep -a '^[EW]:' "$apt/log" | head -1)"
}

with() { # PROGRAM ARGUMENT...
  program=$1
  shift
  "$program" -q -o "Dir::State=$apt" -o "Dir::State::status=$apt/status" -o "Dir::State::lists=$apt/lists" \
    -o "Dir::Cache=$apt" -o "Dir::Cache::archives=$apt/archives" -o "Dir::Etc::sourcelist=$apt/sources.list" \
    -o "Dir::Etc::sourceparts=$apt/parts" -o "Dir::Etc::trustedparts=$keys" -o APT::Architecture=arm64 \
    -o APT::Architectures::=arm64 -o APT::Get::List-Cleanup=0 -o Acquire::Languages=none -o APT::Sandbox::User= \
    -o Acquire::Retries=3 -o Debug::NoLocking=1 "$@" 2>>"$apt/log"
}
get() { with apt-get "$@" >>"$apt/log"; }
