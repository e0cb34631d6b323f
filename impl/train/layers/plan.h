/* SPDX-License-Identifier: BSD-3-Clause */
/* Lays out arrays in one block. The function that plans a layer's memory runs twice, first to count
 * and then to place. */
#ifndef L4R_TRAIN_LAYERS_PLAN_H
#define L4R_TRAIN_LAYERS_PLAN_H

#include "impl/train/layers/inner.h"

struct l4r_block_plan {
  unsigned char *base; /* NULL while counting */
  size_t used;
};

static inline void *place(struct l4r_block_plan *plan, int64_t count, size_t size) {
  void *at = plan->base ? plan->base + plan->used : NULL;
  plan->used += ((size_t)count * size + 63) / 64 * 64;
  return at;
}

static inline l4r_real *place_reals(struct l4r_block_plan *plan, int64_t count) {
  return place(plan, count, sizeof(l4r_real));
}

static inline uint64_t *place_bits(struct l4r_block_plan *plan, int64_t rows, int64_t width) {
  return place(plan, rows * l4r_mask_words(width), sizeof(uint64_t));
}

#endif
