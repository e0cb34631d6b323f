# SPDX-License-Identifier: BSD-3-Clause
"""Makes tests/golden/t5-*: small random T5s and what `transformers` answers for them.

Every value is fixed by a seed through numpy's legacy generator, whose stream does not change across
versions. Weights follow T5's initialisation, except where a defect could hide behind it: norm gains
are not all one, the position bias is not near zero, and the decoder's last gain is raised, so that
logits are sharp and the best token is no near-tie; the embedding is small and the o and wo large, so
that answers depend on more than the newest token: a tied output with a large embedding
repeats its input.

Sequences are run one by one, unpadded: padding is this project's ragged batch, so it has no part in
what is expected. See README.md for versions, command and the layout of the files."""

import json
import math
import os
import sys

import numpy
import torch
import transformers
from safetensors.numpy import save_file
from transformers import T5Config, T5ForConditionalGeneration
from transformers.models.t5.modeling_t5 import T5Attention, T5Stack

PINNED = "4.39.3"


def t5_config(shape, **more):
    return T5Config(
        vocab_size=max(shape["vocabulary"], 1), d_model=shape["width"], d_kv=shape["key"],
        d_ff=shape["feed"], num_layers=shape["encoder_blocks"],
        num_decoder_layers=shape["decoder_blocks"], num_heads=shape["heads"],
        relative_attention_num_buckets=shape["buckets"],
        relative_attention_max_distance=shape["max_distance"], dropout_rate=0.0,
        layer_norm_epsilon=shape["epsilon"],
        feed_forward_proj="gated-gelu" if shape["gated"] else "relu",
        tie_word_embeddings=bool(shape["tied"]), decoder_start_token_id=0, pad_token_id=0,
        eos_token_id=1, **more)


def deviation(name, shape):
    width, inner, feed = shape["width"], shape["heads"] * shape["key"], shape["feed"]
    if "relative_attention_bias" in name:
        return 0.7
    if name.endswith(".q.weight"):
        return (width * shape["key"]) ** -0.5
    if name.endswith(".o.weight"):
        return 2 * inner ** -0.5
    if name.endswith(".wo.weight"):
        return 2 * feed ** -0.5
    return 0.3 if name == "shared.weight" else width ** -0.5


def fill(module, shape, seed):
    """Gives every parameter its value, in the order of names."""
    random = numpy.random.RandomState(seed)
    with torch.no_grad():
        for name, parameter in sorted(module.named_parameters()):
            if "layer_norm" in name:
                value = random.uniform(0.6, 1.4, parameter.shape)
                if name == "decoder.final_layer_norm.weight":
                    value *= 8 if shape["tied"] else 3
            else:
                value = random.normal(0, deviation(name, shape), parameter.shape)
            parameter.copy_(torch.from_numpy(value.astype(numpy.float32)))
    return random


def array(tensor):
    return numpy.ascontiguousarray(tensor.detach().numpy().astype(numpy.float32))


def named_weights(module):
    """Parameters under the names of this project: no second name of a shared tensor."""
    return {name: parameter for name, parameter in module.named_parameters()}


def write(folder, name, weights, golden, document):
    save_file({k: array(v) for k, v in weights.items()},
              os.path.join(folder, name + ".safetensors"), metadata={"format": "pt"})
    save_file(golden, os.path.join(folder, name + ".golden.safetensors"))
    document = {"transformers": transformers.__version__, **document}
    with open(os.path.join(folder, name + ".json"), "w") as out:
        json.dump(document, out, indent=None, separators=(",", ":"))
        out.write("\n")


def tokens(random, shape, length):
    """Random text tokens, none of them pad, end or unknown, ended by </s>."""
    return [int(t) for t in random.randint(3, shape["vocabulary"], length - 1)] + [1]


def encoder_decoder(folder, name, shape, lengths, answers, seed):
    model = T5ForConditionalGeneration(t5_config(shape)).eval()
    random = fill(model, shape, seed)
    golden, document = {}, {"model": shape, "encoder": [], "decoder": [], "greedy": []}
    for i, length in enumerate(lengths):
        text = tokens(random, shape, length)
        with torch.no_grad():
            golden[f"encoder.{i}"] = array(model.encoder(torch.tensor([text]))[0][0])
        document["encoder"].append({"tokens": text})
    loss_sum, targets = 0, 0
    for i, (length, answer_length) in enumerate(answers):
        text, answer = tokens(random, shape, length), tokens(random, shape, answer_length)
        out = model(input_ids=torch.tensor([text]), labels=torch.tensor([answer]),
                    output_hidden_states=True)
        golden[f"decoder.{i}.memory"] = array(out.encoder_last_hidden_state[0])
        golden[f"decoder.{i}.hidden"] = array(out.decoder_hidden_states[-1][0])
        golden[f"decoder.{i}.logits"] = array(out.logits[0])
        document["decoder"].append({"tokens": text, "input": [0] + answer[:-1], "target": answer,
                                    "loss": float(out.loss) * len(answer)})
        loss_sum, targets = loss_sum + out.loss * len(answer), targets + len(answer)
        greedy = model.generate(torch.tensor([text]), max_length=12, num_beams=1, do_sample=False)
        document["greedy"].append({"tokens": text, "answer": greedy[0].tolist()})
    model.zero_grad()
    (loss_sum / targets).backward()
    document["loss"] = float(loss_sum / targets)
    for parameter, value in named_weights(model).items():
        golden["gradient." + parameter] = array(value.grad)
    write(folder, name, named_weights(model), golden, document)


def encoder_names(stack):
    """A T5Stack's parameters under encoder names; in a causal one (a decoder without its
    cross-attention) the feed-forward layer is number 2."""
    for name, parameter in stack.named_parameters():
        if "EncDecAttention" in name or name == "embed_tokens.weight" or ".layer.1." in name and \
                stack.is_decoder:
            continue
        yield "rec_llm.encoder." + name.replace(".layer.2.", ".layer.1."), parameter


def encoder_head(folder, name, shape, lengths, items, every_position, seed):
    config = t5_config(shape, is_encoder_decoder=False)
    config.is_decoder, config.use_cache = bool(shape["causal"]), False
    config.num_layers = shape["encoder_blocks"]
    stack = T5Stack(config, torch.nn.Embedding(1, shape["width"])).eval()
    random = fill(stack, shape, seed)
    head = torch.nn.Linear(shape["width"], items)
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(random.normal(0, shape["width"] ** -0.5,
                                                         head.weight.shape).astype("float32")) * 3)
        head.bias.copy_(torch.from_numpy(random.normal(0, 0.5, items).astype("float32")))
    vectors = torch.from_numpy(random.normal(0, 1, (sum(lengths), shape["width"]))
                               .astype("float32")).requires_grad_()
    hidden, rows, start = [], [], 0
    for length in lengths:
        out = stack(inputs_embeds=vectors[None, start:start + length])[0][0]
        hidden.append(out)
        rows.append(out if every_position else out[-1:])
        start += length
    rows = torch.cat(rows)
    target = torch.from_numpy(random.randint(0, items, len(rows)))
    logits = head(rows)
    loss = torch.nn.functional.cross_entropy(logits, target)
    loss.backward()
    weights = dict(encoder_names(stack))
    weights["item_head.weight"], weights["item_head.bias"] = head.weight, head.bias
    golden = {"gradient." + k: array(v.grad) for k, v in weights.items()}
    golden.update({"vectors": array(vectors), "hidden": array(torch.cat(hidden)),
                   "logits": array(logits), "gradient.vectors": array(vectors.grad)})
    document = {"model": shape, "items": items, "lengths": lengths,
                "every_position": int(every_position), "target": target.tolist(),
                "loss": float(loss)}
    write(folder, name, weights, golden, document)


def buckets(folder):
    distance = torch.arange(-200, 201)
    document = {"first": -200}
    for name, bidirectional in (("bidirectional", True), ("unidirectional", False)):
        document[name] = T5Attention._relative_position_bucket(
            distance, bidirectional=bidirectional, num_buckets=32, max_distance=128).tolist()
    with open(os.path.join(folder, "t5-buckets.json"), "w") as out:
        json.dump(document, out, separators=(",", ":"))
        out.write("\n")


def shape_of(**given):
    shape = dict(width=16, key=4, heads=4, feed=32, vocabulary=60, encoder_blocks=2,
                 decoder_blocks=2, buckets=32, max_distance=128, gated=0, tied=1, causal=0,
                 epsilon=1e-6)
    shape.update(given)
    return shape


def main():
    if transformers.__version__ != PINNED:
        sys.exit(f"transformers {PINNED} is needed, this is {transformers.__version__}")
    torch.set_num_threads(1)
    folder = sys.argv[1]
    buckets(folder)
    encoder_decoder(folder, "t5-v10", shape_of(), [1, 2, 5, 17, 150],
                    [(6, 4), (1, 1), (23, 9)], 34)
    # Every width another, none a multiple of eight, H * K below D, gated, own output layer.
    encoder_decoder(folder, "t5-v11", shape_of(width=20, key=6, heads=3, feed=28, vocabulary=53,
                                               encoder_blocks=3, decoder_blocks=1, gated=1, tied=0),
                    [1, 3, 41], [(7, 5), (12, 2)], 22)
    encoder_head(folder, "t5-causal", shape_of(vocabulary=0, decoder_blocks=0, causal=1),
                 [1, 9, 30], 40, True, 13)
    encoder_head(folder, "t5-vectors", shape_of(width=17, key=7, heads=1, feed=23, vocabulary=0,
                                                decoder_blocks=0),
                 [4, 1, 21], 33, False, 14)


if __name__ == "__main__":
    main()
