/* SPDX-License-Identifier: BSD-3-Clause */
/* One vector for a sequence of hidden states: their mean, or the last of them. */
#ifndef L4R_TRAIN_ITEMS_POOL_H
#define L4R_TRAIN_ITEMS_POOL_H

#include <stdint.h>

/* out[width] from hidden[length][width], length at least 1. Pure. */
void l4r_pool(const float *hidden, int64_t length, int64_t width, int last, float *out);
/* d_hidden[length][width], written, from d_out[width]. Pure. */
void l4r_pool_backward(const float *d_out, int64_t length, int64_t width, int last,
                       float *d_hidden);

#endif
