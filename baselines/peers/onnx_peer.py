#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""peer:onnxruntime and peer:openvino: models as ONNX graphs. Both serve lite, onnxruntime also p5.

The program's name says which runtime serves. Options: precision=fp32|int8, openvino fp32|bf16; for
lite graph=lite4rec|torch, who writes the graph: `lite4rec export onnx`, or PyTorch when the program
starts; for p5 beams=20, trie=off (to be said: the default of all other engines is another).
"""
import json
import os
import subprocess
import sys
import tempfile

from peer import (bytes_of, config_of, fail, no_more_options, one_by_one, option, ready, serve,
                  sha256_of)

try:
    import onnx_lite
    from safetensors.numpy import load_file
except ImportError as error:
    fail(f"{error}; run `make peers`")

SERVED = {"onnxruntime": ("lite", "p5"), "openvino": ("lite",)}
PRECISIONS = {"onnxruntime": ("fp32", "int8"), "openvino": ("fp32", "bf16")}


def open_onnxruntime(path, threads, _):
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.add_session_config_entry("session.intra_op.allow_spinning", "1")
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    library = onnxruntime.capi.onnxruntime_pybind11_state.__file__
    return (lambda inputs: session.run(None, inputs), f"ONNX Runtime {onnxruntime.__version__}",
            library)


def open_openvino(path, threads, precision):
    import openvino

    core = openvino.Core()
    compiled = core.compile_model(core.read_model(path), "CPU", {
        "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
        "ENABLE_CPU_PINNING": False, "PERFORMANCE_HINT": "LATENCY"})
    request = compiled.create_infer_request()
    return request.infer, f"OpenVINO {openvino.__version__}", openvino._pyopenvino.__file__


def open_lite(hello, config, weights):
    graph = option(hello, "graph", "lite4rec", ("lite4rec", "torch"))
    return {"lite4rec": onnx_lite.OwnGraph, "torch": onnx_lite.TorchGraph}[graph](
        hello, config, weights)


def open_p5(hello, config, weights):
    import torch  # long to load, and lite's own graph needs none of it
    from onnx_p5 import OnnxP5

    torch.set_grad_enabled(False)
    return OnnxP5(hello, config, {name: torch.from_numpy(array) for name, array in weights.items()})


def main():
    name = os.environ["LITE4REC_RUNTIME"]
    hello = json.loads(sys.stdin.readline())
    precision = option(hello, "precision", "fp32", PRECISIONS[name])
    served = SERVED[name]
    if hello["kind"] not in served:
        fail(f"models of kind {hello['kind']} are not served here: {', '.join(served)}")
    weights = load_file(hello["model"] + "/model.safetensors")
    size = bytes_of(weights, precision)  # before the model takes some out
    try:
        model = {"lite": open_lite, "p5": open_p5}[hello["kind"]](hello, config_of(hello), weights)
    except ImportError as error:
        fail(f"{error}; run `make peers`")
    no_more_options(hello)
    opened = open_onnxruntime if name == "onnxruntime" else open_openvino
    with tempfile.TemporaryDirectory() as folder:
        try:
            path = model.write(folder, precision == "int8")
        except subprocess.CalledProcessError:  # item vectors that only this request holds
            model = onnx_lite.TorchGraph(hello, config_of(hello), weights)
            path = model.write(folder, precision == "int8")
        run, engine, library = opened(path, hello["threads"], precision)
    ready(engine=engine, precision=precision, weights_bytes=size,
          settings=f"{model.settings},library_sha256={sha256_of(library)}")

    def answer(request):
        return model.answer(request, run)

    serve(answer if precision == "fp32" else one_by_one(answer))


if __name__ == "__main__":
    main()
