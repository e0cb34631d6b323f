/* SPDX-License-Identifier: BSD-3-Clause */
/* Differentiable BERT blocks, which l4r_encoder_layers_* use when the shape asks for them.
 * Contracts as in layers.h, tokens only; struct l4r_t5_shape has the formulas. */
#ifndef L4R_TRAIN_LAYERS_BERT_H
#define L4R_TRAIN_LAYERS_BERT_H

#include "impl/train/layers/layers.h"

struct l4r_bert_layers;
int l4r_bert_forward(struct l4r_bert_layers *layers, const l4r_real *values,
                     const struct l4r_batch *batch, struct l4r_random *random, l4r_real *hidden);
void l4r_bert_backward(struct l4r_bert_layers *layers, const l4r_real *values,
                       const l4r_real *d_hidden, l4r_real *gradients);

#endif
