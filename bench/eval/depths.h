/* SPDX-License-Identifier: BSD-3-Clause */
/* What a recommender's rankings are at several depths: accuracy, and what accuracy does not see. */
#ifndef L4R_BENCH_EVAL_DEPTHS_H
#define L4R_BENCH_EVAL_DEPTHS_H

#include "bench/eval/text_vectors.h"
#include "bench/record/bundle.h"
#include "impl/data/dataset.h"

enum { L4R_DEPTHS = 16, L4R_DEPTH_MOST = 1000 };

struct l4r_depth_figures { /* of the first n items of every user's ranking */
  int64_t n;
  double hr, ndcg, mrr; /* means over users; one item is relevant */
  double coverage;      /* share of the catalogue that is recommended to anybody */
  double gini;       /* of how often items are recommended, over the whole catalogue: 0: all alike,
                        1: one alone (Gini 1912) */
  double popularity; /* mean training count of what is recommended, over users' means */
  double bias;       /* that over the mean training count of what users had in their histories:
                        above 1, recommendations are more popular than what users take */
  double diversity;  /* mean over users with two items or more of 1 - cosine over pairs, by the
                        vectors of their texts; NaN: no texts, or no such user */
};

/* Figures of an accuracy job's result with rankings (bench/run/accuracy.h: arrays keep, mask, user,
 * top_*), of which k items a user are kept, under keep (0) or mask (1), for each of depth[count],
 * ascending, at most k. `vectors` may be NULL. L4R_INPUT for a result without rankings;
 * L4R_ENVIRONMENT without memory. */
int l4r_depths_of(const struct l4r_bundle *result, const struct l4r_dataset *dataset,
                  const struct l4r_text_vectors *vectors, int mask, int64_t k, const int64_t *depth,
                  int count, struct l4r_depth_figures *figures);

#endif
