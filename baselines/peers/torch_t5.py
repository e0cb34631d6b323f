#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""peer:torch: PyTorch and transformers, the paper's own stack. Serves lite (a T5 stack over item
vectors, a projection over all items) and p5 (`generate` with beam search over the item trie).

Options: precision=fp32|bf16|int8, compile=off|on (torch.compile; wants g++); for p5 beams=20,
trie=on|off|head.
"""
import json
import sys

from peer import (BYTES, Trie, bytes_of, config_of, fail, no_more_options, option, ready, serve,
                  sha256_of)

try:
    import torch
    import transformers
    import torch_ran
    from safetensors.torch import load_file
    from transformers import T5Config, T5ForConditionalGeneration
    from transformers.models.t5.modeling_t5 import T5Stack
except ImportError as error:
    fail(f"{error}; run `make peers`")

END = 1
SINCE_5 = int(transformers.__version__.split(".")[0]) >= 5


def activation(shape):
    return "gated-silu" if shape.get("swiglu") else "gated-gelu" if shape["gated"] else "relu"


def t5_config(shape, **overrides):
    settings = dict(vocab_size=max(shape["vocabulary"], 1), d_model=shape["width"],
                    d_kv=shape["key"], num_heads=shape["heads"], d_ff=shape["feed"],
                    num_layers=shape["encoder_blocks"], num_decoder_layers=shape["decoder_blocks"],
                    relative_attention_num_buckets=shape["buckets"],
                    relative_attention_max_distance=shape["max_distance"],
                    feed_forward_proj=activation(shape),
                    tie_word_embeddings=bool(shape["tied"]), layer_norm_epsilon=shape["epsilon"],
                    dropout_rate=0.0, pad_token_id=0, eos_token_id=END, decoder_start_token_id=0)
    settings.update(overrides)
    return T5Config(**settings)


def load(module, weights, *absent):
    """Fills a module; only parameters whose names end in one of `absent` may be missing."""
    missing, unexpected = module.load_state_dict(weights, strict=False)
    if unexpected or [name for name in missing if not name.endswith(absent)]:
        fail(f"weights do not fit: missing {missing}, unexpected {unexpected}")


def load_t5(shape, weights):
    scale = shape.get("output_scale", "if tied")  # transformers 4 knows this rule alone
    if SINCE_5:
        model = T5ForConditionalGeneration(t5_config(shape))
        model.config.scale_decoder_outputs = scale == "width" or (scale == "if tied" and
                                                                  bool(shape["tied"]))
        return filled(model, shape, weights)
    if scale == "none" and shape["tied"]:
        weights = {**weights, "lm_head.weight": weights["shared.weight"]}
        shape = {**shape, "tied": False}
    elif scale == "width" and not shape["tied"]:
        fail("this model scales an output layer that is not tied, which transformers 4 cannot")
    return filled(T5ForConditionalGeneration(t5_config(shape)), shape, weights)


def filled(model, shape, weights):
    load(model, weights, "embed_tokens.weight", *(["lm_head.weight"] if shape["tied"] else []))
    model.tie_weights()
    return model.eval()


def cast(module, precision):
    """int8: weights of linear layers alone, their inputs as they come (dynamic quantisation)."""
    if precision == "int8":
        if torch.backends.quantized.engine == "none":
            fail("precision=int8: this PyTorch was built without int8 products")
        wrapped = torch.nn.Sequential(module)  # the outermost module is never replaced
        return torch.ao.quantization.quantize_dynamic(wrapped, {torch.nn.Linear})[0]
    return module.to(torch.bfloat16 if precision == "bf16" else torch.float32)


def part_of(layer):
    return layer.SelfAttention if hasattr(layer, "SelfAttention") else layer.DenseReluDense


def remember(layer, arguments):
    part_of(layer).given = arguments[0]


def open_gate(part, _, output):
    share = torch.sigmoid(part.gate(part.given))
    return (share * output[0], *output[1:]) if isinstance(output, tuple) else share * output


def add_gates(stack, weights):
    """LiGR's, which transformers' T5 has not: what a layer adds to its input is multiplied by a sigmoid
    of that input. Takes their weights out of `weights`. Hooks find all they need in the modules that
    they hang on, so that a copy of the stack, as quantisation makes one, has gates of its own."""
    for b, block in enumerate(stack.block):
        for l, layer in enumerate(block.layer):
            taken = {kind: weights.pop(f"block.{b}.layer.{l}.gate.{kind}") for kind in ("weight", "bias")}
            part = part_of(layer)
            part.gate = torch.nn.Linear(*reversed(taken["weight"].shape))
            part.gate.load_state_dict(taken)
            layer.register_forward_pre_hook(remember)
            part.register_forward_hook(open_gate)


class Lite:
    def __init__(self, hello, config, weights, precision):
        self.history, self.shapes = config["history"], set()
        if config["readout"] != "last":
            fail("a model with --readout mean is not served here")
        shape = config["rec_llm"]
        # a causal encoder is, in transformers' words, a decoder stack without its cross-attention
        stack = t5_config(shape, is_decoder=bool(shape["causal"]), use_cache=False,
                          is_encoder_decoder=False, eos_token_id=None)  # it generates nothing
        self.stack = (T5Stack(stack) if SINCE_5 else
                      T5Stack(stack, torch.nn.Embedding(1, shape["width"])))
        if shape["causal"]:
            for block in self.stack.block:  # leave out what a decoder has beyond self-attention
                block.layer = torch.nn.ModuleList([block.layer[0], block.layer[-1]])
                block.is_decoder = False
                block.layer[0].SelfAttention.is_decoder = True
        own = {name[len("rec_llm.encoder."):]: value for name, value in weights.items()
               if name.startswith("rec_llm.encoder.")}
        gates = ["gate.weight", "gate.bias"] if shape.get("gates", "none") != "none" else []
        if gates:
            add_gates(self.stack, own)
        load(self.stack, own, "embed_tokens.weight", *gates)
        self.stack = cast(self.stack.eval(), precision)
        table = torch.frombuffer(bytearray(open(hello["vectors"], "rb").read()),
                                 dtype=torch.float32).reshape(hello["items"], shape["width"])
        self.vectors = table.to(torch.bfloat16 if precision == "bf16" else torch.float32)
        self.head = cast(self.projection(config, weights, table), precision)
        self.cosine = config.get("scores") == "cosine"

    @staticmethod
    def projection(config, weights, table):
        head = torch.nn.Linear(table.shape[1], table.shape[0], bias=not config["tied_head"])
        if config["tied_head"]:
            scale = config.get("tied_scale") or table.shape[1] ** -0.5
            if config.get("scores") == "cosine":
                table, scale = torch.nn.functional.normalize(table), 1 / config["temperature"]
            head.weight = torch.nn.Parameter(table * scale)
        else:
            head.weight = torch.nn.Parameter(weights["item_head.weight"])
            head.bias = torch.nn.Parameter(weights["item_head.bias"])
        return head.eval()

    def scores(self, vectors, mask, last):
        """Of all items for each row, whose history's newest item stands at `last` (-1: no history)."""
        hidden = self.stack(inputs_embeds=vectors, attention_mask=mask).last_hidden_state
        user = hidden[torch.arange(len(last)), last.clamp(min=0)]
        if self.cosine:
            user = torch.nn.functional.normalize(user, dim=-1)
        return self.head(user * (last >= 0)[:, None].to(user.dtype)).float()

    def inputs(self, histories):
        """Right-padded, since positions are relative."""
        longest = max(1, max(map(len, histories)))
        items = torch.zeros(len(histories), longest, dtype=torch.long)
        mask = torch.zeros(len(histories), longest, dtype=torch.long)
        for row, history in enumerate(histories):
            items[row, :len(history)] = torch.tensor(history, dtype=torch.long) - 1
            mask[row, :len(history)] = 1
        return self.vectors[items], mask, torch.tensor([len(history) - 1 for history in histories])

    def answer(self, request):
        inputs = self.inputs([history[-self.history:] for history in request["histories"]])
        scores = self.chosen(inputs)(*inputs)
        best = torch.topk(scores, min(request["k"], scores.shape[1]))
        return (best.indices + 1).tolist(), best.values.tolist()

    def chosen(self, inputs):
        """The compiled code where the shape is one that it was compiled for."""
        return self.compiled if tuple(inputs[0].shape[:2]) in self.shapes else self.scores

    def compile(self, most):
        """For calls of one user and of the most, with full histories. Each shape takes half a minute
        and more, so all others are served by the modules as they are."""
        self.compiled = torch.compile(self.scores, dynamic=False)
        for users in sorted({1, most}):
            self.compiled(*self.inputs([[1] * self.history] * users))
            self.shapes.add((users, self.history))

    def sample(self, users):
        """A request as any other, of so many users with full histories."""
        return {"histories": [[1] * self.history] * users, "k": 1}


class P5:
    def __init__(self, hello, config, weights, precision):
        self.beams = int(option(hello, "beams", "20"))
        self.mode = option(hello, "trie", "on", ("on", "off", "head"))
        self.words = weights.pop("whole_word.weight", None)
        self.model = cast(load_t5(config["p5"], weights), precision)
        if self.words is not None:
            self.words = self.words.to(self.model.shared.weight.dtype)
        begin, end = hello["unused"]
        self.unused = (begin, end) if begin < end else None
        if self.unused:
            self.without(begin, end)
        self.trie = Trie(hello["ids"], END)
        self.steps = hello["max_id_tokens"]

    def without(self, begin, end):
        inner = self.model.lm_head.forward

        def forward(hidden):
            logits = inner(hidden)
            logits[..., begin:end] = -float("inf")
            return logits

        self.model.lm_head.forward = forward

    def inputs(self, request):
        longest = max(map(len, request["tokens"]))
        count = len(request["tokens"])
        tokens = torch.zeros(count, longest, dtype=torch.long)
        mask = torch.zeros(count, longest, dtype=torch.long)
        for row, prompt in enumerate(request["tokens"]):
            tokens[row, :len(prompt)] = torch.tensor(prompt)
            mask[row, :len(prompt)] = 1
        if self.words is None:
            return dict(input_ids=tokens, attention_mask=mask)
        embedded = self.model.shared(tokens)
        for row, words in enumerate(request["words"]):
            word = torch.tensor(words)
            at = torch.nonzero(word >= 0)[:, 0]
            embedded[row, at] += self.words[word[at]]
        return dict(inputs_embeds=embedded, attention_mask=mask)

    def answer(self, request):
        settings = dict(max_length=self.steps + 1, num_beams=self.beams, do_sample=False,
                        num_return_sequences=self.beams, length_penalty=1.0, early_stopping=False,
                        return_dict_in_generate=True, output_scores=True)
        if self.mode != "off":
            settings["prefix_allowed_tokens_fn"] = lambda _, sentence: self.trie.allowed(
                sentence.tolist()[1:])
            settings["renormalize_logits"] = self.mode == "head"
        output = self.model.generate(**self.inputs(request), **settings)
        sequences = output.sequences.tolist()
        scores = output.sequences_scores.tolist()
        items, kept = [], []
        for row in range(len(request["histories"])):
            ranking, values = [], []
            for place in range(row * self.beams, (row + 1) * self.beams):
                tokens = sequences[place][1:]
                item = self.trie.item.get(tuple(tokens[:tokens.index(END)])) if END in tokens else None
                if item and item not in ranking and scores[place] > -1e6:
                    ranking.append(item)
                    values.append(scores[place])
            items.append(ranking[:request["k"]])
            kept.append(values[:request["k"]])
        return items, kept


    def compile(self, _):
        """The encoder and the decoder's step, whose lengths differ from call to call."""
        self.model.forward = torch.compile(self.model.forward, dynamic=True)
        self.model.encoder.forward = torch.compile(self.model.encoder.forward, dynamic=True)
        for users in (1, 2):
            self.answer(self.sample(users))

    def sample(self, users):
        tokens = [2] * 32 + [END]
        return {"histories": [[]] * users, "tokens": [tokens] * users,
                "words": [[-1] * len(tokens)] * users, "k": 1}


def main():
    hello = json.loads(sys.stdin.readline())
    torch.set_num_threads(hello["threads"])
    torch.set_num_interop_threads(1)
    torch.set_grad_enabled(False)
    precision = option(hello, "precision", "fp32", tuple(BYTES))
    compiles = option(hello, "compile", "off", ("off", "on")) == "on"
    config = config_of(hello)
    kinds = {"lite": Lite, "p5": P5}
    if hello["kind"] not in kinds:
        fail(f"models of kind {hello['kind']} are not served here: lite, p5")
    weights = load_file(hello["model"] + "/model.safetensors")
    size = bytes_of(weights, precision)  # before the model takes some out
    model = kinds[hello["kind"]](hello, config, weights, precision)
    no_more_options(hello)
    if compiles:
        torch_ran.check_compiler(precision)
        model.compile(hello["max_batch"])
    isa, products = torch_ran.seen(lambda: model.answer(model.sample(1)))
    ready(engine=f"PyTorch {torch.__version__}, transformers {transformers.__version__}",
          isa=isa, precision=precision, weights_bytes=size,
          settings=f"compile={'on' if compiles else 'off'},{products},{torch_ran.settings(precision)},"
                   f"library_sha256={sha256_of(torch._C.__file__)}")
    serve(model.answer)


if __name__ == "__main__":
    main()
