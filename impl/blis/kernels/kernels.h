/* SPDX-License-Identifier: BSD-3-Clause */
/* The compute kernels of one instruction set: a table of functions, chosen once when a stack is
 * opened. All are pure functions of their arguments, single-threaded and thread-safe; arrays are
 * row-major fp32 and need no alignment beyond 4 bytes (64 is fastest).
 *
 * Tolerances, which the tests hold: exp within 2e-7 relative of the true value (a degree-6
 * polynomial after Cody and Waite's reduction); gelu as it says; everything else differs from exact
 * arithmetic only by the order of its sums. A result element of gemm is one chain of multiply-adds
 * over k, so its bits do not depend on how rows and columns were divided among calls. */
#ifndef L4R_BLIS_KERNELS_KERNELS_H
#define L4R_BLIS_KERNELS_KERNELS_H

#include "impl/base/bf16.h"
#include "impl/base/cpu.h"
#include "impl/blis/kernels/gemm_kernel.h"

#include <stdint.h>
#include <string.h>

/* The three parts of x in bf16x3: the nearest bf16 to x, to what is left, and to what is left then,
 * which makes 24 bits and more. Where the nearest would be infinite, the next towards zero. The
 * parts below one that is infinite, or no number, are zero. */
static inline void l4r_bf16_parts(float x, uint32_t part[3]) {
  for (int i = 0; i < 3; i++) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    part[i] = l4r_bf16(x);
    int finite = (bits & 0x7f800000) != 0x7f800000;
    if (finite && (part[i] & 0x7f80) == 0x7f80) part[i] = bits >> 16;
    x = finite ? x - l4r_bf16_value(part[i]) : 0;
  }
}

enum { L4R_LANES = 16 }; /* padding unit of score rows: the widest vector of any set */

struct l4r_kernels {
  enum l4r_isa isa;
  void (*gemm)(const struct l4r_gemm *g);
  /* out[d] = x * rsqrt(mean(x^2) + epsilon) * norm_weight (T5's norm); out may be x. */
  void (*rms_norm)(int64_t d, const float *x, const float *norm_weight, float epsilon, float *out);
  /* out[d] = (x - mean) * rsqrt(variance + epsilon) * norm_weight + bias; out may be x. */
  void (*layer_norm)(int64_t d, const float *x, const float *norm_weight, const float *bias,
                     float epsilon, float *out);
  /* In place over score[length]: softmax(score + bias). Reads and writes up to the next multiple of
   * L4R_LANES, where zeros are left; bias (readable as far, or NULL) likewise. length >= 1. */
  void (*softmax)(int64_t length, float *score, const float *bias);
  void (*relu)(int64_t n, float *x);
  /* x[n] = x Phi(x): GELU by the error function, which is off by at most 1.5e-7 |x|. */
  void (*gelu)(int64_t n, float *x);
  /* gate[n] = gelu_new(gate) * linear, gelu_new the tanh form. */
  void (*gelu_gate)(int64_t n, float *gate, const float *linear);
  /* gate[n] = silu(gate) * linear, silu(x) = x / (1 + e^-x). */
  void (*silu_gate)(int64_t n, float *gate, const float *linear);
  /* gate[n] = linear / (1 + e^-gate). */
  void (*sigmoid_gate)(int64_t n, float *gate, const float *linear);
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

#endif
