#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes tests/golden/semantic.json: points, what k-means makes of them, and semantic item ids.

An oracle in plain numpy, written from the contracts of baselines/beam/ids/kmeans.h and semantic.h.
Usage: python3 tests/oracle/semantic.py tests/golden
"""
import itertools
import json
import os
import sys

import numpy

ROUNDS = 50
# Found by search: from seed 11 in seven clusters, one of them loses all its points.
EMPTY = numpy.array([(5, 25), (0, 10), (0, 5), (1, 4), (4, 4), (0, 6), (1, 2), (4, 5), (6, 1), (5, 2),
                     (2, 2), (1, 2), (3, 5), (4, 5), (6, 2), (2, 5)], float)
STREAM = 0x73656D
MASK = (1 << 64) - 1


class Random:
    """xoshiro256**, seeded through splitmix64 (Blackman and Vigna)."""

    def __init__(self, seed, stream, step):
        mixed = self.splitmix(seed)[1] ^ stream
        mixed = self.splitmix(mixed)[1] ^ step
        seed = self.splitmix(mixed)[1]
        self.state = []
        for _ in range(4):
            seed, word = self.splitmix(seed)
            self.state.append(word)

    @staticmethod
    def splitmix(state):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return state, z ^ (z >> 31)

    def next(self):
        def turn(x, k):
            return ((x << k) | (x >> (64 - k))) & MASK

        s = self.state
        result = (turn((s[1] * 5) & MASK, 7) * 9) & MASK
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = turn(s[3], 45)
        return result

    def uniform(self):
        return (self.next() >> 11) * 2.0**-53

    def below(self, bound):
        product = self.next() * bound
        if product & MASK < bound:
            while product & MASK < (1 << 64) % bound:
                product = self.next() * bound
        return product >> 64


def start(point, clusters, random):
    """k-means++."""
    chosen = [random.below(len(point))]
    while len(chosen) < clusters:
        distance = ((point[:, None] - point[chosen]) ** 2).sum(2).min(1)
        wanted = random.uniform() * sum(distance.tolist())
        passed = list(itertools.accumulate(distance.tolist()))
        beyond = [i for i, at in enumerate(passed) if at > wanted and distance[i] > 0]
        chosen.append(beyond[0] if beyond else int(numpy.flatnonzero(distance)[-1]))
    return point[chosen].copy()


def kmeans(point, clusters, random):
    """Returns centres, labels, and how often a cluster was empty."""
    clusters = min(clusters, len(numpy.unique(point, axis=0)))
    centre, label, empty = start(point, clusters, random), numpy.full(len(point), -1), 0
    for round_ in range(ROUNDS + 1):
        distance = ((point[:, None] - centre) ** 2).sum(2)
        new = distance.argmin(1)
        moved, label = (new != label).any(), new
        if not moved or round_ == ROUNDS:
            return centre, label, empty
        own = distance[numpy.arange(len(point)), label]
        for c in range(clusters):
            count = numpy.bincount(label, minlength=clusters)
            if count[c]:
                continue
            empty += 1
            farthest = numpy.where(count[label] > 1, own, -1).argmax()
            label[farthest], own[farthest] = c, 0
        centre = numpy.array([point[label == c].mean(0) for c in range(clusters)])


def components(vector, kept):
    """The centred points in the directions of their `kept` largest variances."""
    centred = vector.astype(float) - vector.astype(float).mean(0)
    return centred @ numpy.linalg.svd(centred, full_matrices=False)[2][:kept].T


def semantic(residual, popularity, levels, codes, seed):
    path = []
    for level in range(levels):
        centre, label, _ = kmeans(residual, codes, Random(seed, STREAM, level))
        residual = residual - centre[label]
        path.append((label + 1).tolist())
    paths = list(zip(*path))
    place = {}
    for item in sorted(range(len(paths)), key=lambda i: (paths[i], -popularity[i], i)):
        place[item] = 1 + sum(paths[other] == paths[item] for other in place)
    return [list(p) + [place[i]] for i, p in enumerate(paths)]


def main():
    random = numpy.random.RandomState(20)
    heart = random.normal(size=(9, 5)) * 3
    vector = (heart[random.randint(0, 9, 240)] + random.normal(size=(240, 5))).astype(numpy.float32)
    vector[200:230] = vector[random.randint(0, 200, 30)]  # texts that stand twice
    popularity = random.randint(0, 6, 240).tolist()
    point = vector.astype(float)

    cases = []
    twice = numpy.concatenate([point[:10], point[:5]])
    for name, at, clusters, seed in (("empty", EMPTY, 7, 11), ("plain", point, 12, 3),
                                     ("distinct", twice, 1000, 3)):
        centre, label, empty = kmeans(at, clusters, Random(seed, 7, 0))
        assert bool(empty) == (name == "empty")
        cases.append({"name": name, "seed": seed, "stream": 7, "clusters": clusters,
                      "point": at.tolist(), "label": label.tolist(), "centre": centre.tolist()})
    out = {"kmeans": cases,
           "semantic": {"vector": vector.tolist(), "popularity": popularity, "seed": 5, "levels": 3,
                        "codes": 8, "path": semantic(point, popularity, 3, 8, 5),
                        "kept": 3,
                        "path_of_kept": semantic(components(vector, 3), popularity, 3, 8, 5)}}
    with open(os.path.join(sys.argv[1], "semantic.json"), "w", encoding="utf-8") as stream:
        json.dump(out, stream, separators=(",", ":"))
        stream.write("\n")


if __name__ == "__main__":
    main()
