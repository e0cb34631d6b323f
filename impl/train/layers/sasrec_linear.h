/* SPDX-License-Identifier: BSD-3-Clause */
/* Products with biases of SASRec's training layers. */
#ifndef L4R_TRAIN_LAYERS_SASREC_LINEAR_H
#define L4R_TRAIN_LAYERS_SASREC_LINEAR_H

#include "impl/train/layers/sasrec_inner.h"

struct l4r_sasrec_operand { /* rows of a matrix */
  l4r_real *at;
  int64_t stride;
};

/* out = scale * (in . weight^T + bias) */
void l4r_sasrec_linear(const struct l4r_sasrec_linear *l, const l4r_real *values, int64_t rows,
                       l4r_real scale, const l4r_real *in, struct l4r_sasrec_operand out);
/* Computes the gradients of weight and bias from that of the output, and d_in = (beta d_in) + d .
 * weight. */
void l4r_sasrec_linear_back(const struct l4r_sasrec_linear *l, const l4r_real *values, int64_t rows,
                            struct l4r_sasrec_operand d, const l4r_real *in, l4r_real *gradients,
                            l4r_real beta, l4r_real *d_in);

#endif
