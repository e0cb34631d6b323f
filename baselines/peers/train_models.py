# SPDX-License-Identifier: BSD-3-Clause
"""The models of lite4rec written plainly in PyTorch, as train_speed.py races them.

T5's blocks follow transformers' T5Stack (Raffel et al. 2020): RMS norms before each part, attention
logits undivided, one table of relative position biases in the first block, dropout after the
embedding, on attention weights, within the feed-forward part, after every part and at the end.
SASRec is the PyTorch port (pmixer/SASRec.pytorch) with Linear for its 1x1 convolutions, which is
the same product and faster. Parameters carry lite4rec's names, so weights are read as they stand.

Where there is a choice, the faster one is taken: texts are encoded once a step however often their
item is seen, hidden states of padding are dropped before the output layer, and sequences stand at
the left, so that the causal mask alone hides the padding.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F


class Norm(nn.Module):
    def __init__(self, width, epsilon):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon))


def bucket(distance, bidirectional, buckets, most):
    """T5's buckets of (key position - query position), a tensor of integers."""
    base = torch.zeros_like(distance)
    if bidirectional:
        buckets //= 2
        base = (distance > 0).long() * buckets
        distance = distance.abs()
    else:
        distance = (-distance).clamp(min=0)
    exact = buckets // 2
    far = exact + (torch.log(distance.clamp(min=1).float() / exact) / math.log(most / exact) *
                   (buckets - exact)).long()
    return base + torch.where(distance < exact, distance, far.clamp(max=buckets - 1))


class Attention(nn.Module):
    def __init__(self, shape, biased):
        super().__init__()
        inner = shape["heads"] * shape["key"]
        self.heads, self.key = shape["heads"], shape["key"]
        self.q = nn.Linear(shape["width"], inner, bias=False)
        self.k = nn.Linear(shape["width"], inner, bias=False)
        self.v = nn.Linear(shape["width"], inner, bias=False)
        self.o = nn.Linear(inner, shape["width"], bias=False)
        if biased:
            self.relative_attention_bias = nn.Embedding(shape["buckets"], shape["heads"])

    def split(self, x):
        return x.view(x.shape[0], x.shape[1], self.heads, self.key).transpose(1, 2)

    def forward(self, x, memory, bias, dropout):
        scores = torch.matmul(self.split(self.q(x)), self.split(self.k(memory)).transpose(2, 3))
        if bias is not None:
            scores = scores + bias
        weights = dropout(F.softmax(scores, dim=-1))
        out = torch.matmul(weights, self.split(self.v(memory))).transpose(1, 2)
        return self.o(out.reshape(x.shape[0], x.shape[1], -1))


class Feed(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.wi = nn.Linear(shape["width"], shape["feed"], bias=False)
        self.wo = nn.Linear(shape["feed"], shape["width"], bias=False)

    def forward(self, x, dropout):
        return self.wo(dropout(F.relu(self.wi(x))))


class Layer(nn.Module):
    def __init__(self, shape, name, part):
        super().__init__()
        self.add_module(name, part)
        self.layer_norm = Norm(shape["width"], shape["epsilon"])


class Block(nn.Module):
    def __init__(self, shape, first, crossed):
        super().__init__()
        layers = [Layer(shape, "SelfAttention", Attention(shape, first))]
        if crossed:
            layers.append(Layer(shape, "EncDecAttention", Attention(shape, False)))
        layers.append(Layer(shape, "DenseReluDense", Feed(shape)))
        self.layer = nn.ModuleList(layers)

    def forward(self, x, bias, memory, memory_bias, dropout):
        own = self.layer[0]
        normed = own.layer_norm(x)
        x = x + dropout(own.SelfAttention(normed, normed, bias, dropout))
        if memory is not None:
            cross = self.layer[1]
            x = x + dropout(cross.EncDecAttention(cross.layer_norm(x), memory, memory_bias,
                                                  dropout))
        feed = self.layer[-1]
        return x + dropout(feed.DenseReluDense(feed.layer_norm(x), dropout))


def hide(mask):
    """A bias [B][1][1][T] that hides the keys where mask [B][T] is false."""
    return torch.zeros(mask.shape).masked_fill(~mask, -math.inf)[:, None, None, :]


class Stack(nn.Module):
    def __init__(self, shape, dropout, causal, crossed=False):
        super().__init__()
        self.shape, self.causal = shape, causal
        blocks = shape["decoder_blocks" if crossed else "encoder_blocks"]
        self.block = nn.ModuleList(Block(shape, b == 0, crossed) for b in range(blocks))
        self.final_layer_norm = Norm(shape["width"], shape["epsilon"])
        self.dropout = nn.Dropout(dropout)

    def bias(self, length):
        places = torch.arange(length)
        distance = places[None, :] - places[:, None]
        index = bucket(distance, not self.causal, self.shape["buckets"],
                       self.shape["max_distance"])
        table = self.block[0].layer[0].SelfAttention.relative_attention_bias
        bias = table(index).permute(2, 0, 1)[None]
        return bias.masked_fill(distance > 0, -math.inf) if self.causal else bias

    def forward(self, x, mask=None, memory=None, memory_mask=None):
        """x [B][T][D]; mask [B][T]: keys that are none are hidden (needless where causal)."""
        bias = self.bias(x.shape[1])
        if mask is not None:
            bias = bias + hide(mask)
        memory_bias = hide(memory_mask) if memory is not None else None
        x = self.dropout(x)
        for block in self.block:
            x = block(x, bias, memory, memory_bias, self.dropout)
        return self.dropout(self.final_layer_norm(x))


def rows(hidden, flat):
    """The rows of hidden [B][T][D] that are no padding."""
    return hidden.reshape(-1, hidden.shape[-1]).index_select(0, flat)


class Texts(nn.Module):
    """The Item LLM over the distinct texts of a step: the mean of their states."""

    def __init__(self, shape, dropout):
        super().__init__()
        self.shared = nn.Embedding(shape["vocabulary"], shape["width"])
        self.encoder = Stack(shape, dropout, False)

    def forward(self, token, mask):
        hidden = self.encoder(self.shared(token), mask)
        weight = mask.float()[:, :, None]
        return (hidden * weight).sum(1) / weight.sum(1)


class Lite(nn.Module):
    def __init__(self, config):
        super().__init__()
        shape, dropout = config["rec_llm"], config["dropout"]
        self.texts = config["items_input"] == "text"
        if self.texts:
            self.item_llm = Texts(config["item_llm"], dropout)
        else:
            self.item_llm = nn.ModuleDict({"id": nn.Embedding(config["items"], shape["width"])})
        self.rec_llm = nn.ModuleDict({"encoder": Stack(shape, dropout, True)})
        self.item_head = nn.Linear(shape["width"], config["items"])

    def forward(self, batch):
        if self.texts:
            vector = F.embedding(batch["slot"], self.item_llm(batch["token"], batch["token_mask"]))
        else:
            vector = self.item_llm["id"](batch["item"])
        hidden = self.rec_llm["encoder"](vector)
        return F.cross_entropy(self.item_head(rows(hidden, batch["flat"])), batch["target"])


class SASRecBlock(nn.Module):
    def __init__(self, shape, dropout):
        super().__init__()
        width = shape["width"]
        self.attention_norm = nn.LayerNorm(width, eps=shape["epsilon"])
        self.attention = nn.MultiheadAttention(width, shape["heads"], dropout, batch_first=True)
        self.feed_norm = nn.LayerNorm(width, eps=shape["epsilon"])
        self.feed = nn.ModuleDict({"wi": nn.Linear(width, shape["feed"]),
                                   "wo": nn.Linear(shape["feed"], width)})
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, hidden):
        query = self.attention_norm(x)
        out, _ = self.attention(query, x, x, attn_mask=hidden, need_weights=False)
        x = self.feed_norm(query + out)
        inner = self.dropout(F.relu(self.feed["wi"](x)))
        return x + self.dropout(self.feed["wo"](inner))


class SASRec(nn.Module):
    def __init__(self, config):
        super().__init__()
        shape = config["rec_llm"]
        self.width, self.positions = shape["width"], shape["positions"]
        self.item_llm = nn.ModuleDict({"id": nn.Embedding(config["items"], self.width)})
        self.rec_llm = nn.ModuleDict({
            "position": nn.Embedding(self.positions, self.width),
            "blocks": nn.ModuleList(SASRecBlock(shape, config["dropout"])
                                    for _ in range(shape["encoder_blocks"])),
            "final_norm": nn.LayerNorm(self.width, eps=shape["epsilon"])})
        self.dropout = nn.Dropout(config["dropout"])

    def forward(self, batch):
        item, length = batch["item"], batch["length"]
        places = torch.arange(item.shape[1])
        # The newest item has the last position; padding, which nobody reads, has that one too.
        position = (self.positions - length[:, None] + places).clamp(max=self.positions - 1)
        x = self.item_llm["id"](item) * self.width ** 0.5 + self.rec_llm["position"](position)
        x = self.dropout(x)
        hidden = places[None, :] > places[:, None]
        for block in self.rec_llm["blocks"]:
            x = block(x, hidden)
        states = rows(self.rec_llm["final_norm"](x), batch["flat"])
        return F.cross_entropy(states @ self.item_llm["id"].weight.T, batch["target"])


class P5(nn.Module):
    def __init__(self, config):
        super().__init__()
        shape, dropout = config["p5"], config["dropout"]
        self.scale = shape["width"] ** -0.5
        self.shared = nn.Embedding(shape["vocabulary"], shape["width"])
        self.encoder = Stack(shape, dropout, False)
        self.decoder = Stack(shape, dropout, True, True)

    def forward(self, batch):
        memory = self.encoder(self.shared(batch["token"]), batch["token_mask"])
        hidden = self.decoder(self.shared(batch["answer"]), None, memory, batch["token_mask"])
        logits = (rows(hidden, batch["flat"]) * self.scale) @ self.shared.weight.T
        return F.cross_entropy(logits, batch["target"])


def build(config, tensors):
    """The model of a config.json with the weights of its model.safetensors."""
    model = {"lite": Lite, "sasrec": SASRec, "p5": P5}[config["kind"]](config)
    state = {name: torch.from_numpy(value) for name, value in tensors.items()}
    if config["kind"] == "sasrec":  # PyTorch holds q, k and v in one matrix
        for b in range(config["rec_llm"]["encoder_blocks"]):
            base = "rec_llm.blocks.%d.attention." % b
            for kind in ("weight", "bias"):
                state[base + "in_proj_" + kind] = torch.cat(
                    [state.pop(base + part + "." + kind) for part in "qkv"])
                state[base + "out_proj." + kind] = state.pop(base + "o." + kind)
    state = {name: value.reshape(model.state_dict()[name].shape) if name in model.state_dict()
             else value for name, value in state.items()}
    model.load_state_dict(state)
    return model


def optimiser(model, settings):
    """AdamW with decay of matrices alone, as lite4rec has it."""
    decayed, plain = [], []
    for name, parameter in model.named_parameters():
        matrix = parameter.dim() == 2 and "relative_attention_bias" not in name
        (decayed if matrix and "position" not in name else plain).append(parameter)
    return torch.optim.AdamW([{"params": decayed, "weight_decay": settings["decay"]},
                              {"params": plain, "weight_decay": 0.0}], lr=settings["lr"],
                             betas=(0.9, 0.999), eps=1e-8)


class Trainer:
    """`precision` bf16: products under autocast, as PyTorch's users train; weights, their gradients
    and the optimiser stay in fp32, as in lite4rec's."""

    def __init__(self, model, settings, precision="fp32"):
        self.model, self.settings, self.precision = model, settings, precision
        self.optimiser, self.updates = optimiser(model, settings), 0
        self.parameters = list(model.parameters())

    def step(self, batch):
        """One update; returns the loss."""
        self.updates += 1
        rate = self.settings["lr"] * min(1.0, self.updates / self.settings["warmup"])
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.precision == "bf16"):
            loss = self.model(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, self.settings["clip"])
        self.optimiser.step()
        return loss.item()
