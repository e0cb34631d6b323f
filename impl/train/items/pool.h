/* SPDX-License-Identifier: BSD-3-Clause */
/* Pools a sequence of hidden states to one vector: their mean, or the last of them. */
#ifndef L4R_TRAIN_ITEMS_POOL_H
#define L4R_TRAIN_ITEMS_POOL_H

#include <stdint.h>

/* Computes out[width] from hidden[length][width]; length is at least 1. Pure. */
void l4r_pool(const float *hidden, int64_t length, int64_t width, int last, float *out);
/* Writes d_hidden[length][width] from d_out[width]. Pure. */
void l4r_pool_backward(const float *d_out, int64_t length, int64_t width, int last,
                       float *d_hidden);

#endif
