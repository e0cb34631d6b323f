/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs a whole stack over a batch. */
#ifndef L4R_TRAIN_LAYERS_STACK_H
#define L4R_TRAIN_LAYERS_STACK_H

#include "impl/train/layers/inner.h"

int l4r_layer_forward(struct l4r_layer_stack *stack, const l4r_real *values,
                      const struct l4r_batch *batch, struct l4r_random *random, l4r_real *hidden);
void l4r_layer_backward(struct l4r_layer_stack *stack, const l4r_real *values, l4r_real *d_hidden,
                        l4r_real *gradients, l4r_real *d_input, l4r_real *d_memory);

#endif
