/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens a stack of layers and its memory. */
#ifndef L4R_TRAIN_LAYERS_OPEN_H
#define L4R_TRAIN_LAYERS_OPEN_H

#include "impl/train/layers/inner.h"

/* Finds the offset of tensor prefix+name, whose shape must be rows x columns. L4R_INPUT names the
 * tensor. */
int l4r_layer_find(const struct l4r_train_spec *spec, const char *name, int64_t rows,
                   int64_t columns, int64_t *offset);

int l4r_layer_stack_open(const struct l4r_train_spec *spec, int decoder,
                         struct l4r_layer_stack **stack);
void l4r_layer_stack_close(struct l4r_layer_stack *stack);
int64_t l4r_layer_stack_bytes(const struct l4r_train_spec *spec, int decoder);

#endif
