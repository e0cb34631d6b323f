/* SPDX-License-Identifier: BSD-3-Clause */
/* LiGR's gates of T5's blocks (enum l4r_gates), over one chunk. */
#ifndef L4R_TRAIN_LAYERS_SKIP_GATE_H
#define L4R_TRAIN_LAYERS_SKIP_GATE_H

#include "impl/train/layers/inner.h"

/* Multiplies stack->y, what the part computed, by the gate of its input stack->x. Nothing without
 * gates. */
void l4r_skip_gate(struct l4r_layer_stack *stack, struct l4r_sublayer *part, const l4r_real *values,
                   const struct l4r_chunk *chunk);
/* From stack->y, the gradient of the gated output, to that of the part's own output, in place; adds
 * the gate's gradients, and to stack->x that of the part's input through the gate. */
void l4r_skip_gate_back(struct l4r_layer_stack *stack, struct l4r_sublayer *part,
                        const l4r_real *values, const struct l4r_chunk *chunk, l4r_real *gradients);

#endif
