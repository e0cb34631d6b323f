/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums the gradients of workers. */
#ifndef L4R_TRAIN_LOOP_REDUCE_H
#define L4R_TRAIN_LOOP_REDUCE_H

#include <stdint.h>

/* Adds places begin .. end-1 of gradients[1] .. gradients[workers - 1] to gradients[0], in this
 * order, and clears them there. Workers call it for slices of their own. */
void l4r_train_reduce(float *const *gradients, int workers, int64_t begin, int64_t end);

#endif
