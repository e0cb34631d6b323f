#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Golden answers of beam search: small random T5 checkpoints, searched by transformers' generate.

Run in an environment with torch and transformers 4.39.3 (the pinned version; another one is
refused, because beam search changes between versions):

    python3 tests/oracle/beam.py tests/golden/beam

Writes NAME.safetensors and NAME.json for each checkpoint. Everything is drawn from fixed seeds.
The decoder's final norm is scaled up, which sharpens the output distribution: beams of a random
model are near-ties otherwise and their order means nothing.
"""
import json
import os
import sys

import torch
import transformers
from safetensors.torch import save_file
from transformers import T5Config, T5ForConditionalGeneration

PINNED = "4.39.3"
BEAMS = (4, 20)


def checkpoint(name, seed, sharpen, **overrides):
    torch.manual_seed(seed)
    settings = dict(vocab_size=60, d_model=16, d_kv=8, num_heads=2, d_ff=24, num_layers=2,
                    num_decoder_layers=2, feed_forward_proj="relu", tie_word_embeddings=True,
                    pad_token_id=0, eos_token_id=1, decoder_start_token_id=0, dropout_rate=0.0)
    settings.update(overrides)
    model = T5ForConditionalGeneration(T5Config(**settings)).eval()
    with torch.no_grad():
        model.decoder.final_layer_norm.weight.mul_(sharpen)
        # a larger row for </s>, or free generation hardly ever ends before the length limit
        model.get_output_embeddings().weight[1].mul_(3.0)
    return name, model


def random_ids(generator, count, longest, first, end):
    """Distinct token strings; some are prefixes of others, some share long beginnings."""
    ids = []
    while len(ids) < count:
        length = int(torch.randint(1, longest + 1, (1,), generator=generator))
        head = torch.randint(first, first + 5, (1,), generator=generator).tolist()
        tail = torch.randint(first, end, (length - 1,), generator=generator).tolist()
        if head + tail not in ids:
            ids.append(head + tail)
    return ids


class Without(torch.nn.Module):
    """An output layer whose unused rows are -inf."""

    def __init__(self, inner, begin, end):
        super().__init__()
        self.inner, self.begin, self.end = inner, begin, end

    def forward(self, hidden):
        logits = self.inner(hidden)
        logits[..., self.begin:self.end] = -float("inf")
        return logits


def allowed_by(ids):
    tree = {}
    for tokens in ids:
        node = tree
        for token in tokens + [1]:
            node = node.setdefault(token, {})

    def allowed(_, sentence):
        node = tree
        for token in sentence.tolist()[1:]:
            node = node.get(token)
            if not node:
                return [0]  # a beam that is impossible already; the list may not be empty
        return list(node)

    return allowed


def answers_of(output, count):
    found = []
    scores = getattr(output, "sequences_scores", None)
    for place in range(count):
        tokens = output.sequences[place].tolist()[1:]
        finished = 1 in tokens
        if finished:
            tokens = tokens[:tokens.index(1)]
        score = None if scores is None else float(scores[place])
        if score is not None and score < -1e6:
            continue  # an impossible beam that filled the list up
        found.append(dict(token=tokens, finished=int(finished), score=score))
    return found


def search(model, prompt, ids, beams, trie, steps):
    settings = dict(max_length=steps + 1, num_beams=beams, do_sample=False, length_penalty=1.0,
                    early_stopping=False, return_dict_in_generate=True, output_scores=True)
    if beams > 1:
        settings["num_return_sequences"] = beams
    if trie != "off":
        settings["prefix_allowed_tokens_fn"] = allowed_by(ids)
    if trie == "head":
        settings["renormalize_logits"] = True  # the log-softmax of what the trie allows
    with torch.no_grad():
        output = model.generate(torch.tensor([prompt]), **settings)
    return answers_of(output, beams)


def cases_of(model, seed, items, longest, unused):
    generator = torch.Generator().manual_seed(seed)
    first, end = 2, 40
    ids = random_ids(generator, items, longest, first, end)
    prompts = [torch.randint(2, 60, (length,), generator=generator).tolist()
               for length in (1, 7, 23, 12)]
    steps = max(map(len, ids)) + 1
    if unused:
        model.lm_head = Without(model.lm_head, *unused)
    searches = []
    for trie in ("on", "off", "head"):
        for beams in (1,) + BEAMS:
            users = [search(model, prompt, ids, beams, trie, steps) for prompt in prompts]
            searches.append(dict(trie=trie, beams=beams, users=users))
    return dict(ids=ids, prompts=prompts, steps=steps, unused=unused or [0, 0], searches=searches)


def write(folder, name, model, case):
    config = model.config
    tensors = {key: value.contiguous() for key, value in model.state_dict().items()
               if "embed_tokens" not in key and not key.startswith("lm_head.inner")
               and not (config.tie_word_embeddings and key.startswith("lm_head"))}
    if not config.tie_word_embeddings:
        head = model.lm_head.inner if isinstance(model.lm_head, Without) else model.lm_head
        tensors["lm_head.weight"] = head.weight.detach().contiguous()
    save_file(tensors, os.path.join(folder, name + ".safetensors"), metadata={"format": "pt"})
    case["shape"] = dict(width=config.d_model, key=config.d_kv, heads=config.num_heads,
                         feed=config.d_ff, vocabulary=config.vocab_size,
                         encoder_blocks=config.num_layers,
                         decoder_blocks=config.num_decoder_layers,
                         gated=int(config.is_gated_act), tied=int(config.tie_word_embeddings))
    case["made_with"] = "transformers " + transformers.__version__
    with open(os.path.join(folder, name + ".json"), "w") as out:
        json.dump(case, out, separators=(",", ":"))
        out.write("\n")


def main():
    if transformers.__version__ != PINNED:
        sys.exit(f"transformers {transformers.__version__} is here, {PINNED} is pinned: "
                 f"pip install transformers=={PINNED}")
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    made = [
        (checkpoint("v10", 1, 4.0), dict(items=40, longest=4, unused=None)),
        (checkpoint("v11", 2, 1.0, feed_forward_proj="gated-gelu", tie_word_embeddings=False),
         dict(items=60, longest=3, unused=[44, 50])),
        # fewer items than beams: the trie cannot fill them
        (checkpoint("few", 3, 3.0, num_layers=1, num_decoder_layers=1, num_heads=3, d_kv=4),
         dict(items=9, longest=5, unused=[40, 60])),
    ]
    for (name, model), settings in made:
        write(folder, name, model, cases_of(model, 7, **settings))


if __name__ == "__main__":
    main()
