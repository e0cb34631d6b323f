#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What a source lends to others stands in the header of its own name, which is the first that it includes;
# and a struct, union or enum with our prefix has one body. Prints what does not; fails when there is any.
# Usage: sh tests/headers.sh BUILD, a folder that holds the objects of impl, baselines and bench.
set -eu
cd "$(dirname "$0")/.."
build=${1:?usage: sh tests/headers.sh BUILD}

# One header for several files, FOLDER or FILE: the reason.
shared='
bench/commands: one file a command, all alike, declared in commands.h; the actions of data in data.h
bench/import/readers: one file a reader, all alike, declared in readers.h
bench/record/fields: macros of fields.h declare a shape for each row
bench/table/csv: one printer a file, declared by the list of printers in sheet.h
bench/table/html: likewise
bench/table/json: likewise
bench/table/markdown: likewise
bench/table/text: likewise
impl/blis/kernels: one file an instruction set, all filling the table of kernels.h
impl/blis/stack: its table stands in the contract, impl/stack.h, which gives each stack the same types
impl/reference: an oracle that is read through in one place, reference.h
impl/train/layers/kernels: one file an instruction set, all filling the table of kernels.h
impl/train/loop/kernels: likewise
'
# The types that impl/stack.h leaves to each of the two stacks.
twice=' l4r_stack l4r_encoder l4r_decoder l4r_head '

objects=$(find "$build/impl" "$build/baselines" "$build/bench" -name '*.o' ! -name '*double.o' 2>/dev/null | sort)
[ -n "$objects" ] || { echo "headers: no objects in $build; build first: make BUILD=$build" >&2; exit 2; }
for o in $objects; do
  source=${o#"$build"/}
  if [ -e "${source%.o}.c" ] || [ -e "${source%.o}.cc" ]; then echo "$o"; fi
done | xargs "${NM:-nm}" -A -g | awk -v build="$build/" -v shared="$shared" -v twice="$twice" '
BEGIN {
  n = split(shared, line, "\n")
  for (i = 1; i <= n; i++) if (line[i] != "") { sub(/:.*/, "", line[i]); known[line[i]] = 1 }
}
function read(path,   text, row) {
  while ((getline row < path) > 0) text = text row "\n"
  close(path)
  return text
}
function is_known(file,   folder) {
  folder = file; sub(/\/[^\/]*$/, "", folder)
  return file in known ? seen[file] = 1 : folder in known ? seen[folder] = 1 : 0
}
{
  split($0, half, ":"); file = substr(half[1], length(build) + 1); sub(/\.o$/, "", file)
  if ($(NF - 1) == "U") used[$NF] = 1
  else if ($(NF - 1) ~ /[TDBRV]/) home[$NF] = file
}
END {
  for (name in home) {
    file = home[name]
    if (!(name in used) || name == "main") continue
    if (!(file in header)) header[file] = read(file ".h")
    if (header[file] ~ "[^a-z0-9_]" name "[^a-z0-9_]" || is_known(file)) continue
    print file ".h does not declare " name; bad++
  }
  for (file in header) {
    if (header[file] == "") continue
    while ((getline row < (file ".c")) > 0)
      if (row ~ /^#include/) { if (row != "#include \"" file ".h\"") { print file ".c does not begin with its own header"; bad++ }; break }
    close(file ".c")
  }
  for (file in known) if (!(file in seen)) { print "tests/headers.sh: " file " is no exception any more"; bad++ }
  body = "grep -rhoE \"^(struct|union|enum) l4r_[a-z0-9_]+ [{]\" impl baselines bench --include=\"*.[ch]\" | sort | uniq -d"
  while ((body | getline row) > 0) {
    split(row, word, " ")
    if (!index(twice, " " word[2] " ")) { print word[1] " " word[2] " has two bodies"; bad++ }
  }
  printf "%d without its header\n", bad
  exit bad > 0
}'
