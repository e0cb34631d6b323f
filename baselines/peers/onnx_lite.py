#!/usr/bin/env python3
"""peer:onnxruntime and peer:openvino: Lite's encoder and projection exported from PyTorch to ONNX.

The program's name says which runtime serves it. Options: precision=fp32 (openvino: also bf16).
"""
import json
import os
import sys
import tempfile
import warnings

from peer import config_of, fail, no_more_options, option, say, serve, sha256_of

try:
    import numpy
    import torch
    import transformers
    from safetensors.torch import load_file
    from torch_t5 import Lite
except ImportError as error:
    fail(f"{error}; run `make peers`")


class Graph(torch.nn.Module):
    """Item vectors of whole histories of one length in, scores over all items out."""

    def __init__(self, lite):
        super().__init__()
        self.stack = lite.stack
        self.head = torch.nn.Parameter(lite.head, requires_grad=False)
        self.bias = None if lite.bias is None else torch.nn.Parameter(lite.bias, requires_grad=False)

    def forward(self, vectors):
        hidden = self.stack(inputs_embeds=vectors).last_hidden_state
        return torch.nn.functional.linear(hidden[:, -1], self.head, self.bias)


def export(lite, width, path):
    # the tracer warns of a branch on the cache's length, which is 0 here for every input
    warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
    torch.onnx.export(Graph(lite).eval(), (torch.zeros(2, 7, width),), path,
                      input_names=["vectors"], output_names=["scores"], opset_version=14,
                      dynamic_axes={"vectors": {0: "batch", 1: "length"}, "scores": {0: "batch"}})


def open_onnxruntime(path, hello, precision):
    import onnxruntime

    if precision != "fp32":
        fail("precision=bf16 is openvino's alone here")
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = hello["threads"]
    settings.inter_op_num_threads = 1
    settings.add_session_config_entry("session.intra_op.allow_spinning", "1")
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    library = onnxruntime.capi.onnxruntime_pybind11_state.__file__
    return (lambda vectors: session.run(["scores"], {"vectors": vectors})[0],
            f"ONNX Runtime {onnxruntime.__version__}", library)


def open_openvino(path, hello, precision):
    import openvino

    core = openvino.Core()
    compiled = core.compile_model(core.read_model(path), "CPU", {
        "INFERENCE_NUM_THREADS": hello["threads"], "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
        "ENABLE_CPU_PINNING": False, "PERFORMANCE_HINT": "LATENCY"})
    request = compiled.create_infer_request()
    library = openvino._pyopenvino.__file__
    return (lambda vectors: request.infer({0: vectors})[0], f"OpenVINO {openvino.__version__}",
            library)


class Runtime:
    """Requests of one length are one batch: a causal encoder over rows of one length needs no mask."""

    def __init__(self, run, vectors, history):
        self.run, self.vectors, self.history = run, vectors, history

    def answer(self, request):
        histories = [history[-self.history:] for history in request["histories"]]
        items, scores = [None] * len(histories), [None] * len(histories)
        by_length = {}
        for row, history in enumerate(histories):
            by_length.setdefault(len(history), []).append(row)
        for length, rows in by_length.items():
            if not length:  # nobody's history: a state of zeros
                some = numpy.zeros((len(rows), 1, self.vectors.shape[1]), numpy.float32)
            else:
                chosen = numpy.array([histories[row] for row in rows]) - 1
                some = self.vectors[chosen]
            result = self.run(some)
            k = min(request["k"], result.shape[1])
            best = numpy.argpartition(-result, k - 1, axis=1)[:, :k]
            for place, row in enumerate(rows):
                items[row] = (best[place] + 1).tolist()
                scores[row] = result[place, best[place]].tolist()
        return items, scores


def main():
    name = os.environ["LITE4REC_RUNTIME"]
    hello = json.loads(sys.stdin.readline())
    torch.set_grad_enabled(False)
    precision = option(hello, "precision", "fp32", ("fp32", "bf16"))
    no_more_options(hello)
    if hello["kind"] != "lite":
        fail(f"models of kind {hello['kind']} are not served here: lite")
    config = config_of(hello)
    weights = load_file(hello["model"] + "/model.safetensors")
    lite = Lite(hello, config, weights, torch.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "lite.onnx")
        export(lite, config["rec_llm"]["width"], path)
        opened = open_onnxruntime if name == "onnxruntime" else open_openvino
        run, engine, library = opened(path, hello, precision)
    runtime = Runtime(run, lite.vectors.numpy(), config["history"])
    say({"protocol": 1, "engine": engine, "precision": precision,
         "weights_bytes": 4 * sum(value.numel() for value in weights.values()),
         "settings": f"threads={hello['threads']},exported by PyTorch {torch.__version__}, "
                     f"transformers {transformers.__version__},library_sha256={sha256_of(library)}"})
    serve(runtime.answer)


if __name__ == "__main__":
    main()
