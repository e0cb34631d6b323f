/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef L4R_TRAIN_LAYERS_PARTS_H
#define L4R_TRAIN_LAYERS_PARTS_H

#include "impl/train/layers/inner.h"

/* Computes one part over one chunk, from part->normed to stack->y (before dropout). */
void l4r_layer_part(struct l4r_layer_stack *stack, struct l4r_sublayer *part,
                    const l4r_real *values, const struct l4r_chunk *chunk);
/* Computes the way back, from stack->y (gradient of the part's output, dropout undone) to
 * stack->d_normed; adds the weights' gradients. d_memory (cross) is written when `first`, else
 * added to. */
void l4r_layer_part_back(struct l4r_layer_stack *stack, struct l4r_sublayer *part,
                         const l4r_real *values, const struct l4r_chunk *chunk, l4r_real *gradients,
                         l4r_real *d_memory, int first);

#endif
