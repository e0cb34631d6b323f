#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `make peers`: the engines of other projects, in a virtual environment of their own below build/.
# Afterwards peer:torch@MODEL is an arm. From the environment:
#   TORCH   debian: the package python3-torch, with the transformers that works with PyTorch 1.13 too;
#           pypi: the newest torch and transformers, as `pip install torch` brings them
#           (default: debian)
#   PYTHON  the Python of the environment (/usr/bin/python3)
#   OUT     where it is made (build/peers, or build/peers-pypi with TORCH=pypi; of an installed copy of this script
#           ~/.local/share/lite4rec/peers or peers-pypi, below XDG_DATA_HOME where that is set)
#   PIP     options of pip, such as an index
set -eu
here=$(cd "$(dirname "$0")" && pwd)
torch=${TORCH:-debian}
python=${PYTHON:-/usr/bin/python3}
fail() {
  echo "make peers: $1" >&2
  exit "${2:-4}"
}
made_in=build
[ -e "$here/../../Makefile" ] || made_in=${XDG_DATA_HOME:-$HOME/.local/share}/lite4rec
case $torch in
debian) out=${OUT:-$made_in/peers} need="torch, venv, ensurepip" megabytes=2500 ;;
pypi) out=${OUT:-$made_in/peers-pypi} need="venv, ensurepip" megabytes=9000 ;;
*) fail "TORCH=$torch: the values are debian and pypi" 2 ;;
esac
"$python" -c "import $need" 2>/dev/null ||
  fail "$python lacks one of $need; install the packages$([ "$torch" = debian ] && echo " python3-torch and") python3-venv$([ "$torch" = debian ] && echo ", or take the newest PyTorch: make peers TORCH=pypi")"
mkdir -p "$out"
out=$(cd "$out" && pwd)
if [ "$torch" = pypi ] && [ ! -d "$out/venv" ]; then
  # x86-64 has no other wheel of it on PyPI, and it does not load without the libraries it links to.
  echo "make peers: PyPI's torch is built for CUDA and runs on processors too; with what it needs, some 3 GB are fetched, and the environment takes 7.5 GB"
fi
free=$(df -Pm "$out" | awk 'END { print $4 }')
[ -d "$out/venv" ] || [ "$free" -ge "$megabytes" ] ||
  fail "$out has $free MB left and some $megabytes are needed; set OUT to a folder on another disk"
if [ ! -x "$out/venv/bin/python" ]; then
  if [ "$torch" = debian ]; then
    "$python" -m venv --system-site-packages "$out/venv"
  else
    "$python" -m venv "$out/venv"
  fi
fi
# shellcheck disable=SC2086
pip_install() { "$out/venv/bin/pip" install -q ${PIP:-} "$@"; }

if [ "$torch" = debian ]; then
  # The version whose beam search the tests hold to (tests/oracle/README.md); it works with torch 1.13.
  numpy='numpy<2'
  pip_install 'transformers==4.39.3' 'safetensors==0.4.5' "$numpy" ||
    fail "pip could not install transformers (no network?)"
else
  numpy=numpy
  pip_install torch transformers safetensors "$numpy" sentencepiece ||
    fail "pip could not install torch and transformers (no network, or no wheel for this Python?)"
fi

# wrap NAME VARIABLE=VALUE SCRIPT: a program that `peer:NAME` finds.
wrap() {
  cat >"$out/$1.part" <<END
#!/bin/sh
export $2
exec "$out/venv/bin/python" "$here/$3"
END
  chmod +x "$out/$1.part"
  mv "$out/$1.part" "$out/$1"
  made="$made peer:$1"
}
made=
# Idle OpenMP threads sleep: on a machine that others use, spinning costs PyTorch a factor of ten.
wrap torch OMP_WAIT_POLICY=PASSIVE torch_t5.py
for runtime in onnxruntime openvino; do
  if pip_install $runtime onnx "$numpy"; then
    wrap $runtime LITE4REC_RUNTIME=$runtime onnx_peer.py
  else
    echo "make peers: pip could not install $runtime; peer:$runtime is left out" >&2
  fi
done
pip_install nncf "$numpy" ||
  echo "make peers: pip could not install nncf; peer:openvino has no precision=int8 without it" >&2
if pip_install ctranslate2 "$numpy"; then
  wrap ctranslate2 OMP_WAIT_POLICY=PASSIVE ct2_p5.py
else
  echo "make peers: pip could not install ctranslate2; peer:ctranslate2 is left out" >&2
fi
# MKL's sgemm, for the race of BLAS libraries; it is on x86-64 alone.
if [ "$(uname -m)" = x86_64 ] && pip_install mkl; then
  mkl=$(find "$out/venv/lib" -name 'libmkl_rt.so.*' | sort | tail -n 1)
fi
echo "peers:$made (programs in $out)"
[ -z "${mkl:-}" ] || echo "MKL's sgemm joins the race of BLAS libraries: LITE4REC_MKL=$mkl lite4rec info --gemm"
[ "$torch" = debian ] || echo "use them with LITE4REC_PEERS=$out"
