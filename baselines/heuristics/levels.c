/* SPDX-License-Identifier: BSD-3-Clause */
/* The harness ranks by floats, but the heuristics are defined in doubles. Two different doubles may
 * round to one float, and then the tie rule would decide instead of the scores. So the scores are
 * sorted and each distinct one gets a float: the nearest one or, where that is used, the next above
 * the last. Non-negative doubles order like their bits, so a radix sort is fastest; a byte that all
 * keys share is only looked at once. */
#include "baselines/heuristics/levels.h"

#include <math.h>
#include <string.h>

/* Sorts from[count] by key with other[count] as scratch; returns the array with the result. */
static struct l4r_level *sort_levels(struct l4r_level *from, struct l4r_level *other,
                                     int64_t count) {
  for (int shift = 0; shift < 64; shift += 8) {
    int64_t start[257] = {0};
    for (int64_t i = 0; i < count; i++) start[(from[i].key >> shift & 255) + 1]++;
    if (count == 0 || start[(from[0].key >> shift & 255) + 1] == count) continue;
    for (int b = 0; b < 256; b++) start[b + 1] += start[b];
    for (int64_t i = 0; i < count; i++) other[start[from[i].key >> shift & 255]++] = from[i];
    struct l4r_level *swap = from;
    from = other;
    other = swap;
  }
  return from;
}

void l4r_levels(const double *score, int64_t count, struct l4r_level *scratch, float *out) {
  int64_t positive = 0;
  for (int64_t i = 0; i < count; i++) {
    out[i] = 0;
    if (!(score[i] > 0)) continue;
    memcpy(&scratch[positive].key, &score[i], sizeof score[i]);
    scratch[positive++].place = i;
  }
  const struct l4r_level *sorted = sort_levels(scratch, scratch + count, positive);
  float level = 0;
  for (int64_t i = 0; i < positive; i++) {
    if (i == 0 || sorted[i].key != sorted[i - 1].key) {
      float nearest = (float)score[sorted[i].place];
      level = nearest > level ? nearest : nextafterf(level, INFINITY);
    }
    out[sorted[i].place] = level;
  }
}
