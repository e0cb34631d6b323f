#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What transformers makes of a folder of `lite4rec export hf`, by from_pretrained and by what
lite4rec.json in it says, nothing else.

hf_answers.py FOLDER..., each line of its input {"user": NUMBER, "history": [item, ...]}; prints a
line for each folder, the answers to all of them: {"prompt": tokens, "logits": of the first token,
"items": of a beam search over the item trie, "values": theirs} or {"scores": of all items}. Ends
with 77 where a package is missing.
"""
import json
import os
import sys
import warnings

try:
    import sentencepiece  # noqa: F401, T5Tokenizer's
    import torch
    import transformers
    from safetensors.torch import load_file
    from transformers.modeling_outputs import BaseModelOutput
except ImportError as missing:
    print(missing, file=sys.stderr)
    sys.exit(77)

START, END, BEAMS = 0, 1, 10


class Exported:
    def __init__(self, folder):
        with open(os.path.join(folder, "lite4rec.json"), encoding="utf-8") as stream:
            self.about = json.load(stream)
        self.folder = folder
        self.t5 = {name: self.load(name, kind)
                   for name, kind in self.about["from_pretrained"].items()}
        rest = os.path.join(folder, "lite4rec.safetensors")
        self.rest = load_file(rest) if os.path.exists(rest) else {}
        self.ids = self.read_ids() if os.path.exists(os.path.join(folder, "item_tokens.tsv")) else {}
        self.tree = {}
        for tokens in self.ids.values():
            node = self.tree
            for token in tokens + [END]:
                node = node.setdefault(token, {})
        if "prompt" in self.about:
            self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)

    def load(self, name, kind):
        model, found = getattr(transformers, kind).from_pretrained(
            os.path.join(self.folder, name), output_loading_info=True)
        if any(found.values()):
            raise SystemExit(f"{name}: {found}")
        return model.eval()

    def read_ids(self):
        with open(os.path.join(self.folder, "item_tokens.tsv"), encoding="utf-8") as stream:
            rows = [line.rstrip("\n").split("\t") for line in list(stream)[1:]]
        return {int(item): [int(token) for token in tokens.split()] for item, tokens in rows}

    def pieces(self, text):
        return self.tokenizer(text, add_special_tokens=False).input_ids if text else []

    def prompt(self, user, history):
        """Tokens, and of each how many items are newer (-1: no item's)."""
        tokens, newer = [], []
        for part in self.about["prompt"]:
            if part == "{history}":
                shown = history[-self.about["history"]:]
                words = self.about.get("item_words", {"before": "", "between": "", "answer": 0})
                for place, item in enumerate(shown):
                    between = self.pieces(words["between"] if place else "")
                    before = self.pieces(words["before"])
                    own = self.ids[item][words["answer"]:]
                    tokens += between + before + own
                    newer += [-1] * len(between + before) + [len(shown) - 1 - place] * len(own)
                continue
            words = self.pieces(part.replace("{user}", str(user)))
            tokens += words
            newer += [-1] * len(words)
        return tokens + [END], newer + [-1]

    def inputs(self, tokens, newer):
        if "whole_word.weight" not in self.rest:
            return {"input_ids": torch.tensor([tokens])}
        embedded = self.t5["."].shared(torch.tensor([tokens]))
        for place, age in enumerate(newer):
            if age >= 0:
                embedded[0, place] += self.rest["whole_word.weight"][age]
        return {"inputs_embeds": embedded}

    def search(self, model, inputs):
        begin, end = self.about.get("unused_rows", [0, 0])
        inner = model.lm_head.forward

        def forward(hidden):
            logits = inner(hidden)
            logits[..., begin:end] = -float("inf")
            return logits

        def allowed(_, sentence):
            node = self.tree
            for token in sentence.tolist()[1:]:
                node = node.get(token, {})
            return list(node) or [START]

        model.lm_head.forward = forward
        found = model.generate(**inputs, num_beams=BEAMS, num_return_sequences=BEAMS,
                               prefix_allowed_tokens_fn=allowed, output_scores=True,
                               return_dict_in_generate=True)
        model.lm_head.forward = inner
        names = {tuple(tokens + [END]): item for item, tokens in self.ids.items()}
        items = [names[tuple(row[1:row.index(END) + 1])] for row in found.sequences.tolist()]
        return {"items": items, "values": found.sequences_scores.tolist()}

    def from_prompt(self, user, history):
        tokens, newer = self.prompt(user, history)
        inputs, model = self.inputs(tokens, newer), self.t5["."]
        said = model(**inputs, decoder_input_ids=torch.tensor([[START]]), output_hidden_states=True)
        if "item_head.weight" in self.rest:
            return {"prompt": tokens, "scores": self.head(said.decoder_hidden_states[-1][0, 0])}
        return {"prompt": tokens, "logits": said.logits[0, 0].tolist(),
                **self.search(model, inputs)}

    def head(self, state):
        if self.about.get("head") == "tied":
            table = self.t5["rec_llm"].shared.weight[1:]
            return (self.about["scale"] * (table @ state)).tolist()
        return (self.rest["item_head.weight"] @ state + self.rest["item_head.bias"]).tolist()

    def answer(self, request):
        if "prompt" in self.about:
            return self.from_prompt(request["user"], request["history"])
        return self.from_vectors(request["history"])

    def from_vectors(self, history):
        items = history[-self.about["history"]:]
        padded = torch.tensor([items + [0, 0]])
        mask = (padded > 0).long()
        hidden = self.t5["rec_llm"](input_ids=padded, attention_mask=mask).last_hidden_state
        if "decoder" in self.t5:
            model = self.t5["decoder"]
            inputs = {"encoder_outputs": BaseModelOutput(last_hidden_state=hidden),
                      "attention_mask": mask}
            said = model(**inputs, decoder_input_ids=torch.tensor([[START]]))
            return {"logits": said.logits[0, 0].tolist(), **self.search(model, inputs)}
        seen = hidden[0, :len(items)]
        return {"scores": self.head(seen.mean(0) if self.about["readout"] == "mean" else seen[-1])}


def main():
    warnings.filterwarnings("ignore")
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    requests = [json.loads(line) for line in sys.stdin]
    for folder in sys.argv[1:]:
        exported = Exported(folder)
        print(json.dumps([exported.answer(request) for request in requests]), flush=True)


if __name__ == "__main__":
    main()
