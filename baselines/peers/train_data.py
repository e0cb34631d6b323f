# SPDX-License-Identifier: BSD-3-Clause
"""What lite4rec trains on, batch for batch, padded as PyTorch users pad.

The random generator and the draws of an epoch are lite4rec's (impl/base/random.c,
impl/train/lite/sequences.c, baselines/beam/train/epoch.c), so that both sides of train_speed.py see
the same windows in the same steps. Nothing here needs torch but the last line of each batch.
"""

import json
import os
import struct

import numpy
import torch

WORD = (1 << 64) - 1
WORDINGS = (("user", None, "saw", Ellipsis, "next:"),
            ("after", Ellipsis, "what is next for user", None),
            ("the items of user", None, "in order:", Ellipsis, "and then:"),
            ("user", None, ":", Ellipsis, "what follows?"))  # None: user, Ellipsis: history


def splitmix(state):
    state = (state + 0x9e3779b97f4a7c15) & WORD
    z = ((state ^ state >> 30) * 0xbf58476d1ce4e5b9) & WORD
    z = ((z ^ z >> 27) * 0x94d049bb133111eb) & WORD
    return state, z ^ z >> 31


class Random:
    """xoshiro256** on a stream of (seed, stream, step)."""

    def __init__(self, seed, stream, step):
        for part in (stream, step, None):
            seed, value = splitmix(seed)
            if part is None:
                seed = value
            else:
                seed = value ^ part
        self.state = []
        for _ in range(4):
            seed, value = splitmix(seed)
            self.state.append(value)

    def next(self):
        a, b, c, d = self.state
        x = (b * 5) & WORD
        result = ((x << 7 | x >> 57) * 9) & WORD
        t = (b << 17) & WORD
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= t
        self.state = [a, b, c, (d << 45 | d >> 19) & WORD]
        return result

    def below(self, bound):
        product = self.next() * bound
        if product & WORD < bound:
            threshold = (1 << 64) % bound
            while product & WORD < threshold:
                product = self.next() * bound
        return product >> 64

    def shuffle(self, values):
        for i in range(len(values) - 1, 0, -1):
            j = self.below(i + 1)
            values[i], values[j] = values[j], values[i]


def read_safetensors(path):
    """Name -> float32 array; the file is a length, a JSON header, and the numbers."""
    with open(path, "rb") as source:
        header = json.loads(source.read(struct.unpack("<Q", source.read(8))[0]))
        data = source.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        if entry["dtype"] != "F32":
            raise SystemExit("%s: %s is %s, not F32" % (path, name, entry["dtype"]))
        begin, end = entry["data_offsets"]
        values = numpy.frombuffer(data[begin:end], dtype="<f4")
        tensors[name] = values.reshape(entry["shape"]).copy()
    return tensors


class Dataset:
    def __init__(self, folder):
        self.folder = folder
        self.items, starts = [], [0]
        with open(os.path.join(folder, "train.txt"), encoding="utf-8") as source:
            for line in source:
                self.items.extend(int(word) for word in line.split()[1:])
                starts.append(len(self.items))
        self.starts = starts
        self.item = numpy.array(self.items + [1], dtype=numpy.int64)

    def texts(self):
        lines = []
        with open(os.path.join(self.folder, "items.tsv"), encoding="utf-8") as source:
            next(source)
            for line in source:
                fields = line.rstrip("\n").split("\t")[2:5]
                lines.append(" ".join("%s: %s" % pair for pair in
                                      zip(("title", "brand", "categories"), fields) if pair[1]))
        return lines


def tokenizer(folder):
    import sentencepiece
    return sentencepiece.SentencePieceProcessor(
        model_file=os.path.join(folder, "tokenizer.model"))


def pad(strings):
    """[rows][longest] of the token strings, and where there is a token."""
    longest = max(len(string) for string in strings)
    token = numpy.zeros((len(strings), longest), dtype=numpy.int64)
    mask = numpy.zeros((len(strings), longest), dtype=bool)
    for row, string in enumerate(strings):
        token[row, :len(string)] = string
        mask[row, :len(string)] = True
    return token, mask


def tensors(batch):
    return {name: torch.from_numpy(value) for name, value in batch.items()}


class Windows:
    """Lite (causal) and SASRec: windows of a sequence, a target at every position."""

    def __init__(self, dataset, config, folder):
        self.dataset, self.history = dataset, config["history"]
        self.newest_first = config["kind"] == "sasrec"
        self.token = None
        if config["items_input"] == "text":
            model, room = tokenizer(folder), config["text_length"] - 1
            strings = [model.encode(line)[:room] + [1] for line in dataset.texts()]
            self.token, self.token_mask = pad(strings)

    def epoch(self, seed, epoch):
        random, windows, starts = Random(seed, 0, epoch), [], self.dataset.starts
        for user in range(len(starts) - 1):
            first, pairs = starts[user], starts[user + 1] - starts[user] - 1
            if pairs < 1:
                continue
            newest = min(self.history, pairs) if self.newest_first else 0
            if newest:
                windows.append((first + pairs - newest, newest))
            at, end, left = 0, random.below(self.history) + 1, pairs - newest
            while at < left:
                end = min(end, left)
                windows.append((first + at, end - at))
                at, end = end, end + self.history
        random.shuffle(windows)
        return windows

    def batch(self, windows):
        first = numpy.array([window[0] for window in windows])
        length = numpy.array([window[1] for window in windows])
        places = numpy.arange(length.max())
        mask = places < length[:, None]
        at = numpy.where(mask, first[:, None] + places, first[:, None])
        item = self.dataset.item[at] - 1
        batch = {"item": item, "length": length, "flat": numpy.flatnonzero(mask),
                 "target": self.dataset.item[(at + 1)[mask]] - 1}
        if self.token is not None:
            distinct, slot = numpy.unique(item, return_inverse=True)
            longest = self.token_mask[distinct].sum(1).max()
            batch.update(slot=slot.reshape(item.shape), token=self.token[distinct, :longest],
                         token_mask=self.token_mask[distinct, :longest])
        return tensors(batch)


class Prompts:
    """P5: a prompt about a random prefix, and the next item's id as the answer."""

    def __init__(self, dataset, config, folder, prefixes):
        self.dataset, self.history, self.prefixes = dataset, config["history"], prefixes
        model = tokenizer(folder)
        with open(os.path.join(folder, "id_map.tsv"), encoding="utf-8") as source:
            next(source)
            self.ids = [model.encode(line.split()[1]) for line in source]
        self.users = [model.encode(str(user + 1)) for user in range(len(dataset.starts) - 1)]
        self.wordings = [[model.encode(part) if isinstance(part, str) else part for part in parts]
                         for parts in WORDINGS]

    def epoch(self, seed, epoch):
        random, samples, starts = Random(seed, 0x6265616d, epoch), [], self.dataset.starts
        for user in range(len(starts) - 1):
            length = starts[user + 1] - starts[user]
            for _ in range(self.prefixes if length >= 2 else 0):
                position = 1 + random.below(length - 1)
                samples.append((user, starts[user] + position, random.below(len(WORDINGS))))
        random.shuffle(samples)
        return samples

    def prompt(self, user, target, wording):
        begin, tokens = max(self.dataset.starts[user], target - self.history), []
        for part in self.wordings[wording]:
            if part is None:
                tokens += self.users[user]
            elif part is Ellipsis:
                for item in self.dataset.items[begin:target]:
                    tokens += self.ids[item - 1]
            else:
                tokens += part
        return tokens + [1]

    def batch(self, samples):
        token, mask = pad([self.prompt(*sample) for sample in samples])
        target, there = pad([self.ids[self.dataset.items[sample[1]] - 1] + [1]
                             for sample in samples])
        answer = numpy.zeros_like(target)
        answer[:, 1:] = target[:, :-1]
        return tensors({"token": token, "token_mask": mask, "answer": answer,
                        "flat": numpy.flatnonzero(there), "target": target[there]})


class Feed:
    """Batches without end: epoch after epoch, as lite4rec deals them."""

    def __init__(self, source, seed, size):
        self.source, self.seed, self.size = source, seed, size
        self.epochs = {}

    def __iter__(self):
        epoch = 0
        while True:
            if epoch not in self.epochs:
                self.epochs[epoch] = self.source.epoch(self.seed, epoch)
            drawn = self.epochs[epoch]
            for at in range(0, len(drawn), self.size):
                yield self.source.batch(drawn[at:at + self.size])
            epoch += 1
