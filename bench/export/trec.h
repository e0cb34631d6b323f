/* SPDX-License-Identifier: BSD-3-Clause */
/* TREC files, so that trec_eval, pytrec_eval and ranx can recompute what we print. They rebuild
 * parts of the data set they were made from: write them where its licence allows. */
#ifndef L4R_BENCH_EXPORT_TREC_H
#define L4R_BENCH_EXPORT_TREC_H

#include "bench/record/bundle.h"
#include "impl/data/dataset.h"

/* folder/qrels.txt: "user 0 item 1" for every held-out item. Users and items (topics and documents)
 * are called as in the files that were imported, where the data set was opened with USERS and TEXT
 * and has users.tsv, else by their numbers from 1. A blank, a control character, a byte that is no
 * ASCII and '%' are written as %20 and the like, because fields end at blanks. */
int l4r_trec_qrels(const struct l4r_dataset *dataset, const char *folder);
/* folder/<slug>.keep.run and <slug>.mask.run: "user Q0 item rank score slug", from the top_* arrays
 * of an accuracy pass. Readers pass over the rank and sort by score anew, trec_eval after rounding
 * it to 32 bits, and break ties their own way. So a score that is not below the one before it is
 * written as the next lower 32-bit number: our order is the only one left, and a score without a
 * tie is as the engine gave it. A user whose scores leave no room for that (beside the lowest
 * number there is, or not numbers) has places in place of scores: count, count - 1, ... */
int l4r_trec_runs(const struct l4r_dataset *dataset, const struct l4r_bundle *accuracy, int64_t k,
                  const char *folder, const char *slug);

#endif
