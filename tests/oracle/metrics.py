#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes tests/golden/metrics.json: ranks of one relevant item a user in rankings drawn here, and
what pytrec_eval says of those rankings. Usage, in a throwaway virtual environment:

    pip install numpy pytrec_eval-terrier==0.5.6 && python tests/oracle/metrics.py >tests/golden/metrics.json
"""
import json
import random

import pytrec_eval

CUTS = (1, 5, 10, 20)


def case(seed, users, items, depth):
    draw = random.Random(seed)
    qrels, run, ranks = {}, {}, []
    for user in range(users):
        ranking = draw.sample(range(1, items + 1), depth)
        target = draw.randint(1, items) if user % 3 else ranking[draw.randrange(min(depth, 25))]
        qrels[str(user)] = {str(target): 1}
        run[str(user)] = {str(item): float(depth - place) for place, item in enumerate(ranking)}
        ranks.append(ranking.index(target) + 1 if target in ranking else 0)
    names = {"success_" + ",".join(map(str, CUTS)), "ndcg_cut_" + ",".join(map(str, CUTS))}
    full = pytrec_eval.RelevanceEvaluator(qrels, names).evaluate(run)
    metrics = {}
    for cut in CUTS:
        metrics[f"HR@{cut}"] = sum(full[u][f"success_{cut}"] for u in full) / users
        metrics[f"NDCG@{cut}"] = sum(full[u][f"ndcg_cut_{cut}"] for u in full) / users
    # recip_rank has no cut: give it the first 20 places alone.
    short = {u: {i: s for i, s in r.items() if s > depth - 20} for u, r in run.items()}
    reciprocal = pytrec_eval.RelevanceEvaluator(qrels, {"recip_rank"}).evaluate(short)
    metrics["MRR@20"] = sum(reciprocal[u]["recip_rank"] for u in reciprocal) / users
    return {"ranks": ranks, "metrics": metrics}


print(json.dumps({"made_by": f"pytrec_eval-terrier {pytrec_eval.__version__}"
                  if hasattr(pytrec_eval, "__version__") else "pytrec_eval-terrier",
                  "cases": [case(1, 200, 50, 50), case(2, 500, 400, 60), case(3, 37, 25, 20)]}))
