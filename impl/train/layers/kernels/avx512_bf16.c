/* SPDX-License-Identifier: BSD-3-Clause */
/* The general product with operands rounded to bf16 and sums in fp32, for --precision bf16: twice
 * the multiply-adds of fp32 an instruction (AVX512-BF16's vdpbf16ps, which adds the products of two
 * neighbouring steps of k to each lane). Weights, activations and gradients stay fp32 outside; both
 * operands are rounded, to the nearest, on their way into the packed copies. Mixed precision with
 * fp32 master weights as in Kalamkar et al. 2019 (arXiv 1905.12322); blocking as in
 * product.h. */
#include "impl/train/layers/kernels/kernels.h"

#include <stddef.h>

#if defined(__x86_64__) && !defined(L4R_DOUBLE)
#define SIMD_MORE ",avx512bf16"
#include "impl/simd/avx512.h"

enum {
  TILE_ROWS = 8,
  PANEL = 2 * LANES,
  DEPTH = 256,       /* steps of k worked on at once */
  PAIRS = DEPTH / 2, /* the same as pairs */
  BLOCK = 256        /* rows of A packed at once: 128 KB */
};

typedef uint32_t pair; /* two bf16 of neighbouring k, the earlier in the low half */

struct source { /* of packing: numbers to be multiplied by alpha */
  const float *at;
  int64_t stride, rows, columns;
  float alpha;
};

struct operand { /* pair p of row i at `at[i * stride + p * step]` */
  const pair *at;
  int64_t stride, step;
};

struct place {
  float *at;
  int64_t stride, rows, columns;
  int add;
};

/* The pairs of two rows, lane by lane. */
INLINE __m512i weave(__m512 low, __m512 high) {
  __m512i l = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(low));
  __m512i h = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(high));
  return _mm512_or_si512(l, _mm512_slli_epi32(h, 16));
}

/* out[rows][width] pairs, where columns are k; an odd last one is paired with zero. */
static SIMD_TARGET void pack_along(const struct source *from, int64_t width, pair *out) {
  const __m512 alpha = _mm512_set1_ps(from->alpha);
  for (int64_t i = 0; i < from->rows; i++, out += width) {
    const float *row = from->at + i * from->stride;
    for (int64_t p = 0; p < from->columns; p += 2 * LANES) {
      int64_t left = from->columns - p;
      __m512 x = _mm512_mul_ps(alpha, _mm512_maskz_loadu_ps(mask_of(left), row + p));
      __m512 y = _mm512_mul_ps(alpha,
                               _mm512_maskz_loadu_ps(mask_of(left - LANES), row + p + LANES));
      _mm512_mask_storeu_epi32(out + p / 2, mask_of((left + 1) / 2),
                               (__m512i)_mm512_cvtne2ps_pbh(y, x));
    }
  }
}

/* out[pairs][width], width whole vectors, zeros beyond the columns; rows are k. */
static SIMD_TARGET void pack_across(const struct source *from, int64_t width, pair *out) {
  const __m512 alpha = _mm512_set1_ps(from->alpha);
  for (int64_t p = 0; p < from->rows; p += 2, out += width) {
    const float *row = from->at + p * from->stride;
    for (int64_t j = 0; j < width; j += LANES) {
      __mmask16 there = mask_of(from->columns - j), next = p + 1 < from->rows ? there : 0;
      __m512 low = _mm512_maskz_loadu_ps(there, row + j);
      __m512 high = _mm512_maskz_loadu_ps(next, row + from->stride + j);
      _mm512_storeu_si512(out + j, weave(_mm512_mul_ps(low, alpha), _mm512_mul_ps(high, alpha)));
    }
  }
}

/* out[pairs][PANEL] from at most PANEL rows, zeros where rows lack: pack_along, transposed. */
static SIMD_TARGET void pack_transposed(const struct source *from, pair *out) {
  enum { WIDTH = PAIRS + LANES }; /* no power of two, or all rows share their lines of the cache */
  pair copy[PANEL * WIDTH];
  pack_along(from, WIDTH, copy);
  memset(copy + from->rows * WIDTH, 0, (size_t)((PANEL - from->rows) * WIDTH) * sizeof *copy);
  const __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m512i index = _mm512_mullo_epi32(lane, _mm512_set1_epi32(WIDTH));
  for (int64_t p = 0; p < (from->columns + 1) / 2; p++, out += PANEL) {
    _mm512_storeu_si512(out, _mm512_i32gather_epi32(index, copy + p, sizeof *copy));
    _mm512_storeu_si512(out + LANES,
                        _mm512_i32gather_epi32(index, copy + LANES * WIDTH + p, sizeof *copy));
  }
}

INLINE void put(float *c, __mmask16 there, __m512 v, int add) {
  if (add) v = _mm512_add_ps(v, _mm512_maskz_loadu_ps(there, c));
  _mm512_mask_storeu_ps(c, there, v);
}

/* Rows beyond the place's repeat the last one; nobody stores them. */
static SIMD_TARGET void tile_product(const struct operand *a, int64_t pairs, const pair *b,
                                     const struct place *c) {
  __m512 sum[TILE_ROWS][2];
  const pair *row[TILE_ROWS];
  UNROLL for (int i = 0; i < TILE_ROWS; i++) {
    row[i] = a->at + (i < c->rows ? i : c->rows - 1) * a->stride;
    sum[i][0] = sum[i][1] = _mm512_setzero_ps();
  }
  for (int64_t p = 0, at = 0; p < pairs; p++, b += PANEL, at += a->step) {
    __m512bh b0 = (__m512bh)_mm512_loadu_si512(b), b1 = (__m512bh)_mm512_loadu_si512(b + LANES);
    UNROLL for (int i = 0; i < TILE_ROWS; i++) {
      __m512bh x = (__m512bh)_mm512_set1_epi32((int)row[i][at]);
      sum[i][0] = _mm512_dpbf16_ps(sum[i][0], x, b0);
      sum[i][1] = _mm512_dpbf16_ps(sum[i][1], x, b1);
    }
  }
  UNROLL for (int i = 0; i < TILE_ROWS; i++) {
    if (i >= c->rows) continue;
    put(c->at + i * c->stride, mask_of(c->columns), sum[i][0], c->add);
    if (c->columns > LANES)
      put(c->at + i * c->stride + LANES, mask_of(c->columns - LANES), sum[i][1], c->add);
  }
}

/* All columns of C from the rows of A that are packed. */
static SIMD_TARGET void multiply_rows(const struct l4r_matmul *p, const struct operand *a,
                                      int64_t depth, int add) {
  _Alignas(64) pair panel[PAIRS * PANEL];
  for (int64_t j = 0; j < p->n; j += PANEL) {
    int64_t columns = p->n - j < PANEL ? p->n - j : PANEL;
    struct source from = {p->b + (p->trans_b ? j * p->b_stride : j), p->b_stride, depth, columns,
                          p->alpha};
    if (p->trans_b) {
      from.rows = columns, from.columns = depth;
      pack_transposed(&from, panel);
    } else {
      pack_across(&from, PANEL, panel);
    }
    for (int64_t i = 0; i < p->m; i += TILE_ROWS) {
      struct operand rows = {a->at + i * a->stride, a->stride, a->step};
      tile_product(
          &rows, (depth + 1) / 2, panel,
          &(struct place){p->c + i * p->c_stride + j, p->c_stride, p->m - i, columns, add});
    }
  }
}

static SIMD_TARGET void multiply_block(const struct l4r_matmul *p, int64_t depth, int add) {
  _Alignas(64) pair packed[BLOCK * PAIRS];
  struct operand a = {packed, PAIRS, 1};
  if (p->trans_a) {
    a = (struct operand){packed, 1, (p->m + LANES - 1) / LANES * LANES};
    pack_across(&(struct source){p->a, p->a_stride, depth, p->m, 1}, a.step, packed);
  } else {
    pack_along(&(struct source){p->a, p->a_stride, p->m, depth, 1}, a.stride, packed);
  }
  multiply_rows(p, &a, depth, add);
}

static SIMD_TARGET void product(const struct l4r_matmul *p) {
  l4r_matmul_scale(p);
  for (int64_t k = 0; k < p->k; k += DEPTH)
    for (int64_t i = 0; i < p->m; i += BLOCK) {
      struct l4r_matmul block = *p;
      block.a += p->trans_a ? k * p->a_stride + i : i * p->a_stride + k;
      block.b += p->trans_b ? k : k * p->b_stride;
      block.c += i * p->c_stride;
      block.m = p->m - i < BLOCK ? p->m - i : BLOCK;
      multiply_block(&block, p->k - k < DEPTH ? p->k - k : DEPTH, k > 0 || p->beta != 0);
    }
}

l4r_matmul_function l4r_gemm_bf16(const struct l4r_layer_kernels *kernels) {
  return kernels->isa == L4R_ISA_AVX512 && l4r_cpu()->avx512_bf16 ? product : NULL;
}
#elif !defined(__aarch64__) || defined(L4R_DOUBLE)
l4r_matmul_function l4r_gemm_bf16(const struct l4r_layer_kernels *kernels) {
  (void)kernels;
  return NULL;
}
#endif
