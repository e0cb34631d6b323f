# SPDX-License-Identifier: BSD-3-Clause
"""Makes tests/golden/sasrec*: a small random SASRec and what PyTorch answers for it.

The modules are those of the PyTorch port (pmixer/SASRec.pytorch, python/model.py): MultiheadAttention
whose query alone is normalised, a pointwise feed-forward of two 1x1 convolutions, LayerNorm with
epsilon 1e-8, embeddings times sqrt(D) plus learned positions; scores are the final state times the
item embeddings; the loss is the mean cross-entropy over all items (Klenitskiy and Vasilev 2023).

Sequences are run one by one, unpadded, each at the end of the position table: that is what left
padding comes to once padded keys are masked, as the published TensorFlow code does (the port lets
queries see them). Weights are drawn through numpy's legacy generator; none of them is a neutral
value. Needs torch and numpy alone (Debian's python3-torch 1.13 made the files):

    /usr/bin/python3 tests/oracle/sasrec.py tests/golden
"""

import json
import math
import os
import struct
import sys

import numpy
import torch

WIDTH, HEADS, BLOCKS, POSITIONS, ITEMS = 12, 3, 2, 21, 37
LENGTHS = [1, 9, 21, 4]


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm = torch.nn.LayerNorm(WIDTH, eps=1e-8)
        self.attention = torch.nn.MultiheadAttention(WIDTH, HEADS)
        self.feed_norm = torch.nn.LayerNorm(WIDTH, eps=1e-8)
        self.conv1 = torch.nn.Conv1d(WIDTH, WIDTH, kernel_size=1)
        self.conv2 = torch.nn.Conv1d(WIDTH, WIDTH, kernel_size=1)

    def forward(self, x):  # [1][T][D]
        length = x.shape[1]
        hidden = ~torch.tril(torch.ones((length, length), dtype=torch.bool))
        x = torch.transpose(x, 0, 1)
        query = self.attention_norm(x)
        out, _ = self.attention(query, x, x, attn_mask=hidden)
        x = torch.transpose(query + out, 0, 1)
        x = self.feed_norm(x)
        return x + self.conv2(torch.relu(self.conv1(x.transpose(-1, -2)))).transpose(-1, -2)


class SASRec(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.item = torch.nn.Embedding(ITEMS, WIDTH)
        self.position = torch.nn.Embedding(POSITIONS, WIDTH)
        self.blocks = torch.nn.ModuleList(Block() for _ in range(BLOCKS))
        self.final_norm = torch.nn.LayerNorm(WIDTH, eps=1e-8)

    def forward(self, items):
        places = torch.arange(POSITIONS - len(items), POSITIONS)
        x = (self.item(items) * WIDTH ** 0.5 + self.position(places))[None]
        for block in self.blocks:
            x = block(x)
        return self.final_norm(x)[0]


def fill(model, seed):
    random = numpy.random.RandomState(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if "norm" in name and name.endswith("weight"):
                value = random.uniform(0.6, 1.4, parameter.shape)
            elif name.endswith("bias"):
                value = random.normal(0, 0.3, parameter.shape)
            elif name == "item.weight":
                value = random.normal(0, 0.4, parameter.shape)
            else:
                value = random.normal(0, WIDTH ** -0.5 * 1.5, parameter.shape)
            parameter.copy_(torch.from_numpy(value.astype(numpy.float32)))
    return random


def renamed(model, of):
    """Parameters (or, by `of`, their gradients) under the names of this project."""
    result = {}
    for name, parameter in model.named_parameters():
        value = of(parameter).detach()
        if "in_proj" in name:
            base, kind = name.replace("in_proj_", "\0.").split("\0")
            for part, piece in zip("qkv", torch.chunk(value, 3)):
                result["rec_llm." + base + part + kind] = piece
            continue
        name = name.replace("out_proj", "o").replace("conv1", "feed.wi").replace("conv2", "feed.wo")
        if name == "item.weight":
            result["item_llm.id.weight"] = value
        else:
            result["rec_llm." + name] = value.reshape(value.shape[:2])
    return result


def save(path, tensors):
    """safetensors (https://github.com/huggingface/safetensors): length, JSON header, data."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in sorted(tensors.items()):
        piece = numpy.ascontiguousarray(tensor.detach().numpy().astype("<f4"))
        header[name] = {"dtype": "F32", "shape": list(piece.shape),
                        "data_offsets": [len(data), len(data) + piece.nbytes]}
        data += piece.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + data)


def main():
    torch.set_num_threads(1)
    model = SASRec()
    random = fill(model, 21)
    items = [torch.from_numpy(random.randint(0, ITEMS, length)) for length in LENGTHS]
    targets = torch.from_numpy(random.randint(0, ITEMS, sum(LENGTHS)))
    hidden = torch.cat([model(sequence) for sequence in items])
    logits = hidden @ model.item.weight.T
    loss = torch.nn.functional.cross_entropy(logits, targets)
    loss.backward()
    golden = {"gradient." + name: value for name, value in renamed(model, lambda p: p.grad).items()}
    golden.update(hidden=hidden, logits=logits)
    folder = sys.argv[1]
    save(os.path.join(folder, "sasrec.safetensors"), renamed(model, lambda p: p))
    save(os.path.join(folder, "sasrec.golden.safetensors"), golden)
    shape = dict(block="sasrec", width=WIDTH, key=WIDTH // HEADS, heads=HEADS, feed=WIDTH,
                 vocabulary=0, encoder_blocks=BLOCKS, decoder_blocks=0, buckets=0, max_distance=0,
                 gated=0, tied=0, causal=1, epsilon=1e-8, positions=POSITIONS)
    document = {"torch": torch.__version__, "model": shape, "items": ITEMS, "lengths": LENGTHS,
                "tokens": torch.cat(items).tolist(), "target": targets.tolist(),
                "loss": float(loss)}
    with open(os.path.join(folder, "sasrec.json"), "w") as out:
        json.dump(document, out, separators=(",", ":"))
        out.write("\n")
    assert math.isfinite(float(loss))


if __name__ == "__main__":
    main()
