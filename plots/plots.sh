#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# shellcheck disable=SC2034,SC2154 # shared with draw.sh, which is sourced
# Figures from a folder of records, as SVG and PNG. Usage: sh plots/plots.sh RECORDS OUT
# MODELS="FOLDER ..." in the environment draws their learning curves too; RECORDS - draws them alone. What a figure shows is first
# written as tables to OUT/tables by `lite4rec export`; the plot files read nothing else. READY=1: they stand there already (and
# MODELS only says that models.tsv does). LEAST=2 draws no figure for one point or one curve alone; FORMATS=svg leaves out the PNG.
set -u
records=${1:?usage: plots/plots.sh RECORDS OUT}
out=${2:?usage: plots/plots.sh RECORDS OUT}
models=${MODELS:-}
l4r=${LITE4REC:-$(if [ -x ./lite4rec ]; then echo ./lite4rec; else echo lite4rec; fi)}
here=$(dirname "$0")
least=${LEAST:-1}
. "$here/draw.sh"
mkdir -p "$out/tables" || exit 4
begin

# A figure a group; the group's name belongs to the file's where there are several.
figures_of_groups() {
  tables=$out/tables
  # 24 curves differ in colour or shape; 48 points can still be told apart
  awk -v folder="$work" -v most=48 -v most_curves=24 -f "$here/groups.awk" "$tables/groups.tsv" "$tables/arms.tsv" \
    "$tables/accuracy_latency.tsv" "$tables/latency_quantiles.tsv" "$tables/stages.tsv" "$tables/load.tsv" || exit 4
  groups=$(($(wc -l <"$tables/groups.tsv") - 1))
  while IFS=$tab read -r group arms longest threads latency points curves stages loads title cpu; do
    [ "$group" = group ] && [ "$arms" = arms ] && continue # the names of the columns
    suffix=
    [ "$groups" -gt 1 ] && suffix=-$group
    if [ "$loads" -gt 0 ]; then
      # a server's latencies hold the queue of a rate: they stand in this figure alone
      figure load "load$suffix" "Latency against load" "$group" "$((5 * loads))"
      continue
    fi
    [ "$points" -gt 0 ] && [ "$points" -lt "$least" ] && [ "$curves" -lt "$least" ] && continue
    if [ "$points" -gt 0 ]; then
      against=latency
      [ "$latency" = mean ] && against="time per user"
      figure accuracy-latency "accuracy-latency$suffix" "Accuracy against $against" "$group" "$((10 * points))"
      figure times "times$suffix" "Time of a user" "$group" "$points"
    else
      echo "plots: no accuracy-latency$suffix: no record of '$title' has both figures" >&2
    fi
    if [ "$curves" -gt 0 ]; then
      figure latency "latency$suffix" "Latency of a request" "$group" "$((20 * curves))"
    else
      echo "plots: no latency$suffix: no record of '$title' has latencies of single requests" >&2
    fi
    # records of before there were stage timers have none, and that is no fault
    if [ "$stages" -gt 0 ]; then figure roofline "roofline$suffix" "Roofline of stages" "$group" "$((3 * stages))"; fi
  done <"$tables/groups.tsv"
}

figure_of_models() {
  cp "$out/tables/curves.tsv" "$work/models.curves" && cp "$out/tables/best.tsv" "$work/models.best" || exit 4
  {
    awk -v of=model -f "$here/names.awk" "$out/tables/models.tsv"
    echo "subtitle = $(quote "$(awk -F "$tab" 'NR > 1 && $5 != "-" && !seen[$5]++ { text = text (text == "" ? "" : ", ") $5 }
      END { print text }' "$out/tables/models.tsv")")"
  } >"$work/models.gp"
  figure learning-curves learning-curves "Learning curves" models "$(wc -l <"$out/tables/curves.tsv")"
}

code=0
if [ "$records" = - ]; then
  :
elif [ -n "${READY:-}" ] || "$l4r" export tables "$records" --out "$out/tables"; then
  figures_of_groups
else
  code=$?
  echo "plots: no figures of records from '$records' (RECORDS=DIR names another folder)" >&2
fi
if [ -n "$models" ]; then
  # Unquoted: a list of folders separated by blanks.
  if [ -n "${READY:-}" ] || "$l4r" export curves $models --out "$out/tables"; then
    figure_of_models
  else
    code=$?
    echo "plots: no learning curves of '$models'" >&2
  fi
fi
draw
exit "$code"
