# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=sh disable=SC2034,SC2154,SC1102 # sourced: variables come from and go to others
# What the scripts of this folder share; sourced by them after they have set `out` and `here`.
# Needs gnuplot ($GNUPLOT); exits with 4 where it is missing.
# Figures are asked for by `figure`, and drawn all together by `draw`: one gnuplot a processor, each drawing many, because to start one
# takes as long as to draw a small figure.
gnuplot=${GNUPLOT:-gnuplot}
tab=$(printf '\t')

if ! command -v "$gnuplot" >/dev/null 2>&1; then
  echo "plots: $gnuplot is not installed; 'make deps' installs it (Debian: gnuplot-nox)" >&2
  exit 4
fi

figures=0
work=
# Text as gnuplot takes it, in single quotes, within which it expands nothing.
quote() { printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"; }

# The scratch folder, beside the figures so that they are renamed into place.
begin() {
  work=$out/.draw.$$
  mkdir -p "$out" && mkdir "$work" "$work/ready" || exit 4
  trap 'rm -rf "$work"' EXIT
  trap 'exit 4' HUP INT TERM
  here_quoted=$(quote "$here")
  work_quoted=$(quote "$work")
}

# figure FIGURE NAME TITLE SETTINGS WEIGHT: one more, in both formats (or those of $FORMATS). SETTINGS: what $work/SETTINGS.gp says;
# its tables are $work/SETTINGS.TABLE. TITLE is ours. WEIGHT: how much there is to draw, about, in points.
figure() {
  for format in ${FORMATS:-svg png}; do
    figures=$((figures + 1))
    printf '%s\n' "reset session" "here = $here_quoted" "work = $work_quoted" "terminal = '$format'" "title = '$3'" "data = work.'/$4.'" \
      "load data.'gp'" "set output work.'/ready/$2.$format'" "load here.'/$1.gp'" "unset output" "set print work.'/done' append" \
      "print '$figures'" "unset print" >"$work/figure.$figures"
    eval "name_$figures=\$2.\$format weight_$figures=\$((100 + $5))"
  done
}

# Draws a share of the figures; one that fails ends its gnuplot, and another goes on behind it.
lane() {
  while [ $# -gt 0 ]; do
    todo=$*
    set --
    for n in $todo; do set -- "$@" "$work/figure.$n"; done
    "$gnuplot" "$@" && return
    set --
    for n in $todo; do grep -qx "$n" "$work/done" || set -- "$@" "$n"; done
    [ $# -eq 0 ] || shift # the first that is not done has failed
  done
}

# Deals the figures out, each to the lane that has the least to draw, and draws them.
run_lanes() {
  lanes=$(nproc 2>/dev/null || echo 1)
  [ "$lanes" -le "$figures" ] || lanes=$figures
  l=0
  while [ "$l" -lt "$lanes" ]; do eval "load_$l=0 lane_$l="; l=$((l + 1)); done
  n=0
  while [ "$n" -lt "$figures" ]; do
    n=$((n + 1)) least_lane=0 l=1
    while [ "$l" -lt "$lanes" ]; do
      [ "$((load_$l))" -lt "$((load_$least_lane))" ] && least_lane=$l
      l=$((l + 1))
    done
    eval "load_$least_lane=$((load_$least_lane + weight_$n)) lane_$least_lane=\"\$lane_$least_lane \$n\""
  done
  l=0
  while [ "$l" -lt "$lanes" ]; do eval "lane \$lane_$l" & l=$((l + 1)); done
  wait
}

# Draws all that was asked for, puts in place what gnuplot has finished, and names it; exits with 4 when one is missing.
draw() {
  [ "$figures" -gt 0 ] || return 0
  : >"$work/done"
  run_lanes
  finished=" $(tr '\n' ' ' <"$work/done")" names="" missing="" n=0
  while [ "$n" -lt "$figures" ]; do
    n=$((n + 1))
    eval "name=\$name_$n"
    case $finished in
      *" $n "*) [ -s "$work/ready/$name" ] && names="$names $name" && continue ;;
    esac
    missing=1
    rm -f "$work/ready/$name"
    echo "plots: gnuplot could not draw $name; its message stands above" >&2
  done
  if [ -n "$names" ]; then
    mv "$work/ready/"* "$out/" || exit 4
    for name in $names; do echo "$out/$name"; done
  fi
  [ -z "$missing" ] || exit 4
}
