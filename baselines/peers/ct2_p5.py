#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""peer:ctranslate2: P5 by CTranslate2's beam search. It has no trie, so generation is free and what
is no item id is dropped, as with trie=off; models with whole-word vectors cannot be served.

Options: beams=20, trie=off (the only value), precision=fp32|int8.
"""
import json
import logging
import os
import re
import sys
import tempfile

from peer import config_of, fail, no_more_options, option, printed, ready, serve, sha256_of

try:
    import ctranslate2
    import torch
    from ctranslate2.converters.transformers import T5Loader
    from safetensors.torch import load_file
    from torch_t5 import load_t5
except ImportError as error:
    fail(f"{error}; run `make peers`")


def word(token):
    return {0: "<pad>", 1: "</s>", 2: "<unk>"}.get(token, f"t{token}")


def convert(hello, config, folder):
    weights = load_file(hello["model"] + "/model.safetensors")
    if "whole_word.weight" in weights:
        fail("a model with --whole-word cannot be served here: its prompts are not tokens alone")
    begin, end = hello["unused"]
    shape = config["p5"]
    spec = T5Loader().get_model_spec(load_t5(shape, weights))
    words = [word(token) for token in range(shape["vocabulary"])]
    spec.register_source_vocabulary(words)
    spec.register_target_vocabulary(words)
    spec.config.bos_token = spec.config.decoder_start_token = "<pad>"
    spec.config.eos_token, spec.config.unk_token = "</s>", "<unk>"
    spec.config.add_source_eos = False
    spec.validate()
    spec.optimize(quantization=None)
    spec.save(folder)
    return sum(value.numel() for value in weights.values()), [word(t) for t in range(begin, end)]


def opened(folder, threads, precision):
    """The translator, its instruction set and who multiplies, as it logs them when it starts."""
    made = []

    def start():
        made.append(ctranslate2.Translator(
            folder, device="cpu", inter_threads=1, intra_threads=threads,
            compute_type="float32" if precision == "fp32" else "int8"))

    ctranslate2.set_log_level(logging.INFO)
    log = printed(start, 2)
    ctranslate2.set_log_level(logging.WARNING)
    isa = re.search(r"Selected ISA: (\S+)", log)
    backends = re.findall(r"(\S*GEMM\S* backend: [^(\n]*\w)", log)
    return (made[0], isa.group(1).lower() if isa else "unknown",
            "+".join(sorted(set(backends))).replace(" backend: ", " by ") or "unknown")


class P5:
    def __init__(self, translator, hello, beams, unused):
        self.translator, self.beams, self.steps = translator, beams, hello["max_id_tokens"]
        self.item = {tuple(tokens): number for number, tokens in enumerate(hello["ids"], 1)}
        self.suppressed = [[token] for token in unused]

    def answer(self, request):
        results = self.translator.translate_batch(
            [[word(token) for token in prompt] for prompt in request["tokens"]],
            beam_size=self.beams, num_hypotheses=self.beams, patience=1, length_penalty=1,
            max_decoding_length=self.steps, min_decoding_length=1, return_scores=True,
            suppress_sequences=self.suppressed, max_input_length=0,
            max_batch_size=len(request["tokens"]))
        items, scores = [], []
        for result in results:
            ranking, values = [], []
            for tokens, score in zip(result.hypotheses, result.scores):
                item = self.item.get(tuple(int(token[1:]) for token in tokens if token[0] == "t"))
                if item and item not in ranking:
                    ranking.append(item)
                    values.append(score)
            items.append(ranking[:request["k"]])
            scores.append(values[:request["k"]])
        return items, scores


def main():
    hello = json.loads(sys.stdin.readline())
    torch.set_grad_enabled(False)
    beams = int(option(hello, "beams", "20"))
    option(hello, "trie", "off", ("off",))
    precision = option(hello, "precision", "fp32", ("fp32", "int8"))
    no_more_options(hello)
    if hello["kind"] != "p5":
        fail(f"models of kind {hello['kind']} are not served here: p5")
    with tempfile.TemporaryDirectory() as folder:
        values, unused = convert(hello, config_of(hello), folder)
        translator, isa, backend = opened(folder, hello["threads"], precision)
    model = P5(translator, hello, beams, unused)
    library = ctranslate2._ext.__file__
    ready(engine=f"CTranslate2 {ctranslate2.__version__}", precision=precision,
          isa=isa, weights_bytes=values * (4 if precision == "fp32" else 1),
          settings=f"trie=off,beams={beams},compute={translator.compute_type},products={backend},inter=1,"
                   f"wait={os.environ.get('OMP_WAIT_POLICY', 'default').lower()},"
                   f"library_sha256={sha256_of(library)}")
    serve(model.answer)


if __name__ == "__main__":
    main()
