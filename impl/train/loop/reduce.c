/* SPDX-License-Identifier: BSD-3-Clause */
/* The sum runs over workers in their order, so its bits depend on the number of workers but not on
 * timing. */
#include "impl/train/loop/reduce.h"

void l4r_train_reduce(float *const *gradients, int workers, int64_t begin, int64_t end) {
  float *restrict sum = gradients[0];
  for (int w = 1; w < workers; w++) {
    float *restrict other = gradients[w];
    for (int64_t i = begin; i < end; i++) {
      sum[i] += other[i];
      other[i] = 0;
    }
  }
}
