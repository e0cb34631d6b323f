/* SPDX-License-Identifier: BSD-3-Clause */
/* Own products of training, one table a set of instructions: a general product and the fused
 * softmax head. Both keep a tile of sums in registers and read one operand in place, the other from
 * panels packed in the order of use. Internal to impl/train/layers*.c and its tests.
 *
 * Where there is no table (other processors, the double copies) layers_product.c and
 * layers_softmax.c take their route through BLIS. */
#ifndef L4R_TRAIN_LAYERS_GEMM_H
#define L4R_TRAIN_LAYERS_GEMM_H

#include "impl/train/layers/inner.h"

struct l4r_gemm_kernels {
  const char *isa;
  /* As l4r_matmul; m, n, k at least 1, strides given. No allocation: 220 KB of stack at most. */
  void (*product)(const struct l4r_matmul *product);
  /* Values of scratch that softmax needs; any number of rows. */
  int64_t (*softmax_scratch)(int64_t width, int64_t classes);
  /* As l4r_softmax_cross_entropy, arguments checked; returns the loss. */
  double (*softmax)(const struct l4r_softmax_spec *spec);
};

/* The table of the set that l4r_cpu_isa chooses; NULL where there is none. */
const struct l4r_gemm_kernels *l4r_gemm_kernels(void);
/* The table of a set, which the processor must have; NULL where there is none. */
const struct l4r_gemm_kernels *l4r_gemm_kernels_of(enum l4r_isa isa);

/* c *= beta, which a product adds to; nothing for 0 (c is replaced) and 1. */
static inline void l4r_matmul_scale(const struct l4r_matmul *p) {
  if (p->beta == 0 || p->beta == 1) return;
  for (int64_t i = 0; i < p->m; i++)
    for (int64_t j = 0; j < p->n; j++) p->c[i * p->c_stride + j] *= p->beta;
}

/* Products with operands rounded to bf16 and sums in fp32, otherwise as `product` above; NULL where
 * the processor lacks AVX512-BF16, and in the double copies. */
typedef void (*l4r_matmul_function)(const struct l4r_matmul *product);
l4r_matmul_function l4r_gemm_bf16(void);

#endif
