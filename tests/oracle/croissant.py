# SPDX-License-Identifier: BSD-3-Clause
"""Reads FOLDER/croissant.json by MLCommons' own library (PyPI's mlcroissant): no error, nothing about a context that is not
the standard's, and the records that it makes of the files are what the files hold. Usage: croissant.py FOLDER"""
import importlib.metadata
import logging
import os
import sys

import mlcroissant

folder = sys.argv[1]
said = []


class Keep(logging.Handler):
    def emit(self, record):
        said.append(record.getMessage())


logging.getLogger("absl").addHandler(Keep())
data = mlcroissant.Dataset(jsonld=os.path.join(folder, "croissant.json"))
issues = data.metadata.ctx.issues
assert not issues.errors, issues.errors
assert not any("@context" in message for message in said), said
for part in "train", "validation", "test":
    with open(os.path.join(folder, part + ".txt"), encoding="utf-8") as file:
        lines = [[int(word) for word in line.split()] for line in file]
    records = list(data.records(part))
    assert len(records) == len(lines), (part, len(records), len(lines))
    for record, line in zip(records, lines):
        assert int(record[part + "/user"]) == line[0], (part, record, line)
        assert [int(item) for item in record[part + "/items"]] == line[1:], (part, record, line)
with open(os.path.join(folder, "items.tsv"), encoding="utf-8") as file:
    titles = [line.rstrip("\n").split("\t")[2] for line in file][1:]
records = list(data.records("items"))
assert [record["items/title"].decode() for record in records] == titles
print(f"valid: Croissant {data.metadata.conforms_to}, {len(records)} items, by mlcroissant {importlib.metadata.version('mlcroissant')}")
