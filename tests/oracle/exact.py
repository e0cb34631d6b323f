#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Scores of whole catalogues, item by item: what an exact ranking must equal.

Run in an environment with torch and transformers (tests/oracle/README.md names the versions):

    python3 tests/oracle/exact.py golden tests/golden/beam
    python3 tests/oracle/exact.py model FOLDER REQUESTS SCORES

The first reads the checkpoints, ids and prompts that beam.py wrote and writes NAME.exact.json
beside them. The second is for a trained model exported by `lite4rec export hf`: REQUESTS is JSON,
{"ids": [[token, ...], ...], "prompts": [[token, ...], ...], "unused": [begin, end]}.

Every item is a forward pass of its own, with its id as the answer: no trie, no cache and no beam. A
score is the sum of the log-probabilities of the id's tokens and </s>, taken over the whole
vocabulary ("on") or, renormalised, over the tokens with which an id may go on ("head").
"""
import json
import os
import sys

import torch
import transformers
from transformers import T5Config, T5ForConditionalGeneration

START, END = 0, 1


def allowed_after(ids):
    """The tokens that may follow each prefix of an id."""
    allowed = {}
    for tokens in ids:
        whole = tokens + [END]
        for place, token in enumerate(whole):
            allowed.setdefault(tuple(whole[:place]), set()).add(token)
    return allowed


def score(model, prompt, tokens, unused, allowed):
    answer = tokens + [END]
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([prompt]),
                       decoder_input_ids=torch.tensor([[START] + tokens])).logits[0].double()
    logits[:, unused[0]:unused[1]] = -float("inf")
    if allowed is not None:
        for place in range(len(answer)):
            barred = torch.ones(logits.shape[1], dtype=torch.bool)
            barred[sorted(allowed[tuple(answer[:place])])] = False
            logits[place, barred] = -float("inf")
    logarithms = torch.log_softmax(logits, dim=-1)
    return float(sum(logarithms[place, token] for place, token in enumerate(answer)))


def score_all(model, case):
    allowed = allowed_after(case["ids"])
    scores = {}
    for trie, choices in (("on", None), ("head", allowed)):
        scores[trie] = [[score(model, prompt, tokens, case["unused"], choices)
                         for tokens in case["ids"]] for prompt in case["prompts"]]
    return scores


def golden(folder, name):
    from safetensors.torch import load_file
    path = os.path.join(folder, name)
    with open(path + ".json") as source:
        case = json.load(source)
    shape = case["shape"]
    model = T5ForConditionalGeneration(T5Config(
        vocab_size=shape["vocabulary"], d_model=shape["width"], d_kv=shape["key"],
        num_heads=shape["heads"], d_ff=shape["feed"], num_layers=shape["encoder_blocks"],
        num_decoder_layers=shape["decoder_blocks"],
        feed_forward_proj="gated-gelu" if shape["gated"] else "relu",
        tie_word_embeddings=bool(shape["tied"]), pad_token_id=START, eos_token_id=END,
        decoder_start_token_id=START, dropout_rate=0.0)).eval()
    missing, unexpected = model.load_state_dict(load_file(path + ".safetensors"), strict=False)
    left = [key for key in missing if "embed_tokens" not in key
            and not (shape["tied"] and key == "lm_head.weight")]
    if left or unexpected:
        sys.exit(f"{path}.safetensors: missing {left}, unexpected {unexpected}")
    scores = score_all(model, case)
    scores["made_with"] = "transformers " + transformers.__version__
    with open(path + ".exact.json", "w") as out:
        json.dump(scores, out, separators=(",", ":"))
        out.write("\n")


def main():
    torch.set_num_threads(1)
    if len(sys.argv) == 3 and sys.argv[1] == "golden":
        for name in ("v10", "v11", "few"):
            golden(sys.argv[2], name)
    elif len(sys.argv) == 5 and sys.argv[1] == "model":
        model = T5ForConditionalGeneration.from_pretrained(sys.argv[2]).eval()
        with open(sys.argv[3]) as source:
            case = json.load(source)
        with open(sys.argv[4], "w") as out:
            json.dump(score_all(model, case), out)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
