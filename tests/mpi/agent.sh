#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Takes ssh's place for mpirun: begins the command on this machine, with the host's name and what the
# folder $L4R_HOSTS/NAME puts in place of files and folders: NAME/what is mounted over $L4R_BASE/what, and
# NAME/full, a number, makes a disk of so many KiB of $L4R_BASE/runs. Usage: agent.sh [options] HOST COMMAND...
while [ "${1#-}" != "$1" ]; do shift; done
host=$1
shift
# shellcheck disable=SC2016
exec unshare --uts --mount sh -c '
  host=$1; shift
  hostname "$host"
  for from in "$L4R_HOSTS/$host"/*; do
    case ${from##*/} in
    "*") ;;
    full) mount -t tmpfs -o "size=$(cat "$from")k" none "$L4R_BASE/runs" ;;
    *) mount --bind "$from" "$L4R_BASE/${from##*/}" ;;
    esac
  done
  exec sh -c "$*"' sh "$host" "$@"
