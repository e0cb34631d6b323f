/* SPDX-License-Identifier: BSD-3-Clause */
/* int8 by what every 64-bit Arm processor has: smull and smlal make sums of two products in 16 bits
 * (2 x 127 x 127 fits), sadalp adds neighbours of them to sums in 32 bits. Exact, as the others. */
#if defined(__aarch64__)
#include "impl/blis/kernels/rows.h"
#include "impl/simd/neon.h"

#define TILE_ROWS 4 /* a row of 8 columns takes four sums: see half */
#define PANEL     16
#include "impl/blis/kernels/tile.h"
#include "impl/blis/kernels/neon_quads.h"

/* Both words' products of four columns, added to half[0] (columns 0 and 1, each in two lanes) and
 * half[1] (columns 2 and 3). */
INLINE void add_quads(int32x4_t half[2], int8x16_t b0, int8x16_t x0, int8x16_t b1, int8x16_t x1) {
  int16x8_t low = vmull_s8(vget_low_s8(b0), vget_low_s8(x0)), high = vmull_high_s8(b0, x0);
  low = vmlal_s8(low, vget_low_s8(b1), vget_low_s8(x1));
  high = vmlal_high_s8(high, b1, x1);
  half[0] = vpadalq_s16(half[0], low);
  half[1] = vpadalq_s16(half[1], high);
}

INLINE int8x16_t spread_quad(const uint32_t *quad) {
  return (int8x16_t)((ivec){0} + (int32_t)*quad);
}

/* sum[rows][wide] = A B, two words of k at a time; an odd last one beside a word of zeros. */
INLINE void sum_of_quads(ivec sum[TILE_ROWS][4], const struct l4r_gemm_rounded *g,
                         const uint32_t *b, struct ahead ahead, int rows, int wide) {
  int32x4_t half[TILE_ROWS][4][2];
  int8x16_t b0[4], b1[4];
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < wide; j++) half[i][j][0] = half[i][j][1] = vdupq_n_s32(0);
  }
  for (int64_t p = 0; p < g->k; p += 2, b += 2 * g->ldb) {
    const int both = p + 1 < g->k;
    UNROLL for (int j = 0; j < wide; j++) {
      b0[j] = (int8x16_t)load_ints(b + j * LANES);
      b1[j] = both ? (int8x16_t)load_ints(b + g->ldb + j * LANES) : vdupq_n_s8(0);
    }
    fetch(&ahead);
    ahead.at += ahead.step; /* two steps */
    UNROLL for (int i = 0; i < rows; i++) {
      const uint32_t *row = g->a + i * g->lda + p;
      int8x16_t x0 = spread_quad(row), x1 = spread_quad(row + both);
      UNROLL for (int j = 0; j < wide; j++) add_quads(half[i][j], b0[j], x0, b1[j], x1);
    }
  }
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < wide; j++)
        sum[i][j] = (ivec)vpaddq_s32(half[i][j][0], half[i][j][1]);
  }
}

#define SCALED 1

#define PRODUCT(name) name##_smull
#define SUM_UP        sum_of_quads
#define INTERLEAVE    1
#define FEW           2
#include "impl/blis/kernels/neon_rounded.h"

static float round_row(int64_t k, const float *x, uint32_t *out, int64_t words) {
  return to_quads(k, x, out, words, 2);
}

static int there(void) {
  return l4r_cpu()->neon;
}

const struct l4r_gemm_kernel l4r_gemm_int8_smull = {
    .name = "SMULL",
    .set = L4R_ISA_NEON,
    .available = there,
    .layout = {.precision = L4R_INT8,
               .panel = PANEL,
               .interleave = 1,
               .planes = 1,
               .depth = 1,
               .a_words = 1,
               .a_rows = 1,
               .a_signed = 1},
    .round = round_row,
    .multiply = multiply_smull,
};
#endif
