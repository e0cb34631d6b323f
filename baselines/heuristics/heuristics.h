/* SPDX-License-Identifier: BSD-3-Clause */
/* Recommenders that only count: popularity, first-order Markov, item k-nearest-neighbours, exactly
 * as README.md defines them. Sums in double; ties by training popularity, then lower item id. */
#ifndef L4R_HEURISTICS_HEURISTICS_H
#define L4R_HEURISTICS_HEURISTICS_H

#include "impl/engine.h"
#include "impl/model/config.h"

struct l4r_count_options {
  enum l4r_kind kind; /* L4R_KIND_POP, _MARKOV, _ITEMKNN */
  int cosine;         /* itemknn: divide C[a][b] by sqrt(pop_a * pop_b) */
  int leaky;          /* config.json says so */
};

/* Counts the training part (opened with TRAIN alone) and writes a model folder: config.json and
 * counts.bin. */
int l4r_counts_train(const struct l4r_dataset *dataset, const struct l4r_count_options *options,
                     const char *out);

/* Serves all three; the kind is read from the folder. No options. Scores are floats ordered exactly
 * as the sums in double: the nearest float, or the next one above where two different doubles would
 * share it, so that ranking by them is ranking by the definition. */
extern const struct l4r_engine l4r_engine_heuristic;

#endif
