/* SPDX-License-Identifier: BSD-3-Clause */
/* The row-major matrix product of training, on the calling thread. */
#ifndef L4R_TRAIN_LAYERS_MATMUL_H
#define L4R_TRAIN_LAYERS_MATMUL_H

#include "impl/train/layers/real.h"

#include <stdint.h>

struct l4r_layer_kernels; /* kernels/kernels.h */

/* c = alpha * op(a) * op(b) + beta * c; op(a) is m x k, op(b) is k x n. With beta 0, c is not
 * read. */
struct l4r_matmul {
  int64_t m, n, k;
  const l4r_real *a, *b;
  int trans_a, trans_b;       /* 1: the matrix is stored transposed */
  int64_t a_stride, b_stride; /* distance between rows as stored; 0: no gaps */
  l4r_real *c;
  int64_t c_stride;
  l4r_real alpha, beta;
  int bf16; /* 1: operands are rounded to bf16 (where l4r_layers_have_bf16), sums stay fp32 */
  const struct l4r_layer_kernels *kernels; /* NULL: the widest set's */
};
void l4r_matmul(const struct l4r_matmul *product);

/* Sets *kernels to the kernels of the set of instructions that `isa` names (l4r_isa_find; NULL: the
 * widest) and returns its statuses. Layers, products and losses take them. Thread-safe. */
int l4r_layer_kernels_find(const char *isa, const struct l4r_layer_kernels **kernels);

/* Whether this processor multiplies bf16 within the set of `kernels` (AVX512-BF16, Arm's BF16);
 * NULL: within the widest. Thread-safe. */
int l4r_layers_have_bf16(const struct l4r_layer_kernels *kernels);

#endif
