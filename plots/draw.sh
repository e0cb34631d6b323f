# What the scripts of this folder share; sourced by them after they have set `out` and `here`.
# Needs gnuplot ($GNUPLOT); exits with 4 where it is missing.
gnuplot=${GNUPLOT:-gnuplot}
tab=$(printf '\t')

if ! command -v "$gnuplot" >/dev/null 2>&1; then
  echo "plots: $gnuplot is not installed; 'make deps' installs it (Debian: gnuplot-nox)" >&2
  exit 4
fi
export L4R_STYLE="$here/style.gp"

# draw FIGURE NAME: both formats (or those of $FORMATS), put in place only when gnuplot has succeeded.
draw() {
  for format in ${FORMATS:-svg png}; do
    aside=$out/.$2.$format.$$
    if ! L4R_TERMINAL=$format "$gnuplot" "$here/$1.gp" >"$aside" || [ ! -s "$aside" ]; then
      rm -f "$aside"
      echo "plots: gnuplot could not draw $2.$format; its message stands above" >&2
      exit 4
    fi
    mv "$aside" "$out/$2.$format" || exit 4
    echo "$out/$2.$format"
  done
}
