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
        self.stack = lite.stack
        self.head = torch.nn.Parameter(lite.head, requires_grad=False)
        self.bias = None if lite.bias is None else torch.nn.Parameter(lite.bias, requires_grad=False)

    def forward(self, vectors):
        hidden = self.stack(inputs_embeds=vectors).last_hidden_state
        return torch.nn.functional.linear(hidden[:, -1], self.head, self.bias)


class OnnxLite:
    """Requests of one length are one batch: a causal encoder over rows of one length needs no mask."""

    settings = ""

    def __init__(self, hello, config, weights):
        lite = Lite(hello, config, weights, torch.float32)
        self.graph, self.vectors, self.history = Graph(lite), lite.vectors.numpy(), config["history"]

    def write(self, folder):
        path = os.path.join(folder, "lite.onnx")
        export(self.graph, path, (torch.zeros(2, 7, self.vectors.shape[1]),), ["vectors"],
               ["scores"], {"vectors": {0: "batch", 1: "length"}, "scores": {0: "batch"}})
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
