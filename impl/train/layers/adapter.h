/* SPDX-License-Identifier: BSD-3-Clause */
/* What stands between a pretrained encoder's vector of a text and an item vector, forward and
 * backward: the vector divided by its length and whitened (neither is trained), then one or two
 * learned layers with GELU between them. Number type as in layers.h. */
#ifndef L4R_TRAIN_LAYERS_ADAPTER_H
#define L4R_TRAIN_LAYERS_ADAPTER_H

#include "impl/model/config.h"
#include "impl/train/layers/layers.h"

struct l4r_adapter_layers {                 /* set by open */
  int64_t in, middle, out;                  /* [E], [M] (0: one layer), [D] */
  int64_t weight[2], bias[2], whiten, mean; /* offsets; whiten -1: none */
  int normalize, bf16;
  const struct l4r_layer_kernels *kernels;
};
/* Finds the tensors "item_llm.adapter..." and "item_llm.whiten..." of that configuration. L4R_INPUT
 * names one that is missing. */
int l4r_adapter_open(const struct l4r_model_config *config, const struct l4r_tensors *tensors,
                     int bf16, const struct l4r_layer_kernels *kernels,
                     struct l4r_adapter_layers *adapter);

/* out[E] from raw[E], the pooled states of a text; scratch [E]. */
void l4r_adapter_whiten(const struct l4r_adapter_layers *adapter, const l4r_real *values,
                        const l4r_real *raw, l4r_real *scratch, l4r_real *out);
/* d[E], the gradient of that out, becomes that of raw; scratch [E]. */
void l4r_adapter_whiten_back(const struct l4r_adapter_layers *adapter, const l4r_real *values,
                             const l4r_real *raw, l4r_real *scratch, l4r_real *d);

/* y[rows][D] from x[rows][E]; u and g [rows][M] are kept for backward (not read with one layer). */
void l4r_adapter_forward(const struct l4r_adapter_layers *adapter, const l4r_real *values,
                         int64_t rows, const l4r_real *x, l4r_real *u, l4r_real *g, l4r_real *y);
/* Adds the gradients of weights and biases; overwrites g; writes d_x[rows][E] unless it is NULL,
 * which may be x. */
void l4r_adapter_backward(const struct l4r_adapter_layers *adapter, const l4r_real *values,
                          int64_t rows, const l4r_real *x, const l4r_real *u, l4r_real *g,
                          l4r_real *d_y, l4r_real *gradients, l4r_real *d_x);

#endif
