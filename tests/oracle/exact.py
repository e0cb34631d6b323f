#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Scores of whole catalogues, item by item: what an exact ranking must equal.

Run in an environment with torch and transformers (tests/oracle/README.md names the versions):

    python3 tests/oracle/exact.py golden tests/golden/beam
    python3 tests/oracle/exact.py model FOLDER USER ITEM... < ranking

The first reads the checkpoints, ids and prompts that beam.py wrote and writes NAME.exact.json
beside them. The second holds a trained p5 that `lite4rec export hf` wrote to FOLDER against what
`lite4rec recommend --json --seen --arm beam@MODEL:search=exact` ranks for user number USER (from
1) with the history ITEM... (numbers of the data set, oldest first); it ends with 1 where a score
is further apart than 1e-5 + 1e-4 of it, or an item out of its place by more than that.

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


def hold_against(folder, user, history):
    """A ranking of the standard input, item by item."""
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "convert"))
    from hf_answers import Exported
    exported = Exported(folder)
    model = exported.t5["."]
    unused = exported.about.get("unused_rows", [0, 0])
    inputs = exported.inputs(*exported.prompt(user, history))
    with torch.no_grad():
        memory = model.encoder(**inputs)
    expected = {}
    for item, tokens in exported.ids.items():
        with torch.no_grad():
            logits = model(encoder_outputs=memory,
                           decoder_input_ids=torch.tensor([[START] + tokens])).logits[0].double()
        logits[:, unused[0]:unused[1]] = -float("inf")
        logarithms = torch.log_softmax(logits, dim=-1)
        expected[item] = float(sum(logarithms[place, token]
                                   for place, token in enumerate(tokens + [END])))
    order = sorted(expected.values(), reverse=True)
    ranked = [(int(row["item"]), row["score"]) for row in json.load(sys.stdin)["items"]]
    apart = displaced = 0.0
    for place, (item, score) in enumerate(ranked):
        apart = max(apart, abs(score - expected[item]) / (1e-5 + 1e-4 * abs(expected[item])))
        displaced = max(displaced,
                        abs(order[place] - expected[item]) / (1e-5 + 1e-4 * abs(order[place])))
    print(f"{len(ranked)} of {len(expected)} items; of what they may be apart: scores {apart:.3f}, "
          f"places {displaced:.3f}")
    return int(not ranked or apart > 1 or displaced > 1)


def main():
    torch.set_num_threads(1)
    if len(sys.argv) == 3 and sys.argv[1] == "golden":
        for name in ("v10", "v11", "few"):
            golden(sys.argv[2], name)
    elif len(sys.argv) >= 5 and sys.argv[1] == "model":
        sys.exit(hold_against(sys.argv[2], int(sys.argv[3]), [int(i) for i in sys.argv[4:]]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
