/* SPDX-License-Identifier: BSD-3-Clause */
/* Synthetic data with a known answer.
 *
 * Hidden state z of C clusters: z_1 ~ start, z_t ~ transition[z_{t-1}]. Item x_t ~ emission[z_t]
 * renormalised over the items the user has not seen. Lengths are drawn apart from the items, so
 * they carry no information. Because everything is known, the best ranking any recommender can give
 * is too: the exact forward filter yields P(x_{t+1} | x_1..x_t), and its top 10 the Bayes-optimal
 * HR@10 and NDCG@10 (masked and kept alike: a seen item has probability 0). */
#ifndef L4R_BENCH_IMPORT_SYNTH_PROCESS_H
#define L4R_BENCH_IMPORT_SYNTH_PROCESS_H

#include "impl/data/dataset.h"

#include <stdint.h>

struct l4r_synth_options {
  int64_t users, items, clusters;
  int64_t shortest, longest; /* interactions of a user, uniform in between; shortest >= 3 */
  double zipf;               /* exponent of the popularity of a cluster's items */
  double leak;               /* share of a cluster's emissions spread over all items */
  double follow;             /* probability of the two favourite transitions together */
  uint64_t seed;
};
void l4r_synth_defaults(struct l4r_synth_options *options);

struct l4r_synth {
  struct l4r_synth_options options;
  double *start;       /* [clusters] */
  double *transition;  /* [clusters][clusters] */
  double *emission;    /* [clusters][items], index item - 1 */
  int64_t *home;       /* [items + 1] the cluster an item's text is drawn from */
  int64_t *user_start; /* [users + 1] */
  l4r_item *item;      /* [user_start[users]] */
};

/* Draws process and users. L4R_USAGE for options that make no process (fewer items than twice the
 * longest history, fewer than two clusters, a share outside 0..1). Free with l4r_synth_free. */
int l4r_synth_draw(const struct l4r_synth_options *options, struct l4r_synth **synth);
void l4r_synth_free(struct l4r_synth *synth);

/* The exact filter: probability[items] of the next item after history (index item - 1), seen items
 * 0. scratch: 3 * clusters doubles. Pure. */
void l4r_synth_predict(const struct l4r_synth *synth, const l4r_item *history, int64_t length,
                       double *scratch, double *probability);

struct l4r_synth_optimum {
  double hr10, ndcg10;                   /* expected over the true distribution */
  double realised_hr10, realised_ndcg10; /* of the optimal ranking on the targets drawn */
};
/* Over all users, for the last item of each. */
int l4r_synth_optimum(const struct l4r_synth *synth, struct l4r_synth_optimum *optimum);

#endif
