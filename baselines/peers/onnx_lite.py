"""Lite's encoder and projection as one ONNX graph, and requests made of it."""
import os

import numpy
import torch
from onnx_export import export
from torch_t5 import Lite


class Graph(torch.nn.Module):
    """Item vectors of whole histories of one length in, scores over all items out."""

    def __init__(self, lite):
        super().__init__()
        self.stack, self.head = lite.stack, lite.head

    def forward(self, vectors):
        return self.head(self.stack(inputs_embeds=vectors).last_hidden_state[:, -1])


class OnnxLite:
    """Requests of one length are one batch: a causal encoder over rows of one length needs no mask."""

    settings = ""

    def __init__(self, hello, config, weights):
        lite = Lite(hello, config, weights, "fp32")
        self.graph, self.vectors = Graph(lite), lite.vectors.numpy()
        self.history = config["history"]

    def write(self, folder, int8):
        path = os.path.join(folder, "lite.onnx")
        export(self.graph, path, (torch.zeros(2, 7, self.vectors.shape[1]),), ["vectors"],
               ["scores"], {"vectors": {0: "batch", 1: "length"}, "scores": {0: "batch"}}, int8)
        return path

    def answer(self, request, run):
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
            result = run({"vectors": some})[0]
            k = min(request["k"], result.shape[1])
            best = numpy.argpartition(-result, k - 1, axis=1)[:, :k]
            for place, row in enumerate(rows):
                items[row] = (best[place] + 1).tolist()
                scores[row] = result[place, best[place]].tolist()
        return items, scores
