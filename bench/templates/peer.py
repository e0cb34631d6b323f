#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""An engine for lite4rec, a program of its own. README.md says how to run it.

Replace class Engine: `load` with what makes your recommender, `rank` with how it answers. As it is, it ranks by how often
items occur in training, but prefers what the history has not.
"""
import json
import sys
import time


class Engine:
    name, isa, precision = "my engine 0.1", "scalar", "fp32"
    settings = "by count"  # all that changes answers or cost
    weights_bytes = 0

    def load(self, hello):
        """hello: model (a folder, "" without one), users, items, threads, options, popularity (of items 1, 2, ...)."""
        known = ()
        wrong = [key for key in hello["options"] if key not in known]
        if wrong:
            raise ValueError(f"unknown option {wrong[0]}; there are: {', '.join(known) or 'none'}")
        count = hello["popularity"]
        self.order = sorted(range(1, hello["items"] + 1), key=lambda item: (-count[item - 1], item))
        self.score = [float(count[item - 1]) for item in self.order]

    def rank(self, user, history, k):
        """Up to k different items of 1..items and their scores. history: oldest first, perhaps empty. Seen items may be ranked:
        k is so much larger than what is shown, and the harness removes them itself."""
        del user, history
        return self.order[:k], self.score[:k]


def say(message):
    print(json.dumps(message), flush=True)


def main():
    began = time.perf_counter_ns()
    engine = Engine()
    try:
        engine.load(json.loads(sys.stdin.readline()))
    except ValueError as error:  # the run fails with these words
        say({"error": str(error)})
        return
    say({"protocol": 1, "engine": engine.name, "isa": engine.isa, "precision": engine.precision,
         "settings": engine.settings, "weights_bytes": engine.weights_bytes,
         "load_ns": max(time.perf_counter_ns() - began, 1)})
    for line in sys.stdin:
        request = json.loads(line)
        began = time.perf_counter_ns()
        answers = [engine.rank(user, history, request["k"])
                   for user, history in zip(request["users"], request["histories"])]
        took = time.perf_counter_ns() - began
        say({"ns": max(took, 1), "items": [items for items, _ in answers],
             "scores": [scores for _, scores in answers]})


if __name__ == "__main__":
    main()
