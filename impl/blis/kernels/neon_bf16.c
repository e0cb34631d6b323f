/* SPDX-License-Identifier: BSD-3-Clause */
/* bf16 by 64-bit Arm's own instructions (Armv8.2's BF16): bfdot adds the products of two neighbours
 * of k to each of four sums, bfmmla those of four. A bfmmla is two steps of bfdot, one after the
 * other, so both have the same bits. The second is a row of its own for cores whose bfmmla is no
 * faster. */
#if defined(__aarch64__)
#include "impl/blis/kernels/rows.h"
#define SIMD_MORE "bf16"
#include "impl/simd/neon.h"

#define TILE_ROWS 12
#define PANEL     16
#include "impl/blis/kernels/tile.h"

#define LANE_PRODUCT "bfdot"
#define LANE_PARTS   ".8h"
#define LANE_WORD    ".2h"
#include "impl/blis/kernels/neon_lanes.h"

#define MMLA(sum, a, b) __asm__("bfmmla %0.4s, %1.8h, %2.8h" : "+w"(sum) : "w"(a), "w"(b))
#include "impl/blis/kernels/neon_mmla.h"

#define SCALED 0

#define PRODUCT(name) name##_bfdot
#define SUM_UP        sum_by_lanes
#define INTERLEAVE    1
#define FEW           5
#include "impl/blis/kernels/neon_rounded.h"
#undef PRODUCT
#undef SUM_UP
#undef INTERLEAVE
#undef FEW

#define PRODUCT(name) name##_bfmmla
#define SUM_UP        sum_of_blocks
#define INTERLEAVE    2
#define FEW           6
#include "impl/blis/kernels/neon_rounded.h"

/* The nearest bf16 of four, ties to even, NaN stays one: as two words. */
INLINE int32x2_t nearest_bf16(vec x) {
  int32x2_t pairs;
  __asm__("bfcvtn %0.4h, %1.4s" : "=w"(pairs) : "w"(x));
  return pairs;
}

/* As l4r_bf16_parts: one plane's part of four values, which become what is left. */
INLINE int32x2_t take_part(vec *x) {
  const ivec infinite = (ivec){0} + 0x7f800000, bits = (ivec)*x;
  ivec wide = (ivec)vshll_n_u16((uint16x4_t)nearest_bf16(*x), 16);
  const ivec finite = (bits & infinite) != infinite;
  const ivec grown = finite & ((wide & infinite) == infinite);
  wide = (ivec)pick(grown, (vec)(bits & (int32_t)0xffff0000), (vec)wide);
  *x = zero_unless(finite, *x - (vec)wide);
  return (int32x2_t)vshrn_n_u32((uint32x4_t)wide, 16);
}

/* A row of A to words 0, 1, `step`, `step` + 1, ... of each plane, filled up with zeros. */
INLINE void to_pairs(int64_t k, const float *x, uint32_t *out, int64_t words, int64_t step,
                     int planes) {
  for (int64_t i = 0; i < words; i += 2, out += step) {
    int64_t left = k - 2 * i;
    vec four = left >= LANES ? load(x + 2 * i) : left > 0 ? load_part(x + 2 * i, left) : (vec){0};
    for (int plane = 0; plane < planes; plane++) {
      int32x2_t pairs = planes == 1 ? nearest_bf16(four) : take_part(&four);
      memcpy(out + plane * words * step / 2, &pairs, (words - i < 2 ? 1 : 2) * sizeof *out);
    }
  }
}

#define ROUND(name, step, planes)                                                                  \
  static SIMD_TARGET float name(int64_t k, const float *x, uint32_t *out, int64_t words) {         \
    to_pairs(k, x, out, words, step, planes);                                                      \
    return 0;                                                                                      \
  }
ROUND(round_row, 2, 1)
ROUND(round_beside, 4, 1)
ROUND(round_three, 2, 3)
ROUND(round_three_beside, 4, 3)

static int there(void) {
  return l4r_cpu()->neon_bf16;
}

/* bf16x3 takes six products for one: even by bfmmla more instructions than fp32. */
#define ROW(row, what, kind, beside, plane_count, by, product)                                     \
  const struct l4r_gemm_kernel row = {                                                             \
      .name = what,                                                                                \
      .set = L4R_ISA_NEON,                                                                         \
      .slow = plane_count > 1,                                                                     \
      .available = there,                                                                          \
      .layout = {.precision = kind,                                                                \
                 .panel = PANEL,                                                                   \
                 .interleave = beside,                                                             \
                 .depth = beside,                                                                  \
                 .planes = plane_count,                                                            \
                 .a_words = 1,                                                                     \
                 .a_rows = beside},                                                                \
      .round = by,                                                                                 \
      .multiply = product,                                                                         \
  };
ROW(l4r_gemm_bf16_bfmmla, "BFMMLA", L4R_BF16, 2, 1, round_beside, multiply_bfmmla)
ROW(l4r_gemm_bf16_bfdot, "BFDOT", L4R_BF16, 1, 1, round_row, multiply_bfdot)
ROW(l4r_gemm_bf16x3_bfmmla, "BFMMLA", L4R_BF16X3, 2, 3, round_three_beside, multiply_bfmmla)
ROW(l4r_gemm_bf16x3_bfdot, "BFDOT", L4R_BF16X3, 1, 3, round_three, multiply_bfdot)
#endif
