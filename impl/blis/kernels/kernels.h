/* SPDX-License-Identifier: BSD-3-Clause */
/* The compute kernels of one instruction set: a table of functions, chosen once when a stack is
 * opened. All are pure functions of their arguments, single-threaded and thread-safe; arrays are
 * row-major fp32 and need no alignment beyond 4 bytes (64 is fastest).
 *
 * Tolerances, which the tests hold: exp within 2e-7 relative of the true value (a degree-6
 * polynomial after Cody and Waite's reduction); everything else differs from exact arithmetic only
 * by the order of its sums. A result element of gemm is one chain of multiply-adds over k, so its
 * bits do not depend on how rows and columns were divided among calls. */
#ifndef L4R_BLIS_KERNELS_KERNELS_H
#define L4R_BLIS_KERNELS_KERNELS_H

#include "impl/base/cpu.h"

#include <stdint.h>
#include <string.h>

struct l4r_gemm { /* C[m][n] (+)= A[m][k] B[k][n] */
  int64_t m, n, k;
  const float *a;
  int64_t lda;
  const float *b;
  int64_t ldb;
  float *c;
  int64_t ldc;
  int accumulate;   /* 1: +=, 0: = */
  const void *next; /* [k][ldb] words that will be read as the next B: asked for from memory while
                       this one is multiplied; NULL: unknown. No result depends on it */
};

/* The same of bf16: a word holds two neighbours of k, the even one in its low half. The sum of a
 * result element is one chain in fp32; products of bf16 are exact in it. */
struct l4r_gemm_pairs {
  int64_t m, n, k;   /* k: pairs */
  const uint32_t *a; /* [m][lda] */
  int64_t lda;
  const uint32_t *b;
  int64_t ldb;
  float *c;
  int64_t ldc;
  int accumulate;
  const void *next; /* as above */
};

/* The same of int8: a word holds four neighbours of k, the first in its lowest byte; A is unsigned,
 * its value plus 128, B signed. C (+)= row[i] * column[j] * (sum over k of A B - offset[j]), where
 * offset[j] is 128 times the sum of B's column: exact but for the product with the two scales, as
 * long as k stays below 2^17. */
struct l4r_gemm_quads {
  int64_t m, n, k;   /* k: quads */
  const uint32_t *a; /* [m][lda] */
  int64_t lda;
  const float *row; /* [m] */
  const uint32_t *b;
  int64_t ldb;
  const float *column;   /* [n] */
  const int32_t *offset; /* [n] */
  float *c;
  int64_t ldc;
  int accumulate;
  const void *next; /* as above */
};

/* The nearest bf16, ties to even, as the upper half of its fp32; NaN stays one. */
static inline uint32_t l4r_bf16(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return (bits & 0x7fffffff) > 0x7f800000 ? bits >> 16 | 0x40 : rounded;
}

enum { L4R_LANES = 16 }; /* padding unit of score rows: the widest vector of any set */

struct l4r_kernels {
  enum l4r_isa isa;
  int64_t panel; /* columns of a gemm tile: what weights are packed for */
  void (*gemm)(const struct l4r_gemm *g);
  void (*gemm_pairs)(const struct l4r_gemm_pairs *g);
  /* out[(n + 1) / 2] = x[n] rounded to bf16 (nearest, ties to even); an odd n ends with zero. */
  void (*to_pairs)(int64_t n, const float *x, uint32_t *out);
  void (*gemm_quads)(const struct l4r_gemm_quads *g);
  /* out[(n + 3) / 4] = the nearest (ties to even) of x[n] / scale, plus 128, where scale is the
   * largest |x| / 127; an incomplete end is filled up with 128. Returns scale; 0 for a row of
   * zeros. NaN becomes 0. */
  float (*to_quads)(int64_t n, const float *x, uint32_t *out);
  /* out[d] = x * rsqrt(mean(x^2) + epsilon) * norm_weight (T5's norm); out may be x. */
  void (*rms_norm)(int64_t d, const float *x, const float *norm_weight, float epsilon, float *out);
  /* out[d] = (x - mean) * rsqrt(variance + epsilon) * norm_weight + bias; out may be x. */
  void (*layer_norm)(int64_t d, const float *x, const float *norm_weight, const float *bias,
                     float epsilon, float *out);
  /* In place over score[length]: softmax(score + bias). Reads and writes up to the next multiple of
   * L4R_LANES, where zeros are left; bias (readable as far, or NULL) likewise. length >= 1. */
  void (*softmax)(int64_t length, float *score, const float *bias);
  void (*relu)(int64_t n, float *x);
  /* gate[n] = gelu_new(gate) * linear, gelu_new the tanh form. */
  void (*gelu_gate)(int64_t n, float *gate, const float *linear);
  float (*dot)(int64_t n, const float *x, const float *y);
  void (*axpy)(int64_t n, float factor, const float *x, float *sum); /* sum += factor x */
  /* The first index from `from` on whose score is not below `threshold` (NaN is not below), or n.
   */
  int64_t (*next_not_below)(const float *score, int64_t from, int64_t n, float threshold);
  /* The greatest of x[n] (-infinity for n 0; NaN is passed over), and the sum of e^(x - shift),
   * x - shift <= 0, in lanes whose number is the set's: what a log-softmax is divided by. */
  float (*greatest)(int64_t n, const float *x);
  float (*exp_sum)(int64_t n, const float *x, float shift);
  void (*exp)(int64_t n, float *x); /* x = e^x, clamped to [-87, 88]; for tests of the above */
};

extern const struct l4r_kernels l4r_kernels_portable;
#if defined(__x86_64__)
extern const struct l4r_kernels l4r_kernels_avx2, l4r_kernels_avx512;
#elif defined(__aarch64__)
extern const struct l4r_kernels l4r_kernels_neon;
#endif
const struct l4r_kernels *l4r_kernels_of(enum l4r_isa isa);
/* Replace the functions for pairs, or for quads, in a copy of the table of AVX-512 by those of
 * AVX512-BF16, or VNNI, where the processor has them; else nothing. */
void l4r_kernels_use_bf16(struct l4r_kernels *kernels);
void l4r_kernels_use_int8(struct l4r_kernels *kernels);

#endif
