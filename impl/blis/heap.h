/* SPDX-License-Identifier: BSD-3-Clause */
/* A bounded heap that keeps the best entries seen, in the order of l4r_before. Its root is the
 * worst kept, so its score tells what need not be looked at. Arrays are the caller's. */
#ifndef L4R_BLIS_HEAP_H
#define L4R_BLIS_HEAP_H

#include "impl/data/dataset.h"

#include <stdint.h>

struct l4r_heap {
  l4r_item *item;
  float *score;
  int64_t count, capacity;
  const int64_t *popularity; /* [items + 1] */
};

/* Keeps (item, score) if it is among the best `capacity` so far. */
void l4r_heap_offer(struct l4r_heap *heap, l4r_item item, float score);
/* Reorders the arrays best first; the heap is then no longer one. */
void l4r_heap_sort(struct l4r_heap *heap);

#endif
