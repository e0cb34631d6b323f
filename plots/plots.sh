#!/bin/sh
# Figures from a folder of records, as SVG and PNG. Usage: sh plots/plots.sh RECORDS OUT
# MODELS="FOLDER ..." in the environment draws their learning curves too; RECORDS - draws them alone. What a figure shows is first
# written as tables to OUT/tables by `lite4rec export`; the plot files read nothing else. READY=1: they stand there already (and
# MODELS only says that models.tsv does). LEAST=2 draws no figure for one point or one curve alone; FORMATS=svg leaves out the PNG.
set -u
records=${1:?usage: plots/plots.sh RECORDS OUT}
out=${2:?usage: plots/plots.sh RECORDS OUT}
models=${MODELS:-}
l4r=${LITE4REC:-./lite4rec}
here=$(dirname "$0")
least=${LEAST:-1}
. "$here/draw.sh"
mkdir -p "$out/tables" || exit 4
export L4R_TABLES="$out/tables"

# A figure a group; the group's name belongs to the file's where there are several.
draw_groups() {
  groups=$(($(wc -l <"$out/tables/groups.tsv") - 1))
  sed 1d "$out/tables/groups.tsv" | while IFS=$tab read -r group arms longest threads latency points \
    curves stages loads title cpu; do
    suffix=
    [ "$groups" -gt 1 ] && suffix=-$group
    subtitle=$title
    [ "$cpu" = - ] || subtitle="$title; $cpu"
    export L4R_GROUP="$group" L4R_SERIES="$arms" L4R_LONGEST="$longest" L4R_THREADS="$threads"
    export L4R_LATENCY="$latency" L4R_SUBTITLE="$subtitle" L4R_NAMES="$out/tables/arms.tsv"
    if [ "$loads" -gt 0 ]; then
      # a server's latencies hold the queue of a rate: they stand in this figure alone
      L4R_TITLE="Latency against load" draw load "load$suffix"
      continue
    fi
    [ "$points" -gt 0 ] && [ "$points" -lt "$least" ] && [ "$curves" -lt "$least" ] && continue
    if [ "$points" -gt 0 ]; then
      against=latency
      [ "$latency" = mean ] && against="time per user"
      L4R_TITLE="Accuracy against $against" draw accuracy-latency "accuracy-latency$suffix"
      L4R_TITLE="Time of a user" draw times "times$suffix"
    else
      echo "plots: no accuracy-latency$suffix: no record of '$title' has both figures" >&2
    fi
    if [ "$curves" -gt 0 ]; then
      L4R_TITLE="Latency of a request" draw latency "latency$suffix"
    else
      echo "plots: no latency$suffix: no record of '$title' has latencies of single requests" >&2
    fi
    # records of before there were stage timers have none, and that is no fault
    if [ "$stages" -gt 0 ]; then L4R_TITLE="Roofline of stages" draw roofline "roofline$suffix"; fi
  done
}

draw_models() {
  export L4R_GROUP=model L4R_NAMES="$out/tables/models.tsv" L4R_THREADS=
  L4R_SERIES=$(($(wc -l <"$L4R_NAMES") - 1))
  L4R_LONGEST=$(awk -F "$tab" 'NR > 1 && length($3) > n { n = length($3) } END { print n + 0 }' "$L4R_NAMES")
  L4R_SUBTITLE=$(awk -F "$tab" 'NR > 1 && $5 != "-" && !seen[$5]++ { text = text (text == "" ? "" : ", ") $5 } END { print text }' "$L4R_NAMES")
  export L4R_SERIES L4R_LONGEST L4R_SUBTITLE
  L4R_TITLE="Learning curves" draw learning-curves learning-curves
}

code=0
if [ "$records" = - ]; then
  :
elif [ -n "${READY:-}" ] || "$l4r" export tables "$records" --out "$out/tables"; then
  draw_groups || code=$?
else
  code=$?
  echo "plots: no figures of records from '$records' (RECORDS=DIR names another folder)" >&2
fi
if [ -n "$models" ]; then
  # Unquoted: a list of folders separated by blanks.
  if [ -n "${READY:-}" ] || "$l4r" export curves $models --out "$out/tables"; then
    draw_models || code=$?
  else
    code=$?
    echo "plots: no learning curves of '$models'" >&2
  fi
fi
exit "$code"
