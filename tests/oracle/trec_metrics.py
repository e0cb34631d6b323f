# SPDX-License-Identifier: BSD-3-Clause
"""pytrec_eval on a run and qrels: argv RUN QRELS; prints success at 10 and NDCG at 10, means."""
import sys

import pytrec_eval

with open(sys.argv[2]) as file:
    qrels = pytrec_eval.parse_qrel(file)
with open(sys.argv[1]) as file:
    run = pytrec_eval.parse_run(file)
found = pytrec_eval.RelevanceEvaluator(qrels, {"success.10", "ndcg_cut.10"}).evaluate(run)
print(
    sum(user["success_10"] for user in found.values()) / len(qrels),
    sum(user["ndcg_cut_10"] for user in found.values()) / len(qrels),
)
