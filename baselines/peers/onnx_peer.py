#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""peer:onnxruntime and peer:openvino: models as ONNX graphs. Both serve lite, onnxruntime also p5.

The program's name says which runtime serves. Options: precision=fp32|int8, openvino fp32|bf16|int8;
for lite graph=lite4rec|torch, who writes the graph: `lite4rec export onnx`, or PyTorch when the program
starts; for p5 beams=20, trie=off (to be said: the default of all other engines is another).
"""
import json
import os
import subprocess
import sys
import tempfile

from peer import bytes_of, config_of, fail, no_more_options, option, ready, serve, sha256_of

try:
    import onnx_lite
    from safetensors.numpy import load_file
except ImportError as error:
    fail(f"{error}; run `make peers`")

SERVED = {"onnxruntime": ("lite", "p5"), "openvino": ("lite",)}
PRECISIONS = {"onnxruntime": ("fp32", "int8"), "openvino": ("fp32", "bf16", "int8")}


class Opened:
    """A model that a runtime holds: run(inputs) -> outputs, and what is to be said of it."""

    def __init__(self, run, engine, library, isa, settings):
        self.run, self.engine, self.library = run, engine, library
        self.isa, self.settings = isa, settings


def open_onnxruntime(path, threads, _, __):
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.add_session_config_entry("session.intra_op.allow_spinning", "1")
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    # its kernels are chosen by cpuid and named nowhere
    return Opened(lambda inputs: session.run(None, inputs),
                  f"ONNX Runtime {onnxruntime.__version__}",
                  onnxruntime.capi.onnxruntime_pybind11_state.__file__, "unknown",
                  "inter_op=1,spinning=on")


def open_openvino(path, threads, precision, samples):
    import openvino

    from openvino_int8 import quantised, ran

    core = openvino.Core()
    graph = core.read_model(path)
    if precision == "int8":
        graph = quantised(graph, samples)
    compiled = core.compile_model(graph, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
        "ENABLE_CPU_PINNING": False, "PERFORMANCE_HINT": "LATENCY"})
    request = compiled.create_infer_request()
    request.infer(samples[0])  # before it, no kernel has been chosen
    isa, products = ran(compiled, precision)
    return Opened(request.infer, f"OpenVINO {openvino.__version__}",
                  openvino._pyopenvino.__file__, isa,
                  f"streams={compiled.get_property('NUM_STREAMS')},pinning=off,"
                  f"activations={str(compiled.get_property('INFERENCE_PRECISION_HINT').to_string())},"
                  f"products={products}")


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
    opens = open_onnxruntime if name == "onnxruntime" else open_openvino
    dynamic = precision == "int8" and name == "onnxruntime"  # OpenVINO quantises its own graph
    with tempfile.TemporaryDirectory() as folder:
        try:
            path = model.write(folder, dynamic)
        except subprocess.CalledProcessError:  # item vectors that only this request holds
            model = onnx_lite.TorchGraph(hello, config_of(hello), weights)
            path = model.write(folder, dynamic)
        samples = model.samples(hello["popularity"]) if name == "openvino" else []
        opened = opens(path, hello["threads"], precision, samples)
    ready(engine=opened.engine, isa=opened.isa, precision=precision, weights_bytes=size,
          settings=f"{model.settings},{opened.settings},"
                   f"library_sha256={sha256_of(opened.library)}")
    serve(lambda request: model.answer(request, opened.run))


if __name__ == "__main__":
    main()
