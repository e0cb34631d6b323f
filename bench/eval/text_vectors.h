/* SPDX-License-Identifier: BSD-3-Clause */
/* Items as vectors of the words of their texts, by which lists are called alike or diverse. */
#ifndef L4R_BENCH_EVAL_TEXT_VECTORS_H
#define L4R_BENCH_EVAL_TEXT_VECTORS_H

#include "impl/data/dataset.h"

struct l4r_text_vectors {
  int64_t items, words;
  int64_t *start; /* [items + 2]: entries of item i are [start[i], start[i + 1]) */
  int32_t *word;  /* in any order, each once an item */
  float *weight;  /* an item's squares add up to 1; an item without words has no entry */
};

/* Words are runs of letters and digits of all of an item's texts (every byte from 128 on is a
 * letter; A to Z count as a to z). A word's weight is its count times log((1 + items) / (1 + items
 * with it)) + 1, and each item is scaled to length 1: scikit-learn's TfidfVectorizer with its
 * defaults. `dataset` was opened with TEXT. L4R_ENVIRONMENT without memory. Free with
 * l4r_text_vectors_free, also after a failure. */
int l4r_text_vectors_make(const struct l4r_dataset *dataset, struct l4r_text_vectors *vectors);
void l4r_text_vectors_free(struct l4r_text_vectors *vectors);

/* The mean over pairs of n >= 2 items of 1 - cosine. `sum` is scratch of `words` zeroes, which it
 * leaves as zeroes. */
double l4r_text_diversity(const struct l4r_text_vectors *vectors, const int64_t *item, int64_t n,
                          double *sum);

#endif
