/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to impl/train/layers: LayerNorm and products with biases, forward and backward, of which
 * SASRec's and BERT's blocks and adapters consist. Norms are plain loops over eight sums at a time.
 */
#ifndef L4R_TRAIN_LAYERS_BIASED_H
#define L4R_TRAIN_LAYERS_BIASED_H

#include "impl/train/layers/inner.h"
#include "impl/train/layers/plan.h"

struct l4r_layer_linears { /* offsets into the flat buffers: weight [out][in], bias [out] */
  int64_t out, in, weight, bias;
  int bf16; /* 1: its products take bf16 operands */
  const struct l4r_layer_kernels *kernels;
};

struct l4r_layer_norms {
  int64_t weight, bias, width; /* the first two are offsets */
  l4r_real *normed, *rstd;     /* [P][D], [P]: kept from forward for backward */
};

struct l4r_layer_operand { /* rows of a matrix */
  l4r_real *at;
  int64_t stride;
};

/* Finds part + ".weight" (in 0: a norm's, a vector) and part + ".bias". L4R_INPUT. */
int l4r_layer_find_pair(const struct l4r_train_spec *spec, const char *part, int64_t out,
                        int64_t in, int64_t *weight, int64_t *bias);
/* Places what a norm keeps. */
void l4r_layer_norm_plan(struct l4r_block_plan *plan, int64_t positions, int64_t width,
                         struct l4r_layer_norms *norm);

/* out = normed * weight + bias, normed = (x - mean) * rstd, for rows rows[0] .. rows[1]-1 of the
 * batch; x and out, which are not the same, begin at the first of them. */
void l4r_layer_norm(double epsilon, const struct l4r_layer_norms *n, const l4r_real *values,
                    const int64_t rows[2], const l4r_real *x, l4r_real *out);
/* d_x (+)= the gradient through the norm, where d is the gradient of its output, and may be d_x;
 * adds the gradients of weight and bias. */
void l4r_layer_norm_back(const struct l4r_layer_norms *n, const l4r_real *values,
                         const int64_t rows[2], const l4r_real *d, l4r_real *gradients, int add,
                         l4r_real *d_x);
/* Multiplies by the mask and its scale; does nothing without dropout. */
void l4r_layer_drop(const struct l4r_masked_rows *shape, l4r_real *x);

/* out = scale * (in . weight^T + bias) */
void l4r_layer_linear(const struct l4r_layer_linears *l, const l4r_real *values, int64_t rows,
                      l4r_real scale, const l4r_real *in, struct l4r_layer_operand out);
/* Adds the gradients of weight and bias from that of the output; d_in = (beta d_in) + d . weight
 * (NULL: not
 * wanted; it may be `in` with beta 0). */
void l4r_layer_linear_back(const struct l4r_layer_linears *l, const l4r_real *values, int64_t rows,
                           struct l4r_layer_operand d, const l4r_real *in, l4r_real *gradients,
                           l4r_real beta, l4r_real *d_in);

#endif
