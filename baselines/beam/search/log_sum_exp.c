/* SPDX-License-Identifier: BSD-3-Clause */
/* The normaliser of a log-softmax. It reads the whole vocabulary for every beam and step, 20 x
 * 32,000 values for one user's step at the paper's scale. In plain loops it took an eighth of a
 * search's time, so kernels compute it. */
#include "baselines/beam/search/log_sum_exp.h"

#include "baselines/beam/search/search.h"

#include <math.h>

float l4r_log_sum_exp(const struct l4r_kernels *kernels, const float *row, int64_t count,
                      int64_t unused_begin, int64_t unused_end) {
  if (unused_begin >= unused_end) unused_begin = unused_end = count;
  const float *rest = row + unused_end;
  int64_t rest_count = count - unused_end;
  float first = kernels->greatest(unused_begin, row), second = kernels->greatest(rest_count, rest);
  float shift = first > second ? first : second;
  if (shift == -INFINITY) return shift;
  return shift + logf(kernels->exp_sum(unused_begin, row, shift) +
                      kernels->exp_sum(rest_count, rest, shift));
}
