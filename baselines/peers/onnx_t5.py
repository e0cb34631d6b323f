# SPDX-License-Identifier: BSD-3-Clause
"""T5's encoder and one step of its decoder as modules whose inputs and outputs are tensors alone, for
ONNX graphs. They take the weights of transformers' modules and write out what is between those, since
each version of transformers hands keys and values on in another way."""
import torch

LEAST = torch.finfo(torch.float32).min


def heads_of(attention, x):
    """[batch][length][inner] as [batch][heads][length][key]."""
    return x.view(x.shape[0], -1, attention.n_heads, attention.key_value_proj_dim).transpose(1, 2)


def keys_of(attention, x):
    """The keys and values of a sequence."""
    return heads_of(attention, attention.k(x)), heads_of(attention, attention.v(x))


def attend(attention, x, keys, values, bias):
    """T5's logits are not divided."""
    logits = torch.matmul(heads_of(attention, attention.q(x)), keys.transpose(2, 3)) + bias
    mixed = torch.matmul(torch.softmax(logits, dim=-1), values)
    return attention.o(mixed.transpose(1, 2).flatten(2))


def bias_of(stack, queries, keys, bidirectional):
    """[1][heads][queries][keys] of positions; the first block's table is all blocks'."""
    attention = stack.block[0].layer[0].SelfAttention
    bucket = attention._relative_position_bucket(
        keys[None, :] - queries[:, None], bidirectional=bidirectional,
        num_buckets=attention.relative_attention_num_buckets,
        max_distance=attention.relative_attention_max_distance)
    return attention.relative_attention_bias(bucket).permute(2, 0, 1).unsqueeze(0)


def hidden_of(mask):
    """[batch][1][1][keys] to add to logits; mask [batch][keys] is 0 where nothing stands."""
    return (1 - mask[:, None, None, :].float()) * LEAST


class Encoder(torch.nn.Module):
    """Prompts in, the keys and values that each layer of the decoder makes of them out."""

    def __init__(self, t5, words):
        super().__init__()
        self.t5, self.vocabulary = t5, t5.config.vocab_size
        # row 0 is what tokens without a word add
        self.words = None if words is None else torch.nn.Parameter(
            torch.cat([torch.zeros(1, words.shape[1]), words]), requires_grad=False)

    def embed(self, ids):
        if self.words is None:
            return self.t5.shared(ids)
        word = torch.div(ids, self.vocabulary, rounding_mode="floor")
        return (self.t5.shared(ids - word * self.vocabulary)
                + torch.nn.functional.embedding(word, self.words))

    def forward(self, ids, mask):
        stack, at = self.t5.encoder, torch.arange(ids.shape[1])
        bias = bias_of(stack, at, at, True) + hidden_of(mask)
        x = self.embed(ids)
        for block in stack.block:
            part = block.layer[0]
            normed = part.layer_norm(x)
            x = x + attend(part.SelfAttention, normed, *keys_of(part.SelfAttention, normed), bias)
            x = block.layer[-1](x)
        memory = stack.final_layer_norm(x)
        return tuple(tensor for block in self.t5.decoder.block
                     for tensor in keys_of(block.layer[1].EncDecAttention, memory))


class Decoder(torch.nn.Module):
    """One token of every beam in, logits and the grown keys and values of its own out."""

    def __init__(self, t5, unused):
        super().__init__()
        self.t5 = t5
        # transformers 4 has one setting for both; BeamSearch's vocab_mask would leave unused rows
        # in the softmax
        scaled = getattr(t5.config, "scale_decoder_outputs", t5.config.tie_word_embeddings)
        self.scale = t5.config.d_model ** -0.5 if scaled else 1.0
        absent = torch.zeros(t5.config.vocab_size)
        absent[unused[0]:unused[1]] = -float("inf")
        self.absent = torch.nn.Parameter(absent, requires_grad=False)

    def forward(self, ids, mask, *past):
        stack = self.t5.decoder
        own, cross = past[:2 * len(stack.block)], past[2 * len(stack.block):]
        at = torch.arange(own[0].shape[2] + 1)
        bias, absent = bias_of(stack, at[-1:], at, False), hidden_of(mask)
        x, grown = self.t5.shared(ids), []
        for i, block in enumerate(stack.block):
            part = block.layer[0]
            normed = part.layer_norm(x)
            keys, values = (torch.cat(pair, dim=2) for pair in
                            zip(own[2 * i:2 * i + 2], keys_of(part.SelfAttention, normed)))
            grown += [keys, values]
            x = x + attend(part.SelfAttention, normed, keys, values, bias)
            part = block.layer[1]
            x = x + attend(part.EncDecAttention, part.layer_norm(x), *cross[2 * i:2 * i + 2], absent)
            x = block.layer[-1](x)
        hidden = stack.final_layer_norm(x) * self.scale
        return (self.t5.lm_head(hidden) + self.absent, *grown)
