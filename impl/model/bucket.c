/* SPDX-License-Identifier: BSD-3-Clause */
/* T5's relative position buckets: each near distance has its own, far distances share
 * logarithmically wider ones. Computed in single precision like the published code, because at the
 * edges of the far buckets (distances 11, 16, 23, ... for 32 and 128) a single rounding decides. */
#include "impl/model/bucket.h"

#include <math.h>

int l4r_t5_bucket(int64_t distance, int bidirectional, int64_t buckets, int64_t max_distance) {
  int64_t base = 0;
  if (bidirectional) {
    buckets /= 2;
    if (distance > 0) base = buckets;
    if (distance < 0) distance = -distance;
  } else {
    distance = distance < 0 ? -distance : 0;
  }
  int64_t exact = buckets / 2;
  if (distance < exact) return (int)(base + distance);
  float share = logf((float)distance / (float)exact) /
                (float)log((double)max_distance / (double)exact);
  int64_t far = exact + (int64_t)(share * (float)(buckets - exact));
  return (int)(base + (far < buckets ? far : buckets - 1));
}
