/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes TREC files, so that trec_eval, pytrec_eval and ranx can recompute our metrics. The files
 * contain parts of the data set: write them only where its licence allows that. */
#ifndef L4R_BENCH_EXPORT_TREC_H
#define L4R_BENCH_EXPORT_TREC_H

#include "bench/record/bundle.h"
#include "impl/data/dataset.h"

/* Writes folder/qrels.txt: "user 0 item 1" for every held-out item. Users and items (topics and
 * documents) have their names in the imported files where the data set was opened with USERS and
 * TEXT and has users.tsv, else their numbers from 1. A blank, a control character, a byte that is
 * not ASCII and '%' are written as %20 and the like, because fields end at blanks. */
int l4r_trec_qrels(const struct l4r_dataset *dataset, const char *folder);
/* Writes folder/<slug>.keep.run and <slug>.mask.run: "user Q0 item rank score slug", from the top_*
 * arrays of an accuracy pass. Readers ignore the rank, sort by score again (trec_eval after
 * rounding it to 32 bits) and break ties in their own way. So a score that is not below the
 * previous one is written as the next lower 32-bit number; our order is then the only one possible,
 * and a score without a tie is as the engine gave it. Where that is impossible (scores at the
 * lowest number, or not numbers), the user's scores are replaced by places: count, count - 1,
 * ... */
int l4r_trec_runs(const struct l4r_dataset *dataset, const struct l4r_bundle *accuracy, int64_t k,
                  const char *folder, const char *slug);

#endif
