/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes the operations of a T5 from its shape. */
#ifndef L4R_MODEL_FLOPS_H
#define L4R_MODEL_FLOPS_H

#include "impl/model/config.h"

/* Returns two times the multiply-adds of an encoder's forward pass over sequences with `positions`
 * in all, whose squared lengths sum to `squares`; without norms, softmax and activations. Backward
 * costs twice as much. Pure. */
double l4r_encoder_flops(const struct l4r_t5_shape *shape, double positions, double squares);

#endif
