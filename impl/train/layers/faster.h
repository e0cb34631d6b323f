/* SPDX-License-Identifier: BSD-3-Clause */
/* Which precision trains faster here, by measurement. */
#ifndef L4R_TRAIN_LAYERS_FASTER_H
#define L4R_TRAIN_LAYERS_FASTER_H

#include "impl/model/config.h"
#include "impl/train/layers/matmul.h"

/* Measures, for some ten milliseconds on the calling thread, the products of a block of that shape,
 * forward and backward: ns[0] in fp32, ns[1] of operands rounded to bf16. The least processor time
 * of several rounds, in which the two take turns. The kernels (NULL: the widest set's) must have
 * bf16 (l4r_layers_have_bf16). L4R_ENVIRONMENT when memory is short. */
int l4r_layers_measure(const struct l4r_layer_kernels *kernels, const struct l4r_t5_shape *shape,
                       double ns[2]);

#endif
