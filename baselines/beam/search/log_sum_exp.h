/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes the log of a sum of exponentials over the logits of a row. */
#ifndef L4R_BASELINES_BEAM_SEARCH_LOG_SUM_EXP_H
#define L4R_BASELINES_BEAM_SEARCH_LOG_SUM_EXP_H

#include "impl/blis/kernels/kernels.h"

#include <stdint.h>

/* Returns the log of the sum of exponentials of row[0..count) without [unused_begin, unused_end);
 * -infinity where nothing else is left. The relative error of the sum is below 1e-6. Pure. */
float l4r_log_sum_exp(const struct l4r_kernels *kernels, const float *row, int64_t count,
                      int64_t unused_begin, int64_t unused_end);

#endif
