/* SPDX-License-Identifier: BSD-3-Clause */
/* What a T5 costs, worked out from its shape. */
#ifndef L4R_MODEL_FLOPS_H
#define L4R_MODEL_FLOPS_H

#include "impl/model/config.h"

/* Multiply-adds times two of an encoder's forward pass over sequences of `positions` in all, whose
 * squared lengths add up to `squares`; without norms, softmax and activations. Backward costs twice
 * as much. Pure. */
double l4r_encoder_flops(const struct l4r_t5_shape *shape, double positions, double squares);

#endif
