# SPDX-License-Identifier: BSD-3-Clause
"""Golden relative position buckets for tests/model/test_bucket.c; see README.md beside this file.

usage: buckets.py tests/golden"""
import sys

import torch
import transformers
from transformers.models.t5.modeling_t5 import T5Attention

SETTINGS = [(32, 128), (32, 64), (16, 128), (8, 20), (64, 512), (32, 1000), (4, 3)]
FARTHEST = 1100


def main(folder):
    distance = torch.arange(-FARTHEST, FARTHEST + 1)
    with open(f"{folder}/t5_buckets.txt", "w", encoding="ascii") as file:
        print(f"# transformers {transformers.__version__}: bidirectional buckets max_distance,"
              f" then runs bucket*length for distances {-FARTHEST}..{FARTHEST}", file=file)
        for bidirectional in (1, 0):
            for buckets, farthest in SETTINGS:
                found = T5Attention._relative_position_bucket(
                    distance, bidirectional=bool(bidirectional), num_buckets=buckets,
                    max_distance=farthest).tolist()
                runs = []
                for bucket in found:
                    if runs and runs[-1][0] == bucket:
                        runs[-1][1] += 1
                    else:
                        runs.append([bucket, 1])
                print(bidirectional, buckets, farthest, *(f"{b}*{n}" for b, n in runs), file=file)


main(sys.argv[1])
