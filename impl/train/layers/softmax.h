/* SPDX-License-Identifier: BSD-3-Clause */
/* The loss over an output matrix, and its gradients. */
#ifndef L4R_TRAIN_LAYERS_SOFTMAX_H
#define L4R_TRAIN_LAYERS_SOFTMAX_H

#include "impl/train/layers/real.h"

#include <stdint.h>

struct l4r_layer_kernels; /* kernels/kernels.h */

/* Softmax cross-entropy of rows hidden[n][D] against target[n] (a row of weight; negative: the row
 * is skipped) with logits = scale * hidden . weight^T + bias. Blocked over rows, and over classes
 * when there are many: a batch's logits never exist whole. Adds `loss_scale` * d loss to d_hidden
 * (written), d_weight, d_bias (accumulated; d_bias NULL when bias is NULL). *loss is the sum over
 * rows, in nats, unscaled. Products run on the processor's own kernels in fp32 (AVX-512, AVX2) or
 * through BLIS; d loss / d logits is carried as e^(logit - greatest), less their sum at the target,
 * and divided by that sum once for each row. scratch holds l4r_softmax_scratch values, whatever the
 * number of rows; it is overwritten and holds nothing between calls. */
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
