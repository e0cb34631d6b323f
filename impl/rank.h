/* SPDX-License-Identifier: BSD-3-Clause */
/* The order of rankings, the best of many entries by it, and the place of a target in the full
 * ranking. */
#ifndef L4R_RANK_H
#define L4R_RANK_H

#include "impl/data/item.h"

#include <stdint.h>

struct l4r_rank {
  int64_t keep; /* 1 = best; history items may be ranked */
  int64_t mask; /* history items removed; INT64_MAX when the target itself is in the history */
  int tied;     /* another item (keep convention) has exactly the target's score */
};

/* 1 when item a comes before item b: higher score, then higher popularity, then lower id. NaN comes
 * after every number. */
static inline int l4r_before(float score_a, int64_t popularity_a, l4r_item a, float score_b,
                             int64_t popularity_b, l4r_item b) {
  if (score_a != score_b) {
    int nan_a = score_a != score_a, nan_b = score_b != score_b;
    if (!nan_a && !nan_b) return score_a > score_b;
    if (nan_a != nan_b) return nan_b;
  }
  if (popularity_a != popularity_b) return popularity_a > popularity_b;
  return a < b;
}

/* A bounded heap that keeps the best entries seen. Its root is the worst kept, so its score tells
 * what need not be looked at. Arrays are the caller's. */
struct l4r_heap {
  l4r_item *item;
  float *score;
  int64_t count, capacity;
  const int64_t *popularity; /* [items + 1] */
};

/* Keeps (item, score) if it is among the best `capacity` so far; no item twice. O(log count). */
void l4r_heap_offer(struct l4r_heap *heap, l4r_item item, float score);
/* Reorders the arrays best first; the heap is then no longer one. */
void l4r_heap_sort(struct l4r_heap *heap);

/* Under both conventions at once. scores[items], index item - 1; popularity [items + 1]; history
 * may repeat items. `mark` is scratch of items + 1 values, all 0 before and after the call. Pure
 * otherwise; O(items + length).
 */
void l4r_rank_of(const float *scores, int64_t items, const int64_t *popularity, l4r_item target,
                 const l4r_item *history, int64_t length, unsigned char *mark,
                 struct l4r_rank *rank);

#endif
