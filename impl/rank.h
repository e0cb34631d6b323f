/* SPDX-License-Identifier: BSD-3-Clause */
/* The place of a target in the full ranking, under both conventions at once. */
#ifndef L4R_RANK_H
#define L4R_RANK_H

#include "impl/data/dataset.h"

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

/* scores[items], index item - 1; popularity [items + 1]; history may repeat items. `mark` is
 * scratch of items + 1 values, all 0 before and after the call. Pure otherwise; O(items + length).
 */
void l4r_rank_of(const float *scores, int64_t items, const int64_t *popularity, l4r_item target,
                 const l4r_item *history, int64_t length, unsigned char *mark,
                 struct l4r_rank *rank);

#endif
