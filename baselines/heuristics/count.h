/* SPDX-License-Identifier: BSD-3-Clause */
/* Counts a data set to make the model of a heuristic. */
#ifndef L4R_BASELINES_HEURISTICS_COUNT_H
#define L4R_BASELINES_HEURISTICS_COUNT_H

#include "baselines/heuristics/counts.h"

struct l4r_count_options {
  enum l4r_kind kind; /* L4R_KIND_POP, _MARKOV, _ITEMKNN */
  int cosine;         /* itemknn: divide C[a][b] by sqrt(pop_a * pop_b) */
  int leaky;          /* stored in config.json */
};

/* Counts the training part (opened with TRAIN alone) and writes a model folder: config.json and
 * counts.bin. */
int l4r_counts_train(const struct l4r_dataset *dataset, const struct l4r_count_options *options,
                     const char *out);

/* Counts the training part exactly, with the same result in every run (sums in order of users, then
 * of positions). `out` is filled on success; free with l4r_counts_free. */
int l4r_counts_make(const struct l4r_dataset *dataset, enum l4r_kind kind, int cosine,
                    struct l4r_counts *out);

#endif
