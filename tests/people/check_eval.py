# SPDX-License-Identifier: BSD-3-Clause
"""`lite4rec eval --at` held against pytrec_eval (trec_eval's own code) on the TREC files of the same call, and its significance
against scipy. Usage: check_eval.py FOLDER (of researcher.sh)"""
import glob
import json
import sys

import numpy
import pytrec_eval
from scipy import stats

folder = sys.argv[1]
rows = [json.loads(line) for line in open(folder + "/eval.jsonl", encoding="utf-8")]
depths = [one["n"] for one in rows[0]["depths"]]


def read(path, kind):
    out = {}
    for line in open(path, encoding="utf-8"):
        words = line.split()
        if kind == "qrels":
            out.setdefault(words[0], {})[words[2]] = int(words[3])
        else:
            out.setdefault(words[0], {})[words[2]] = float(words[4])
    return out


def files(word):
    return [path for path in sorted(glob.glob(folder + "/trec/*")) if word in path]


qrels = read(files("qrels")[0], "qrels")
per_user = {}
checked = 0
for row in rows:
    if "arm" not in row:
        continue
    slug = row["arm"].replace("@", "_")
    for seen in ("keep", "mask"):
        path = [one for one in files(slug) if seen in one]
        assert len(path) == 1, (slug, seen, glob.glob(folder + "/trec/*"))
        run = read(path[0], "run")
        cuts = ",".join(str(n) for n in depths)
        found = pytrec_eval.RelevanceEvaluator(qrels, {f"success.{cuts}", f"ndcg_cut.{cuts}"}).evaluate(run)
        for one in row["depths"]:
            for ours, theirs in (("HR", f"success_{one['n']}"), ("NDCG", f"ndcg_cut_{one['n']}")):
                value = sum(found.get(user, {}).get(theirs, 0) for user in qrels) / len(qrels)
                assert abs(value - one[seen][ours]) < 1e-6, (row["arm"], seen, ours, one["n"], value, one[seen][ours])
                per_user[row["arm"], seen, ours, one["n"]] = numpy.array(
                    [found.get(user, {}).get(theirs, 0) for user in sorted(qrels)])
                checked += 1
for test in rows[-1]["significance"]:
    metric, depth = test["metric"].split("@")
    a = per_user[test["against"], "mask", metric, int(depth)]
    b = per_user[test["arm"], "mask", metric, int(depth)]
    assert abs((b - a).mean() - test["difference"]) < 1e-6, test
    if not (b - a).any():
        continue
    p = stats.permutation_test((b, a), lambda x, y, axis: numpy.mean(x - y, axis=axis), permutation_type="samples",
                               n_resamples=20000, vectorized=True, random_state=1).pvalue
    error = 4 * (p * (1 - p) * (1 / 20000 + 1 / 10000)) ** .5 + 2e-4
    assert abs(p - test["p"]) < error, (test, p, error)
    checked += 1
print(f"{checked} figures")
