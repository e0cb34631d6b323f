# SPDX-License-Identifier: BSD-3-Clause
"""Lite's encoder and projection as one ONNX graph, and requests made of it."""
import os
import subprocess

import numpy
from onnx_export import export, quantise


def by_length(histories):
    """Rows whose histories are equally long: one batch, in which a causal encoder needs no mask."""
    rows = {}
    for row, history in enumerate(histories):
        rows.setdefault(len(history), []).append(row)
    return rows.items()


def best_of(scores, k):
    """Items and scores of the k best of each row, in any order."""
    k = min(k, scores.shape[1])
    best = numpy.argpartition(-scores, k - 1, axis=1)[:, :k]
    return (best + 1).tolist(), numpy.take_along_axis(scores, best, axis=1).tolist()


class LiteRequests:
    """What both graphs have in common; `inputs` says what a graph takes for rows of one length."""

    def scores(self, histories, run):
        return run(self.inputs(histories))[0]

    def samples(self, popularity, count=32):
        """Inputs to calibrate a quantisation by: full histories, drawn as often as items are popular.
        Always the same, for they become part of the model."""
        draw = numpy.random.default_rng(1)
        weight = numpy.array(popularity, numpy.float64) + 1
        items = numpy.arange(1, len(weight) + 1)
        return [self.inputs([draw.choice(items, self.history, p=weight / weight.sum()).tolist()])
                for _ in range(count)]

    def answer(self, request, run):
        histories = [history[-self.history:] for history in request["histories"]]
        items, scores = [None] * len(histories), [None] * len(histories)
        for _, rows in by_length(histories):
            result = self.scores([histories[row] for row in rows], run)
            for row, best, score in zip(rows, *best_of(result, request["k"])):
                items[row], scores[row] = best, score
        return items, scores


class OwnGraph(LiteRequests):
    """`lite4rec export onnx`: item numbers in. Its last block computes no position but the one that
    is read, which no exporter of modules would find."""

    def __init__(self, hello, config, weights):
        self.model, self.history = hello["model"], config["history"]
        self.bias = weights.get("item_head.bias", numpy.zeros(hello["items"], numpy.float32))
        self.settings = "graph=lite4rec"

    def write(self, folder, int8):
        path = os.path.join(folder, "lite.onnx")
        program = os.environ.get("LITE4REC") or os.path.join(
            os.path.dirname(os.path.abspath(__file__)), "..", "..", "lite4rec")
        subprocess.run([program, "export", "onnx", self.model, "--out", path], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        if int8:
            quantise(path)
        return path

    def scores(self, histories, run):
        if not histories[0]:  # nobody's history: a state of zeros
            return numpy.tile(self.bias, (len(histories), 1))
        return super().scores(histories, run)

    def inputs(self, histories):
        return {"items": numpy.array(histories, numpy.int64)}


class TorchGraph(LiteRequests):
    """PyTorch's export of the modules that peer:torch serves: item vectors in."""

    def __init__(self, hello, config, weights):
        import torch
        import transformers
        from torch_t5 import Lite

        class Graph(torch.nn.Module):
            def __init__(self, lite):
                super().__init__()
                self.stack, self.head = lite.stack, lite.head

            def forward(self, vectors):
                return self.head(self.stack(inputs_embeds=vectors).last_hidden_state[:, -1])

        lite = Lite(hello, config, {name: torch.from_numpy(array) for name, array in weights.items()},
                    "fp32")
        self.graph, self.vectors = Graph(lite), lite.vectors.numpy()
        self.history = config["history"]
        self.settings = (f"graph=torch,exported by PyTorch {torch.__version__}, "
                         f"transformers {transformers.__version__}")

    def write(self, folder, int8):
        import torch
        path = os.path.join(folder, "lite.onnx")
        with torch.no_grad():
            export(self.graph, path, (torch.zeros(2, 7, self.vectors.shape[1]),), ["vectors"],
                   ["scores"], {"vectors": {0: "batch", 1: "length"}, "scores": {0: "batch"}}, int8)
        return path

    def inputs(self, histories):
        if histories[0]:
            some = self.vectors[numpy.array(histories) - 1]
        else:  # nobody's history: a state of zeros
            some = numpy.zeros((len(histories), 1, self.vectors.shape[1]), numpy.float32)
        return {"vectors": some}
