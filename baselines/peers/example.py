#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""An engine of your own, whole: ranks by training popularity. baselines/peers/README.md explains it.

    lite4rec run --arm peer:baselines/peers/example.py@MODEL --data DATA --scenario single-stream
"""
import json
import sys
import time

started = time.perf_counter_ns()
hello = json.loads(sys.stdin.readline())
count = hello["popularity"]  # of items 1, 2, ...
order = sorted(range(1, hello["items"] + 1), key=lambda item: (-count[item - 1], item))
scores = [float(count[item - 1]) for item in order]


def say(message):
    print(json.dumps(message), flush=True)


say({"protocol": 1, "engine": "python", "isa": "scalar", "precision": "fp32", "settings": "by count",
     "load_ns": time.perf_counter_ns() - started})
for line in sys.stdin:
    request = json.loads(line)
    began = time.perf_counter_ns()
    k = request["k"]
    items = [order[:k] for _ in request["histories"]]
    took = time.perf_counter_ns() - began
    say({"ns": max(took, 1), "items": items, "scores": [scores[:k] for _ in items]})
