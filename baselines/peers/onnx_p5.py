# SPDX-License-Identifier: BSD-3-Clause
"""P5 by ONNX Runtime's own beam search, com.microsoft.BeamSearch: one node whose two subgraphs are
the encoder with the decoder's keys and values of its output, and one step of the decoder.

Like `generate`, but for one thing: a beam that the length limit stops is scored by its sum of
log-probabilities over the number of its tokens with the start token, one more than there. It is no
item's id, but it may take the place of an answer that is.

onnxruntime.transformers would export T5 and fuse its attention, but what it fuses needs an operator
that processors do not have (RelativePositionBias). The rest of its fusions made no difference in time.
"""
import os

import numpy
import onnx
import torch
import transformers
from onnx import helper
from onnx_export import OPSET, export
from onnx_t5 import Decoder, Encoder
from peer import fail, option
from torch_t5 import END, load_t5

MICROSOFT = helper.make_opsetid("com.microsoft", 1)


def names(tense, what, layers):
    """past_key_self_0, past_value_self_0, past_key_self_1, ...: what BeamSearch asks for."""
    return [f"{tense}_{part}_{what}_{layer}" for layer in range(layers)
            for part in ("key", "value")]


class OnnxP5:
    def __init__(self, hello, config, weights):
        self.beams = int(option(hello, "beams", "20"))
        if option(hello, "trie", "on") != "off":
            fail("BeamSearch of ONNX Runtime knows no trie; say trie=off, here and in what it is "
                 "compared with")
        self.words = weights.pop("whole_word.weight", None)
        self.t5 = load_t5(config["p5"], weights)
        self.vocabulary, self.layers = self.t5.config.vocab_size, len(self.t5.decoder.block)
        self.unused, self.steps = hello["unused"], hello["max_id_tokens"]
        self.item = {tuple(tokens): number for number, tokens in enumerate(hello["ids"], 1)}
        self.settings = (f"beams={self.beams},trie=off,exported by PyTorch {torch.__version__}, "
                         f"transformers {transformers.__version__}")

    def write_encoder(self, path, int8):
        ids = torch.full((2, 3), END, dtype=torch.int32)
        inputs, outputs = (["encoder_input_ids", "encoder_attention_mask"],
                           names("present", "cross", self.layers))
        axes = {name: {0: "batch", 1: "length"} for name in inputs}
        axes.update({name: {0: "batch", 2: "length"} for name in outputs})
        export(Encoder(self.t5, self.words), path, (ids, torch.ones_like(ids)), inputs, outputs,
               axes, int8)

    def write_decoder(self, path, int8):
        shape = self.t5.config
        ids = torch.full((2, 1), END, dtype=torch.int32)
        mask = torch.ones(2, 3, dtype=torch.int32)
        own, cross = (torch.zeros(2, shape.num_heads, length, shape.d_kv) for length in (5, 3))
        past = [own] * (2 * self.layers) + [cross] * (2 * self.layers)
        axes = {"input_ids": {0: "batch"}, "encoder_attention_mask": {0: "batch", 1: "length"},
                "logits": {0: "batch"}}
        for tense, what, length in (("past", "self", "past"), ("past", "cross", "length"),
                                    ("present", "self", "grown")):
            axes.update({name: {0: "batch", 2: length} for name in names(tense, what, self.layers)})
        export(Decoder(self.t5, self.unused), path, (ids, mask, *past),
               ["input_ids", "encoder_attention_mask", *names("past", "self", self.layers),
                *names("past", "cross", self.layers)],
               ["logits", *names("present", "self", self.layers)], axes, int8)

    def subgraph(self, path):
        """The graph in a file, with what BeamSearch reads from its outputs' shapes."""
        graph = onnx.load(path).graph
        for output in graph.output:
            sizes = output.type.tensor_type.shape.dim
            if len(sizes) == 4:  # [batch][heads][length][key]
                sizes[1].dim_value = self.t5.config.num_heads
                sizes[3].dim_value = self.t5.config.d_kv
        return graph

    def search(self, encoder, decoder):
        """A model of one BeamSearch node around the two."""
        whole, real = onnx.TensorProto.INT32, onnx.TensorProto.FLOAT
        numbers = ["max_length", "min_length", "num_beams", "num_return_sequences"]
        inputs = ["input_ids", *numbers, "length_penalty"]
        node = helper.make_node(
            # without a mask of its own it takes every pad to the left of a prompt alone for one
            "BeamSearch", [*inputs, "", "", "", "attention_mask"], ["sequences", "scores"],
            # padded with </s>: a pad after an answer could be one that the model wrote
            domain=MICROSOFT.domain, model_type=1, decoder_start_token_id=0, eos_token_id=END,
            pad_token_id=END, early_stopping=0, no_repeat_ngram_size=0, encoder=encoder,
            decoder=decoder)
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            [node], "p5",
            [*(value(name, whole, ["batch", "length"]) for name in ("input_ids", "attention_mask")),
             *(value(name, whole, [1]) for name in numbers), value("length_penalty", real, [1])],
            [value("sequences", whole, ["batch", "beams", "steps"]),
             value("scores", real, ["batch", "beams"])])
        return helper.make_model(graph, ir_version=8,
                                 opset_imports=[helper.make_opsetid("", OPSET), MICROSOFT])

    def write(self, folder, int8):
        encoder, decoder, path = (os.path.join(folder, name + ".onnx")
                                  for name in ("encoder", "decoder", "p5"))
        self.write_encoder(encoder, int8)
        self.write_decoder(decoder, int8)
        onnx.save(self.search(self.subgraph(encoder), self.subgraph(decoder)), path)
        return path

    def inputs(self, request):
        prompts = request["tokens"]
        ids = numpy.zeros((len(prompts), max(map(len, prompts))), numpy.int32)
        mask = numpy.zeros_like(ids)
        for row, prompt in enumerate(prompts):
            ids[row, :len(prompt)] = prompt
            mask[row, :len(prompt)] = 1
        if self.words is not None:  # BeamSearch hands on one number a token: it holds the word too
            for row, words in enumerate(request["words"]):
                ids[row, :len(words)] += self.vocabulary * (numpy.array(words, numpy.int32) + 1)
        numbers = {"max_length": self.steps + 1, "min_length": 0, "num_beams": self.beams,
                   "num_return_sequences": self.beams}
        return {"input_ids": ids, "attention_mask": mask,
                "length_penalty": numpy.ones(1, numpy.float32),
                **{name: numpy.array([number], numpy.int32) for name, number in numbers.items()}}

    def answer(self, request, run):
        found, values = run(self.inputs(request))
        items, scores = [], []
        for sequences, row in zip(found.tolist(), values.tolist()):
            ranking, kept = [], []
            for tokens, score in zip(sequences, row):
                item = self.item.get(tuple(tokens[1:tokens.index(END)])) if END in tokens else None
                if item and item not in ranking and score > -1e6:
                    ranking.append(item)
                    kept.append(score)
            items.append(ranking[:request["k"]])
            scores.append(kept[:request["k"]])
        return items, scores
