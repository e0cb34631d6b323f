# SPDX-License-Identifier: BSD-3-Clause
"""`lite4rec export vectors`: products of users and items rank as the reference engine does. Usage: check_vectors.py FOLDER"""
import glob
import json
import struct
import sys

import numpy

folder = sys.argv[1]
facts = json.load(open(folder + "/vectors/vectors.json", encoding="utf-8"))
items, users = (numpy.load(f"{folder}/vectors/{name}.npy") for name in ("items", "users"))
if "scale" in facts["scores"]:
    scores = float(facts["scale"]) * users @ items.T
else:
    scores = users @ numpy.load(folder + "/vectors/head.npy").T + numpy.load(folder + "/vectors/bias.npy")
raw = open(folder + "/vectors.safetensors", "rb").read()
length = struct.unpack("<Q", raw[:8])[0]
header = json.loads(raw[8:8 + length])
for name, array in (("items", items), ("users", users)):
    begin, end = header[name]["data_offsets"]
    same = numpy.frombuffer(raw[8 + length + begin:8 + length + end], "<f4").reshape(header[name]["shape"])
    assert numpy.array_equal(same, array), name
path = [one for one in sorted(glob.glob(folder + "/trec-lite/*")) if "keep" in one and "qrels" not in one][0]
best = {}
for line in open(path, encoding="utf-8"):
    user, _, item, rank, score, _ = line.split()
    if int(rank) == 1:
        best[user] = (item, float(score))
ids = [line.split("\t")[1] if "\t" in line else "" for line in open(folder + "/data/items.tsv", encoding="utf-8")]
top = numpy.sort(scores, axis=1)[:, -1]
assert len(best) == len(users), (len(best), len(users))
found = numpy.array([score for _, score in best.values()])
# A TREC file's scores are moved apart where they tie, and its users are in their order.
assert numpy.allclose(numpy.sort(top), numpy.sort(found), rtol=1e-4, atol=1e-4), numpy.abs(numpy.sort(top) - numpy.sort(found)).max()
print(f"{len(users)} users, {len(items)} items")
