/* SPDX-License-Identifier: BSD-3-Clause */
/* Attention of one head of one sequence, as kernels are asked for it; and by tiles, for the rows of
 * AMX. */
#ifndef L4R_BLIS_KERNELS_ATTEND_H
#define L4R_BLIS_KERNELS_ATTEND_H

#include "impl/blis/kernels/kernels.h"

struct l4r_attention {          /* pointers at this head's first column */
  int64_t queries, keys, width; /* [K] */
  const float *q, *k, *v;
  int64_t ldq, ldkv;
  const float *transposed; /* keys already transposed, [K][ld_transposed] with zeros behind `keys`
                          up to a multiple of 32; NULL: k is transposed here */
  int64_t ld_transposed;
  const float *bias; /* of this head at distance 0, or NULL (cross-attention) */
  int64_t first;     /* position of query 0 among the keys */
  int causal;        /* query i sees keys 0 .. first + i */
  float *out;        /* [queries] rows of `width` */
  int64_t ldo;
  float *scratch; /* as many floats as whoever attends says, aligned to 64 bytes */
};

#if defined(__x86_64__)
/* What struct l4r_gemm_kernel says of `attend`. queries >= 1, keys >= 1, and `transposed` is not
 * looked at. */
void l4r_amx_attend(const struct l4r_kernels *kernels, const struct l4r_attention *attention);
int64_t l4r_amx_attend_scratch(int64_t keys, int64_t width);
#endif

#endif
