#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `make peers`: the engines of other projects, in a virtual environment of their own below build/.
# Afterwards peer:torch@MODEL is an arm. From the environment: PYTHON (with torch: Debian's
# python3-torch), OUT (build/peers), PIP (options of pip, such as an index).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${OUT:-build/peers}
python=${PYTHON:-/usr/bin/python3}
"$python" -c 'import torch, venv, ensurepip' 2>/dev/null || {
  echo "make peers: $python lacks torch or venv; install the packages python3-torch and python3-venv" >&2
  exit 4
}
mkdir -p "$out"
out=$(cd "$out" && pwd)
if [ ! -x "$out/venv/bin/python" ]; then
  "$python" -m venv --system-site-packages "$out/venv"
fi
# The version whose beam search the tests hold to (tests/oracle/README.md); it works with torch 1.13.
# shellcheck disable=SC2086
"$out/venv/bin/pip" install -q ${PIP:-} 'transformers==4.39.3' 'safetensors==0.4.5' 'numpy<2' || {
  echo "make peers: pip could not install transformers (no network?)" >&2
  exit 4
}

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
  # shellcheck disable=SC2086
  if "$out/venv/bin/pip" install -q ${PIP:-} $runtime onnx 'numpy<2'; then
    wrap $runtime LITE4REC_RUNTIME=$runtime onnx_peer.py
  else
    echo "make peers: pip could not install $runtime; peer:$runtime is left out" >&2
  fi
done
# shellcheck disable=SC2086
if "$out/venv/bin/pip" install -q ${PIP:-} ctranslate2 'numpy<2'; then
  wrap ctranslate2 OMP_WAIT_POLICY=PASSIVE ct2_p5.py
else
  echo "make peers: pip could not install ctranslate2; peer:ctranslate2 is left out" >&2
fi
echo "peers:$made (programs in $out)"
