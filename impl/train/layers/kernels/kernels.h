/* SPDX-License-Identifier: BSD-3-Clause */
/* The inner loops of the training layers, one table a set of instructions: everything between two
 * GEMMs, and where there are own ones the products and the fused softmax head, which keep a tile of
 * sums in registers and read one operand in place, the other from panels packed in the order of
 * use. Internal to impl/train/layers and its tests.
 *
 * Masks are bits, 1 = kept, element i of a row at bit i % 64 of word i / 64; rows of a matrix start
 * at whole words. They come from bitwise operations alone, so every table draws the same masks. */
#ifndef L4R_TRAIN_LAYERS_KERNELS_KERNELS_H
#define L4R_TRAIN_LAYERS_KERNELS_KERNELS_H

#include "impl/base/cpu.h"
#include "impl/train/layers/matmul.h"
#include "impl/train/layers/softmax.h"

#include <stdint.h>

enum { L4R_PAD = 16 }; /* keys of an attention row are padded to a multiple of the widest vector */

static inline int64_t l4r_padded_keys(int64_t n) {
  return (n + L4R_PAD - 1) / L4R_PAD * L4R_PAD;
}
static inline int64_t l4r_mask_words(int64_t columns) {
  return (columns + 63) / 64;
}

/* Eight xoshiro256++ generators side by side (Blackman and Vigna), and the chance to keep a value
 * as a multiple of 2^-16, so that its inverse `scale` keeps means exactly. */
struct l4r_dropper {
  uint64_t state[4][8];
  uint32_t chance; /* to keep a value, of 65536 */
  l4r_real scale;
};

/* A matrix of `rows` x `width`, rows one after another, and what dropout did to it. dropout_mask
 * NULL: no dropout, scale ignored. */
struct l4r_masked_rows {
  int64_t rows, width;
  const uint64_t *dropout_mask; /* [rows][l4r_mask_words(width)] */
  l4r_real scale;
};

/* One head of one sequence. weights holds the softmax's output, dropped ones with a minus sign.
 * `scratch` has l4r_attend_scratch values; `bias` and `d_bias` are indexed by key - query, may be
 * read and added to L4R_PAD - 1 places beyond the last key, and are NULL in cross-attention. */
struct l4r_attend {
  int64_t queries, keys, depth;
  int causal;
  const l4r_real *q, *k, *v; /* rows q_stride, k_stride (k and v) apart */
  int64_t q_stride, k_stride;
  const l4r_real *bias;
  l4r_real *weights; /* [queries][l4r_padded_keys(keys)] */
  const uint64_t
      *dropout_mask; /* forward: [queries * l4r_padded_keys(keys)] bits in one run; NULL: none */
  int dropped;       /* backward: whether weights carry signs and scale */
  l4r_real scale;    /* 1 / chance to keep */
  l4r_real *out;     /* forward: [queries] rows out_stride apart */
  const l4r_real *d_out; /* backward: likewise */
  int64_t out_stride;
  l4r_real *d_q, *d_k, *d_v; /* written; strides as q, k, v */
  l4r_real *d_bias;          /* added to */
  l4r_real *scratch;
};

static inline int64_t l4r_attend_scratch(int64_t queries, int64_t keys, int64_t depth) {
  return (depth + 2 * queries) * l4r_padded_keys(keys);
}

struct l4r_layer_kernels {
  enum l4r_isa isa;
  /* `words` words of mask bits. */
  void (*draw)(struct l4r_dropper *dropper, uint64_t *bits, int64_t words);
  /* x = (first ? 0 : x) + dropout(add); rstd = (mean x^2 + epsilon)^-0.5; normed = x * rstd. */
  void (*add_norm)(const struct l4r_masked_rows *shape, int first, const l4r_real *add,
                   l4r_real epsilon, l4r_real *x, l4r_real *normed, l4r_real *rstd);
  /* out = dropout(normed * norm_weight) */
  void (*apply_norm_weight)(const struct l4r_masked_rows *shape, const l4r_real *normed,
                            const l4r_real *norm_weight, l4r_real *out);
  /* d (of out) becomes d of normed in place; d_norm_weight is added to. */
  void (*apply_norm_weight_back)(const struct l4r_masked_rows *shape, const l4r_real *normed,
                                 const l4r_real *norm_weight, l4r_real *d, l4r_real *d_norm_weight);
  /* dx = (first ? 0 : dx) + gradient through normed = x * rstd; dy = dx through dropout. */
  void (*norm_back)(const struct l4r_masked_rows *shape, int first, const l4r_real *d_normed,
                    const l4r_real *normed, const l4r_real *rstd, l4r_real *dx, l4r_real *dy);
  /* In place: dropout(max(u, 0)). */
  void (*relu)(const struct l4r_masked_rows *shape, l4r_real *u);
  /* d *= derivative, read off the output. */
  void (*relu_back)(const struct l4r_masked_rows *shape, const l4r_real *out, l4r_real *d);
  /* out = u Phi(u), GELU by the error function; and d *= its derivative at u. */
  void (*gelu)(int64_t count, const l4r_real *u, l4r_real *out);
  void (*gelu_back)(int64_t count, const l4r_real *u, l4r_real *d);
  /* out = dropout(gelu_new(u[:width]) * u[width:]), u rows of 2 * width. */
  void (*gate)(const struct l4r_masked_rows *shape, const l4r_real *u, l4r_real *out);
  /* u is replaced by its gradient. */
  void (*gate_back)(const struct l4r_masked_rows *shape, const l4r_real *d, l4r_real *u);
  /* The same with silu(x) = x / (1 + e^-x) in place of gelu_new. */
  void (*swiglu)(const struct l4r_masked_rows *shape, const l4r_real *u, l4r_real *out);
  void (*swiglu_back)(const struct l4r_masked_rows *shape, const l4r_real *d, l4r_real *u);
  void (*attend)(const struct l4r_attend *a);
  void (*attend_back)(const struct l4r_attend *a);
  /* logits (+ bias) of one row become loss_scale * (softmax - one hot of target), added to d_bias
   * too unless NULL; returns the loss in nats. */
  double (*loss_row)(int64_t classes, int64_t target, const l4r_real *bias, l4r_real loss_scale,
                     l4r_real *logits, l4r_real *d_bias);
  /* out[n] = x . weight[row[j]], rows of `width`. */
  void (*named_products)(int64_t n, int64_t width, const int32_t *row, const l4r_real *weight,
                         const l4r_real *x, l4r_real *out);
  /* d_x += sum of d[j] weight[row[j]]; d_weight[row[j]] += d[j] x. */
  void (*named_products_back)(int64_t n, int64_t width, const int32_t *row, const l4r_real *weight,
                              const l4r_real *x, const l4r_real *d, l4r_real *d_x,
                              l4r_real *d_weight);
  /* In place: 1 / (1 + e^-x). */
  void (*sigmoid)(int64_t count, l4r_real *x);
  /* As l4r_matmul; m, n, k at least 1, strides given. No allocation: 220 KB of stack at most. NULL
   * in the portable set, and so in the double copies: the route through BLIS serves. */
  void (*product)(const struct l4r_matmul *product);
  /* Both NULL where `product` is. Values of scratch that softmax needs, for any number of rows. */
  int64_t (*softmax_scratch)(int64_t width, int64_t classes);
  /* As l4r_softmax_cross_entropy, arguments checked; returns the loss. */
  double (*softmax)(const struct l4r_softmax_spec *spec);
};

extern const struct l4r_layer_kernels l4r_layer_kernels_portable;
#if defined(__x86_64__) && !defined(L4R_DOUBLE)
extern const struct l4r_layer_kernels l4r_layer_kernels_avx2, l4r_layer_kernels_avx512;
#elif defined(__aarch64__) && !defined(L4R_DOUBLE)
extern const struct l4r_layer_kernels l4r_layer_kernels_neon;
#endif

/* The given table, or where that is NULL the widest set's. */
const struct l4r_layer_kernels *l4r_layer_kernels_or_widest(const struct l4r_layer_kernels *given);
/* The table of a set, which the processor must have; of L4R_ISA_AMX that of AVX-512. */
const struct l4r_layer_kernels *l4r_layer_kernels_of(enum l4r_isa isa);

/* c *= beta, which a product adds to; nothing for 0 (c is replaced) and 1. */
static inline void l4r_matmul_scale(const struct l4r_matmul *p) {
  if (p->beta == 0 || p->beta == 1) return;
  for (int64_t i = 0; i < p->m; i++)
    for (int64_t j = 0; j < p->n; j++) p->c[i * p->c_stride + j] *= p->beta;
}

/* Products with operands rounded to bf16 and sums in fp32, otherwise as `product` above; NULL for
 * kernels of another set than AVX-512 and NEON, where the processor lacks AVX512-BF16 or Arm's
 * BF16, and in the double copies. */
typedef void (*l4r_matmul_function)(const struct l4r_matmul *product);
l4r_matmul_function l4r_gemm_bf16(const struct l4r_layer_kernels *kernels);

#endif
