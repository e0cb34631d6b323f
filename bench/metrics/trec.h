/* SPDX-License-Identifier: BSD-3-Clause */
/* TREC files, so that trec_eval, pytrec_eval and ranx can recompute what we print. They rebuild
 * parts of the data set they were made from: write them where its licence allows. */
#ifndef L4R_BENCH_METRICS_TREC_H
#define L4R_BENCH_METRICS_TREC_H

#include "bench/record/bundle.h"
#include "impl/data/dataset.h"

/* folder/qrels.txt: "user 0 item 1" for every held-out item; ids as in the data set's files. */
int l4r_trec_qrels(const struct l4r_dataset *dataset, const char *folder);
/* folder/<slug>.keep.run and <slug>.mask.run: "user Q0 item rank score slug", from the top_* arrays
 * of an accuracy pass. Scores are as the engine gave them: tools that sort by score break ties
 * their own way. */
int l4r_trec_runs(const struct l4r_bundle *accuracy, int64_t k, const char *folder,
                  const char *slug);

#endif
