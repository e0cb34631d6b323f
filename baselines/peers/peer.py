# SPDX-License-Identifier: BSD-3-Clause
"""What the children in Python share: the protocol, checkpoints, the trie of item ids."""
import ctypes
import hashlib
import json
import os
import sys
import tempfile
import time


# Answers alone go to the standard output: what libraries print there joins the remarks.
answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def say(message):
    answers.write(json.dumps(message, separators=(",", ":")) + "\n")
    answers.flush()


def printed(call, descriptor):
    """What a call writes to the standard output (1) or error (2), by C code too."""
    libc = ctypes.CDLL(None)
    with tempfile.TemporaryFile() as file:
        libc.fflush(None)
        kept = os.dup(descriptor)
        os.dup2(file.fileno(), descriptor)
        try:
            call()
        finally:
            libc.fflush(None)
            os.dup2(kept, descriptor)
            os.close(kept)
        file.seek(0)
        return file.read().decode(errors="replace")


def since_start():
    """Nanoseconds since this process began, interpreter and imports included (to the kernel's tick)."""
    with open("/proc/self/stat", encoding="utf-8") as stream:
        began = int(stream.read().rpartition(")")[2].split()[19])  # field 22, in ticks since boot
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) - began * 10**9 // os.sysconf("SC_CLK_TCK")


def ready(**fields):
    """The answer to the first line, sent once everything is loaded."""
    say({"protocol": 1, "load_ns": since_start(), **fields})


def fail(words):
    say({"error": words})
    sys.exit(1)


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def option(hello, key, default, values=None):
    value = hello["options"].pop(key, default)
    if values and value not in values:
        fail(f"option {key}={value}: the values are {', '.join(values)}")
    return value


def no_more_options(hello):
    if hello["options"]:
        fail(f"unknown option {next(iter(hello['options']))}")


def config_of(hello):
    with open(os.path.join(hello["model"], "config.json"), encoding="utf-8") as stream:
        return json.load(stream)


BYTES = {"fp32": 4, "bf16": 2, "int8": 1}
LOOKED_UP = ("shared.weight", "id.weight", "whole_word.weight", "relative_attention_bias.weight")


def bytes_of(weights, precision):
    """What a checkpoint (name to tensor or array) takes up in a precision; int8 leaves all but
    products in fp32."""
    size = 0
    for name, value in weights.items():
        kept = precision == "int8" and (len(value.shape) < 2 or name.endswith(LOOKED_UP))
        count = 1
        for length in value.shape:
            count *= length
        size += count * BYTES["fp32" if kept else precision]
    return size


class Trie:
    """Which tokens may follow a string of tokens, and the item of a whole one."""

    def __init__(self, ids, end):
        self.tree, self.item = {}, {}
        for number, tokens in enumerate(ids, 1):
            self.item[tuple(tokens)] = number
            node = self.tree
            for token in tokens + [end]:
                node = node.setdefault(token, {})

    def allowed(self, tokens):
        node = self.tree
        for token in tokens:
            node = node.get(token)
            if not node:
                return [0]  # a beam that is impossible already; the list may not be empty
        return list(node)


def serve(answer):
    """Answers requests until the input ends: answer(request) -> items, scores of each."""
    for line in sys.stdin:
        request = json.loads(line)
        began = time.perf_counter_ns()
        items, scores = answer(request)
        took = time.perf_counter_ns() - began
        say({"ns": took, "items": items, "scores": scores})
