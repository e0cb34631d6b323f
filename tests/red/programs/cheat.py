#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A peer with a vice, which the harness must catch (baselines/peers/README.md has the protocol). The honest part ranks
by training popularity, and computes for WORK microseconds for every user.

    lite4rec run --arm peer:tests/red/programs/cheat.py@MODEL:vice=half --data DATA
"""
import json
import os
import sys
import time

hello = json.loads(sys.stdin.readline())
options = hello["options"]
vice, work, data = options.get("vice", "none"), int(options.get("work", 1000)), options.get("data", "")
count = hello["popularity"]
order = sorted(range(1, hello["items"] + 1), key=lambda item: (-count[item - 1], item))
calls = 0


def say(message):
    print(json.dumps(message), flush=True)


def lines(name):
    """{user: items} of a file of the data set; empty where it cannot be read."""
    try:
        with open(os.path.join(data, name), encoding="utf-8") as source:
            rows = [[int(word) for word in line.split()] for line in source]
    except OSError:
        return {}
    return {row[0] - 1: row[1:] for row in rows if row}


def burn(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def start_burner(processors=None):
    """A process beside this one that computes without end."""
    if os.fork():
        return
    if processors:
        os.sched_setaffinity(0, processors)
    while True:
        burn(1)


def start_orphan():
    """One that left group, session and parent, and tells where it is."""
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    with open(options["tell"], "a", encoding="utf-8") as out:
        out.write("%d\n" % os.getpid())
    time.sleep(3600)


def reads_memory():
    """The harness's memory, by its parents' files: 1 when a byte of it could be had."""
    pid, ancestors = os.getppid(), []
    while pid > 1:
        ancestors.append(pid)
        with open("/proc/%d/stat" % pid, encoding="utf-8") as source:
            pid = int(source.read().rsplit(")", 1)[1].split()[1])
    for ancestor in ancestors[:3]:
        try:
            with open("/proc/%d/maps" % ancestor, encoding="utf-8") as source:
                begin = int(source.readline().split("-")[0], 16)
            with open("/proc/%d/mem" % ancestor, "rb", 0) as memory:
                memory.seek(begin)
                return len(memory.read(1))
        except OSError:
            continue
    return 0


train = lines("train.txt") if vice == "remembers" else {}
answers = lines("test.txt") if vice == "table" else {}
settings = vice
if vice == "table" and not answers:
    settings = "table: the answers cannot be read"
if vice == "memory":
    settings = "memory: %s" % ("read" if reads_memory() else "cannot be read")
if vice == "threads":
    start_burner()
    start_burner()
if vice == "leaves":
    start_burner(set(range(os.cpu_count())))
if vice == "orphan":
    start_orphan()
says = options.get("says", options.get("precision", "fp32"))
first = {"protocol": 1, "engine": "cheat", "isa": "scalar", "precision": says, "settings": settings,
         "weights_bytes": -5 if vice == "weights" else 5}
say(first)


def ranking(user, k):
    if vice == "empty":
        return []
    best = answers.get(user, [])
    return (best + [item for item in order if item not in best])[:k]


for line in sys.stdin:
    request = json.loads(line)
    calls += 1
    began = time.perf_counter_ns()
    k = request["k"]
    for user, history in zip(request["users"], request["histories"]):
        known = train.get(user)
        if not known or history[:len(known)] != known:
            burn(work * 1e-6)
    items = [ranking(user, k) for user in request["users"]]
    scores = [[1e300 if vice == "infinite" else float(len(order) - place) for place in range(len(row))] for row in items]
    if vice == "rounds" and len(items) > 1:  # by who else asks, as a scale for a whole batch does
        by = float(options["by"]) * len(order)
        scores = [[score + by for score in row] for row in scores]
    if vice == "nan":
        scores[0][0] = float("nan")
    took = time.perf_counter_ns() - began
    if vice == "fewer_users":
        items, scores = items[1:], scores[1:]
    if vice == "fewer" and len(items) == 1:  # requests come one by one where they are timed
        items, scores = [items[0][:3]], [scores[0][:3]]
    if vice == "one":
        took = 1
    if vice == "half":
        took //= 2
    if vice == "boast":
        took *= 3
    if vice == "none_ns":
        took = 0
    if vice == "endless" and calls > 3:
        while True:
            sys.stdout.write("[" * 65536)
    answer = {"ns": took, "items": items, "scores": scores}
    say(answer)
    if vice == "early" and calls > 3:
        say(answer)
