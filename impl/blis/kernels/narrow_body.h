/* SPDX-License-Identifier: BSD-3-Clause */
/* bf16 and int8 by the instructions that every processor of a set has, included by its file after
 * impl/blis/kernels/body.h; OWN_INT8 leaves int8 out. No include guard: each file gets its own
 * static copies. */

/* --- bf16 by multiply-adds of fp32 ---------------------------------------------------------------
 * A row of A is rounded to bf16 and kept as fp32. B's pairs are taken apart once a tile, for all of
 * its rows, so nearly all instructions are the multiply-adds of fp32, and memory is asked for half
 * the bytes. */
#define PAIRS_OF_FLOATS
#include "impl/blis/kernels/pairs_body.h"

/* The nearest bf16 as fp32, ties to even; NaN stays one. */
INLINE vec nearest_bf16(vec x) {
  ivec bits = (ivec)x, upper = (ivec){0} + (int32_t)0xffff0000;
  ivec rounded = (bits + 0x7fff + (bits >> 16 & 1)) & upper;
  return pick((ivec)(x != x), (vec)((bits & upper) | 0x400000), (vec)rounded);
}

static SIMD_TARGET float to_floats(int64_t k, const float *x, uint32_t *out, int64_t words) {
  for (int64_t i = 0; i < k; i += LANES) {
    vec v = nearest_bf16(load_some(x + i, k - i, 0));
    memcpy(out + i, &v, (size_t)(k - i < LANES ? k - i : LANES) * sizeof *out);
  }
  memset(out + k, 0, (size_t)(words - k) * sizeof *out);
  return 0;
}

/* As l4r_bf16_parts. */
static SIMD_TARGET float to_three_floats(int64_t k, const float *x, uint32_t *out, int64_t words) {
  const ivec infinite = (ivec){0} + 0x7f800000, upper = (ivec){0} + (int32_t)0xffff0000;
  for (int64_t i = 0; i < k; i += LANES) {
    vec rest = load_some(x + i, k - i, 0);
    for (int plane = 0; plane < 3; plane++) {
      vec part = nearest_bf16(rest);
      ivec finite = ((ivec)rest & infinite) != infinite;
      ivec grown = finite & (((ivec)part & infinite) == infinite);
      part = pick(grown, (vec)((ivec)rest & upper), part);
      rest = zero_unless(finite, rest - part);
      memcpy(out + plane * words + i, &part, (size_t)(k - i < LANES ? k - i : LANES) * sizeof *out);
    }
  }
  for (int plane = 0; plane < 3; plane++)
    memset(out + plane * words + k, 0, (size_t)(words - k) * sizeof *out);
  return 0;
}

const struct l4r_gemm_kernel KERNEL_NAME(l4r_gemm_bf16_) = {
    .name = KERNEL_LABEL " multiply-adds",
    .set = SIMD_ISA,
    .slow = SIMD_ISA == L4R_ISA_PORTABLE,
    .available = there,
    .layout = {.precision = L4R_BF16,
               .panel = PANEL,
               .interleave = 1,
               .depth = 1,
               .planes = 1,
               .a_words = 2,
               .a_rows = 1},
    .round = to_floats,
    .multiply = gemm_pairs,
};

const struct l4r_gemm_kernel KERNEL_NAME(l4r_gemm_bf16x3_) = {
    .name = KERNEL_LABEL " multiply-adds",
    .set = SIMD_ISA,
    .slow = 1,
    .available = there,
    .layout = {.precision = L4R_BF16X3,
               .panel = PANEL,
               .interleave = 1,
               .depth = 1,
               .planes = 3,
               .a_words = 2,
               .a_rows = 1},
    .round = to_three_floats,
    .multiply = gemm_pairs,
};

#if !defined(OWN_INT8)
/* --- int8 ---------------------------------------------------------------------------------------
 * By products of 16 bits where the set adds those of neighbours (vpmaddwd): exact, since the sum of
 * two fits 32 bits. A keeps 16 bits a value. Elsewhere by arithmetic of 32 bits. */
#if defined(SIMD_MADD)
#define QUADS_OF_HALVES
#else
INLINE ivec quads_add(ivec sum, ivec x, ivec b) {
  sum += (x & 255) * (b << 24 >> 24);
  sum += (x >> 8 & 255) * (b << 16 >> 24);
  sum += (x >> 16 & 255) * (b << 8 >> 24);
  return sum + (x >> 24 & 255) * (b >> 24);
}

#define QUADS_ADD(sum, x, b) quads_add(sum, x, b)
#endif
#define QUADS_FLOAT(v) __builtin_convertvector(v, vec)
#include "impl/blis/kernels/quads_body.h"

static SIMD_TARGET float to_quads(int64_t k, const float *x, uint32_t *out, int64_t words) {
  float most = 0;
  for (int64_t i = 0; i < k; i++) most = fabsf(x[i]) > most ? fabsf(x[i]) : most;
  float scale = most / 127, factor = scale > 0 ? 1 / scale : 0;
#if defined(SIMD_MADD)
  uint16_t *to = (uint16_t *)(void *)out; /* of a quad: values 0, 2, 1, 3 */
  int64_t values = 2 * words;
#else
  unsigned char *to = (unsigned char *)out;
  int64_t values = 4 * words;
#endif
  for (int64_t i = 0; i < values; i++) {
    float value = i < k ? x[i] * factor : 0;
    int whole = (int)rintf(value == value ? value : 0) + 128;
#if defined(SIMD_MADD)
    to[i / 4 * 4 + i % 2 * 2 + i % 4 / 2] = (uint16_t)whole;
#else
    to[i] = (unsigned char)whole;
#endif
  }
  return scale;
}

const struct l4r_gemm_kernel KERNEL_NAME(l4r_gemm_int8_) = {
#if defined(SIMD_MADD)
    .name = KERNEL_LABEL " products of 16 bits",
    .slow = SIMD_BYTES == 64, /* 111 against fp32's 128 x 10^9 operations a second on a Xeon */
#else
    .name = KERNEL_LABEL " arithmetic of 32 bits",
    .slow = 1,
#endif
    .set = SIMD_ISA,
    .available = there,
    .layout = {.precision = L4R_INT8,
               .panel = PANEL,
               .interleave = 1,
               .depth = 1,
               .planes = 1,
#if defined(SIMD_MADD)
               .a_words = 2,
#else
               .a_words = 1,
#endif
               .a_rows = 1},
    .round = to_quads,
    .multiply = gemm_quads,
};
#endif
