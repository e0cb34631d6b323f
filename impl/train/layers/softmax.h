/* SPDX-License-Identifier: BSD-3-Clause */
/* The loss over an output matrix, and its gradients. */
#ifndef L4R_TRAIN_LAYERS_SOFTMAX_H
#define L4R_TRAIN_LAYERS_SOFTMAX_H

#include "impl/train/layers/real.h"

#include <stdint.h>

struct l4r_layer_kernels; /* kernels/kernels.h */

/* Softmax cross-entropy of rows hidden[n][D] against target[n] (a row of weight; negative: skip the
 * row) with logits = scale * hidden . weight^T + bias. It is blocked over rows, and over classes
 * when there are many, so a batch's logits never exist as a whole. `loss_scale` * d loss is written
 * to d_hidden and added to d_weight and d_bias (NULL when bias is NULL). *loss is the sum over
 * rows, in nats, unscaled. In fp32, products run on own kernels (AVX-512, AVX2) or through BLIS. d
 * loss / d logits is computed as e^(logit - greatest), minus their sum at the target, and divided
 * by that sum once per row. scratch holds l4r_softmax_scratch values for any number of rows;
 * nothing in it survives a call. */
struct l4r_softmax_spec {
  int64_t rows, width, classes;
  const l4r_real *hidden, *weight, *bias;
  const int32_t *target;
  l4r_real scale, loss_scale;
  l4r_real *d_hidden, *d_weight, *d_bias, *scratch;
  int bf16; /* 1: the three products round their operands to bf16, up to 65,536 classes; only where
               l4r_layers_have_bf16 */
  const struct l4r_layer_kernels *kernels; /* matmul.h; NULL: the widest set's */
};
int64_t l4r_softmax_scratch(const struct l4r_layer_kernels *kernels, int64_t width, int64_t classes,
                            int bf16);
int l4r_softmax_cross_entropy(const struct l4r_softmax_spec *spec, double *loss);

#endif
