# SPDX-License-Identifier: BSD-3-Clause
"""Makes tests/golden/t5-ligr* and sasrec-ligr*: encoders with LiGR's gates and SwiGLU, and what
PyTorch answers for them.

t5-ligr: transformers' T5LayerSelfAttention and T5LayerFF ("gated-silu"), causal, over vectors. Each
adds what it computes to its input; here what it adds is multiplied by sigmoid(gate(input)) first, as
in RecTools' LiGRLayer (Borisyuk et al. 2025). sasrec-ligr: the blocks of sasrec.py, what is added to
the query gated by the query, what is added to the feed-forward's input by that, and a feed-forward
of silu(first half) * second half; scores are cosines divided by a temperature. PyTorch 2.15.0,
transformers 5.24.0, numpy 2.4.6 made the files:

    build/oracle/bin/python tests/oracle/ligr.py tests/golden
"""

import json
import os
import sys

import numpy
import torch
from transformers import T5Config
from transformers.models.t5.modeling_t5 import T5LayerFF, T5LayerNorm, T5LayerSelfAttention

import sasrec

SHAPE = dict(width=20, key=6, heads=3, feed=28, vocabulary=0, encoder_blocks=2, decoder_blocks=0,
             buckets=8, max_distance=20, gated=1, tied=0, causal=1, epsilon=1e-6, swiglu=1,
             gates="ligr")
LENGTHS, ITEMS, TEMPERATURE = [1, 12, 23, 5], 37, 0.25


def gated(gate, x, y):
    """x and what a layer made of it: what it added passes the gate."""
    return x + torch.sigmoid(gate(x)) * (y - x)


class Block(torch.nn.Module):
    def __init__(self, config, first):
        super().__init__()
        self.attention = T5LayerSelfAttention(config, has_relative_attention_bias=first, layer_idx=0)
        self.feed = T5LayerFF(config)
        self.gates = torch.nn.ModuleList(torch.nn.Linear(SHAPE["width"], SHAPE["width"])
                                         for _ in range(2))

    def forward(self, x, bias):
        x = gated(self.gates[0], x, self.attention(x, position_bias=bias)[0])
        return gated(self.gates[1], x, self.feed(x))


class Encoder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        config = T5Config(vocab_size=1, d_model=SHAPE["width"], d_kv=SHAPE["key"],
                          num_heads=SHAPE["heads"], d_ff=SHAPE["feed"],
                          relative_attention_num_buckets=SHAPE["buckets"],
                          relative_attention_max_distance=SHAPE["max_distance"],
                          feed_forward_proj="gated-silu", layer_norm_epsilon=SHAPE["epsilon"],
                          dropout_rate=0.0, is_decoder=True, is_encoder_decoder=False)
        config._attn_implementation = "eager"
        self.block = torch.nn.ModuleList(Block(config, b == 0)
                                         for b in range(SHAPE["encoder_blocks"]))
        self.final = T5LayerNorm(SHAPE["width"], eps=SHAPE["epsilon"])

    def forward(self, x):
        length = x.shape[1]
        bias = self.block[0].attention.SelfAttention.compute_bias(length, length)
        later = torch.triu(torch.full((length, length), -1e9), 1)
        for block in self.block:
            x = block(x, bias + later)
        return self.final(x)

    def names(self):
        for name, parameter in self.named_parameters():
            parts = name.split(".")
            if parts[0] == "final":
                yield "rec_llm.encoder.final_layer_norm.weight", parameter
                continue
            base = f"rec_llm.encoder.block.{parts[1]}.layer."
            if parts[2] == "gates":
                yield f"{base}{parts[3]}.gate.{parts[4]}", parameter
            else:
                yield base + ("0." if parts[2] == "attention" else "1.") + ".".join(parts[3:]), \
                    parameter


def fill(named, random):
    with torch.no_grad():
        for name, parameter in sorted(named):
            if "norm" in name and name.endswith("weight"):
                value = random.uniform(0.6, 1.4, parameter.shape)
            elif name.endswith("bias"):
                value = random.normal(0, 0.5, parameter.shape)
            else:
                value = random.normal(0, parameter.shape[-1] ** -0.5, parameter.shape)
            parameter.copy_(torch.from_numpy(value.astype(numpy.float32)))


def write(folder, name, weights, golden, document):
    sasrec.save(os.path.join(folder, name + ".safetensors"), weights)
    sasrec.save(os.path.join(folder, name + ".golden.safetensors"), golden)
    with open(os.path.join(folder, name + ".json"), "w") as out:
        json.dump({"torch": torch.__version__, **document}, out, separators=(",", ":"))
        out.write("\n")


def make_t5(folder):
    random = numpy.random.RandomState(31)
    encoder, head = Encoder(), torch.nn.Linear(SHAPE["width"], ITEMS)
    named = list(encoder.names()) + [("item_head." + n, p) for n, p in head.named_parameters()]
    fill(named, random)
    rows = sum(LENGTHS)
    vectors = torch.from_numpy(random.normal(0, 1, (rows, SHAPE["width"])).astype("float32"))
    vectors.requires_grad_()
    targets = torch.from_numpy(random.randint(0, ITEMS, rows))
    hidden = torch.cat([encoder(part[None])[0] for part in torch.split(vectors, LENGTHS)])
    logits = head(hidden)
    loss = torch.nn.functional.cross_entropy(logits, targets)
    loss.backward()
    golden = {"gradient." + name: parameter.grad for name, parameter in named}
    golden.update({"gradient.vectors": vectors.grad, "vectors": vectors, "hidden": hidden,
                   "logits": logits})
    write(folder, "t5-ligr", dict(named), golden,
          {"model": SHAPE, "items": ITEMS, "lengths": LENGTHS, "every_position": 1,
           "target": targets.tolist(), "loss": float(loss)})


class SasrecBlock(torch.nn.Module):
    def __init__(self):
        super().__init__()
        width = sasrec.WIDTH
        self.attention_norm = torch.nn.LayerNorm(width, eps=1e-8)
        self.attention = torch.nn.MultiheadAttention(width, sasrec.HEADS)
        self.feed_norm = torch.nn.LayerNorm(width, eps=1e-8)
        self.conv1 = torch.nn.Conv1d(width, 2 * width, kernel_size=1)
        self.conv2 = torch.nn.Conv1d(width, width, kernel_size=1)
        self.attention_gate = torch.nn.Linear(width, width)
        self.feed_gate = torch.nn.Linear(width, width)

    def forward(self, x):
        hidden = ~torch.tril(torch.ones((x.shape[1], x.shape[1]), dtype=torch.bool))
        x = torch.transpose(x, 0, 1)
        query = self.attention_norm(x)
        out, _ = self.attention(query, x, x, attn_mask=hidden)
        x = self.feed_norm(gated(self.attention_gate, query, query + out)).transpose(0, 1)
        first, second = torch.chunk(self.conv1(x.transpose(-1, -2)), 2, dim=1)
        out = self.conv2(torch.nn.functional.silu(first) * second).transpose(-1, -2)
        return gated(self.feed_gate, x, x + out)


def make_sasrec(folder):
    model = sasrec.SASRec()
    model.blocks = torch.nn.ModuleList(SasrecBlock() for _ in range(sasrec.BLOCKS))
    random = sasrec.fill(model, 22)
    items = [torch.from_numpy(random.randint(0, sasrec.ITEMS, n)) for n in sasrec.LENGTHS]
    targets = torch.from_numpy(random.randint(0, sasrec.ITEMS, sum(sasrec.LENGTHS)))
    hidden = torch.cat([model(sequence) for sequence in items])
    logits = torch.nn.functional.cosine_similarity(hidden[:, None], model.item.weight[None],
                                                   dim=-1) / TEMPERATURE
    loss = torch.nn.functional.cross_entropy(logits, targets)
    loss.backward()

    def renamed(of):
        return {name.replace("attention_gate", "attention.gate").replace("feed_gate", "feed.gate"):
                value for name, value in sasrec.renamed(model, of).items()}

    golden = {"gradient." + name: value for name, value in renamed(lambda p: p.grad).items()}
    golden.update(hidden=hidden, logits=logits)
    shape = dict(block="sasrec", width=sasrec.WIDTH, key=sasrec.WIDTH // sasrec.HEADS,
                 heads=sasrec.HEADS, feed=sasrec.WIDTH, vocabulary=0,
                 encoder_blocks=sasrec.BLOCKS, decoder_blocks=0, buckets=0, max_distance=0, gated=1,
                 tied=0, causal=1, epsilon=1e-8, positions=sasrec.POSITIONS, swiglu=1, gates="ligr")
    write(folder, "sasrec-ligr", renamed(lambda p: p), golden,
          {"model": shape, "items": sasrec.ITEMS, "lengths": sasrec.LENGTHS,
           "temperature": TEMPERATURE, "tokens": torch.cat(items).tolist(),
           "target": targets.tolist(), "loss": float(loss)})


if __name__ == "__main__":
    torch.set_num_threads(1)
    make_t5(sys.argv[1])
    make_sasrec(sys.argv[1])
