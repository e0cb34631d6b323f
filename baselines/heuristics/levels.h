/* SPDX-License-Identifier: BSD-3-Clause */
/* Converts doubles to floats without losing their order. Private to baselines/heuristics. */
#ifndef L4R_HEURISTICS_LEVELS_H
#define L4R_HEURISTICS_LEVELS_H

#include <stdint.h>

struct l4r_level { /* scratch of l4r_levels */
  uint64_t key;
  int64_t place;
};

/* Writes to out[count] floats in exactly the order of score[count] (all >= 0 and finite): equal
 * where the doubles are equal, greater where they are greater, 0 for 0. A value is the nearest
 * float, or a few units in the last place higher to stay above the next lower one. scratch holds 2
 * x count entries. O(count). Pure otherwise. */
void l4r_levels(const double *score, int64_t count, struct l4r_level *scratch, float *out);

#endif
