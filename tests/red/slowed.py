#!/usr/bin/env python3
"""An engine that can be slowed on purpose: ranks by training popularity after some arithmetic for every
user, `slow` percent more of it than `work` says. With clock=cpu the time it tells is its processor time, which a
busy machine disturbs less. For bench/gate.sh; baselines/peers/README.md has the protocol.

    lite4rec run --arm peer:tests/red/slowed.py@MODEL --arm peer:tests/red/slowed.py@MODEL:slow=6 --data DATA
"""
import json
import sys
import time

started = time.perf_counter_ns()
hello = json.loads(sys.stdin.readline())
options = hello["options"]
clock = time.thread_time_ns if options.get("clock") == "cpu" else time.perf_counter_ns
steps = int(int(options.get("work", "5000")) * (1 + float(options.get("slow", "0")) / 100))
count = hello["popularity"]  # of items 1, 2, ...
order = sorted(range(1, hello["items"] + 1), key=lambda item: (-count[item - 1], item))
scores = [float(count[item - 1]) for item in order]


def say(message):
    print(json.dumps(message), flush=True)


def work():
    x = 1
    for _ in range(steps):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
    return x


say({"protocol": 1, "engine": "slowed", "isa": "scalar", "precision": "fp32", "settings": f"steps={steps}",
     "load_ns": time.perf_counter_ns() - started})
for line in sys.stdin:
    request = json.loads(line)
    began = clock()
    k = request["k"]
    items = [order[:k] for _ in request["histories"] if work() >= 0]
    took = clock() - began
    say({"ns": max(took, 1), "items": items, "scores": [scores[:k] for _ in items]})
