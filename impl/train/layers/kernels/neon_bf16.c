/* SPDX-License-Identifier: BSD-3-Clause */
/* The general product with operands rounded to bf16 and sums in fp32 on 64-bit Arm (Armv8.2's
 * BF16): avx512_bf16.c says what for. bfmmla multiplies 2 x 4 by 4 x 2, four times the
 * multiply-adds of an fmla: lines, as rows of A and columns of B are called here, are packed two by
 * two,
 *
 *   pair of lines: [k / 4][2][4] bf16     A: [pairs][k / 4][8]     B: [k / 4][pairs of a panel][8]
 *
 * with zeros for lines, and ends of k, that there are not. */
#include "impl/train/layers/kernels/kernels.h"

#if defined(__aarch64__) && !defined(L4R_DOUBLE)
#define SIMD_MORE "bf16"
#include "impl/simd/neon.h"

enum {
  PAIRS = 6,         /* of rows of a tile, */
  PANEL_PAIRS = 4,   /* and of its columns: 24 blocks of 2 x 2 sums */
  DEPTH = 256,       /* steps of k worked on at once, */
  STEPS = DEPTH / 4, /* four of them by an instruction */
  BLOCK = 240        /* rows of A packed at once, whole tiles: 120 KB */
};

typedef int32x4_t eight; /* bf16: four neighbours of k of a line, and of the next line */

struct lines { /* of an operand: number p of line i at `at[i * stride + p * step]`, one of both 1 */
  const float *at;
  int64_t stride, step, count, depth;
  float alpha; /* they are multiplied by it */
};

INLINE int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/* Four neighbours of k, zeros for those beyond the last. */
INLINE vec four_along(const struct lines *from, int64_t line, int64_t p) {
  if (line >= from->count) return (vec){0};
  return load_some(from->at + line * from->stride + p, from->depth - p, 0);
}

/* The same of four neighbouring lines, which lie side by side. */
INLINE void four_across(const struct lines *from, int64_t line, int64_t p, vec out[4]) {
  float32x4_t row[4];
  UNROLL for (int k = 0; k < 4; k++) {
    int64_t left = p + k < from->depth ? from->count - line : 0;
    row[k] = left > 0 ? (float32x4_t)load_some(from->at + (p + k) * from->step + line, left, 0)
                      : vdupq_n_f32(0);
  }
  float32x4x2_t even = vtrnq_f32(row[0], row[1]), odd = vtrnq_f32(row[2], row[3]);
  out[0] = (vec)vcombine_f32(vget_low_f32(even.val[0]), vget_low_f32(odd.val[0]));
  out[1] = (vec)vcombine_f32(vget_low_f32(even.val[1]), vget_low_f32(odd.val[1]));
  out[2] = (vec)vcombine_f32(vget_high_f32(even.val[0]), vget_high_f32(odd.val[0]));
  out[3] = (vec)vcombine_f32(vget_high_f32(even.val[1]), vget_high_f32(odd.val[1]));
}

/* Rounded to the nearest, ties to even. */
INLINE eight both(vec line, vec next) {
  eight out;
  __asm__("bfcvtn %0.4h, %1.4s" : "=w"(out) : "w"(line));
  __asm__("bfcvtn2 %0.8h, %1.4s" : "+w"(out) : "w"(next));
  return out;
}

/* `pairs`, an even number, of lines from `line` on: step s of pair i to
 * out[i * pair_stride + s * step_stride]. */
static SIMD_TARGET void pack(const struct lines *from, int64_t line, int64_t pairs,
                             int64_t pair_stride, int64_t step_stride, eight *out) {
  const int along = from->step == 1;
  for (int64_t i = 0; i < pairs; i += 2, out += 2 * pair_stride)
    for (int64_t p = 0, s = 0; p < from->depth; p += 4, s++) {
      vec four[4];
      if (!along) four_across(from, line + 2 * i, p, four);
      for (int l = 0; along && l < 4; l++) four[l] = four_along(from, line + 2 * i + l, p);
      out[s * step_stride] = both(four[0] * from->alpha, four[1] * from->alpha);
      out[s * step_stride + pair_stride] = both(four[2] * from->alpha, four[3] * from->alpha);
    }
}

struct place {
  float *at;
  int64_t stride, rows, columns;
  int add;
};

INLINE void put(float *c, vec v, int64_t left, int add) {
  if (left >= LANES)
    store(c, add ? v + load(c) : v);
  else if (left > 0)
    store_part(c, add ? v + load_part(c, left) : v, left);
}

/* Blocks of [00 01 10 11] to rows. Not inline: registers are for the loop that made the sums. */
static SIMD_TARGET __attribute__((noinline)) void put_blocks(eight sum[PAIRS][PANEL_PAIRS],
                                                             const struct place *c) {
  for (int i = 0; i < 2 * PAIRS && i < c->rows; i++)
    for (int j = 0; j < PANEL_PAIRS; j += 2) {
      int64x2_t left = (int64x2_t)sum[i / 2][j], right = (int64x2_t)sum[i / 2][j + 1];
      put(c->at + i * c->stride + 2 * j,
          (vec)(i % 2 ? vzip2q_s64(left, right) : vzip1q_s64(left, right)), c->columns - 2 * j,
          c->add);
    }
}

static SIMD_TARGET void tile_product(const eight *a, int64_t steps, const eight *b,
                                     const struct place *c) {
  eight sum[PAIRS][PANEL_PAIRS], held[PANEL_PAIRS];
  UNROLL for (int i = 0; i < PAIRS; i++) {
    UNROLL for (int j = 0; j < PANEL_PAIRS; j++) sum[i][j] = vdupq_n_s32(0);
  }
  for (int64_t s = 0; s < steps; s++, a++, b += PANEL_PAIRS) {
    UNROLL for (int j = 0; j < PANEL_PAIRS; j++) held[j] = b[j];
    UNROLL for (int i = 0; i < PAIRS; i++) {
      eight next = a[i * STEPS];
      UNROLL for (int j = 0; j < PANEL_PAIRS; j++) __asm__(
          "bfmmla %0.4s, %1.8h, %2.8h" : "+w"(sum[i][j]) : "w"(next), "w"(held[j]));
    }
  }
  eight out[PAIRS][PANEL_PAIRS];
  UNROLL for (int i = 0; i < PAIRS; i++) {
    UNROLL for (int j = 0; j < PANEL_PAIRS; j++) out[i][j] = sum[i][j];
  }
  put_blocks(out, c);
}

/* All columns of C from at most BLOCK rows and DEPTH of k. */
static SIMD_TARGET void multiply_block(const struct l4r_matmul *p, const struct lines *rows,
                                       const struct lines *columns, int add) {
  eight a[BLOCK / 2 * STEPS], panel[STEPS * PANEL_PAIRS];
  int64_t steps = (rows->depth + 3) / 4;
  pack(rows, 0, (rows->count + 2 * PAIRS - 1) / (2 * PAIRS) * PAIRS, STEPS, 1, a);
  for (int64_t j = 0; j < p->n; j += 2 * PANEL_PAIRS) {
    pack(columns, j, PANEL_PAIRS, 1, PANEL_PAIRS, panel);
    for (int64_t i = 0; i < rows->count; i += 2 * PAIRS)
      tile_product(
          a + i / 2 * STEPS, steps, panel,
          &(struct place){p->c + i * p->c_stride + j, p->c_stride, rows->count - i, p->n - j, add});
  }
}

static SIMD_TARGET void product(const struct l4r_matmul *p) {
  l4r_matmul_scale(p);
  struct lines rows = {
      .stride = p->trans_a ? 1 : p->a_stride, .step = p->trans_a ? p->a_stride : 1, .alpha = 1};
  struct lines columns = {.stride = p->trans_b ? p->b_stride : 1,
                          .step = p->trans_b ? 1 : p->b_stride,
                          .count = p->n,
                          .alpha = p->alpha};
  for (int64_t k = 0; k < p->k; k += DEPTH)
    for (int64_t i = 0; i < p->m; i += BLOCK) {
      struct l4r_matmul block = *p;
      block.c += i * p->c_stride;
      rows.depth = columns.depth = least(p->k - k, DEPTH);
      rows.count = least(p->m - i, BLOCK);
      rows.at = p->a + i * rows.stride + k * rows.step;
      columns.at = p->b + k * columns.step;
      multiply_block(&block, &rows, &columns, k > 0 || p->beta != 0);
    }
}

l4r_matmul_function l4r_gemm_bf16(const struct l4r_layer_kernels *kernels) {
  return kernels->isa == L4R_ISA_NEON && l4r_cpu()->neon_bf16 ? product : NULL;
}
#endif
