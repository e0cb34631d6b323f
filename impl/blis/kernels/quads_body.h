/* SPDX-License-Identifier: BSD-3-Clause */
/* The gemm of int8 quads, included once a set of kernels after impl/blis/kernels/tile.h, with
 *   QUADS_ADD(sum, x, b)   sum + the four products of x's unsigned and b's signed bytes
 *   QUADS_FLOAT(v)         an ivec's numbers as a vec
 * and, where A holds its values in 16 bits, two words for each of B's, in place of the first
 *   QUADS_OF_HALVES        with SIMD_MADD(x, b): products of 16 bits, those of neighbours added
 * No include guard: each file gets its own static copies. */

#if defined(QUADS_OF_HALVES)
typedef int16_t halves __attribute__((vector_size(SIMD_BYTES)));
enum { QUADS_WORDS = 2 }; /* of A for one of B */

/* sum += products, as an instruction and in the order that stands here: compilers would make the
 * products of both halves of the bytes before they add any, and then have no registers for them. */
#define QUADS_SUM(sum, products) __asm__ volatile("vpaddd %1, %0, %0" : "+v"(sum) : "v"(products))
#else
enum { QUADS_WORDS = 1 };
#endif

/* `last`: columns of the last vector that there are. */
INLINE void quads_tile(const struct l4r_gemm_rounded *g, struct ahead ahead, int rows, int wide,
                       int64_t last) {
  ivec sum[TILE_ROWS][2];
  const uint32_t *b = g->b, *third[(TILE_ROWS + 2) / 3];
  const int64_t lda = g->lda;
  UNROLL for (int i = 0; i < rows; i += 3) third[i / 3] = g->a + i * lda;
  int whole = last == LANES;
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < wide; j++) sum[i][j] = (ivec){0};
  }
  for (int64_t p = 0; p < g->k; p++, b += g->ldb) {
    ivec b0 = whole ? load_ints(b) : load_ints_part(b, last);
    ivec b1 = wide > 1 ? load_ints(b + LANES) : b0;
    fetch(&ahead);
#if defined(QUADS_OF_HALVES)
    UNROLL for (int odd = 0; odd < 2; odd++) {
      ivec half0 = (ivec)((halves)b0 << (odd ? 0 : 8) >> 8);
      ivec half1 = (ivec)((halves)b1 << (odd ? 0 : 8) >> 8);
      UNROLL for (int i = 0; i < rows; i++) {
        ivec x = (ivec){0} + (int32_t)third[i / 3][i % 3 * lda + odd];
        QUADS_SUM(sum[i][0], SIMD_MADD(x, half0));
        if (wide > 1) QUADS_SUM(sum[i][1], SIMD_MADD(x, half1));
      }
    }
#else
    UNROLL for (int i = 0; i < rows; i++) {
      ivec x = (ivec){0} + (int32_t)third[i / 3][i % 3 * lda];
      sum[i][0] = QUADS_ADD(sum[i][0], x, b0);
      if (wide > 1) sum[i][1] = QUADS_ADD(sum[i][1], x, b1);
    }
#endif
    UNROLL for (int i = 0; i < rows; i += 3) third[i / 3] += QUADS_WORDS;
  }
  UNROLL for (int j = 0; j < wide; j++) {
    int64_t at = j * LANES;
    ivec offset = whole ? load_ints(g->offset + at) : load_ints_part(g->offset, last);
    vec column = whole ? load(g->column + at) : load_part(g->column, last);
    UNROLL for (int i = 0; i < rows; i++) {
      float *c = g->c + i * g->ldc + at;
      vec value = QUADS_FLOAT(sum[i][j] - offset) * (column * g->row[i]);
      if (g->accumulate) value += whole ? load(c) : load_part(c, last);
      if (whole)
        store(c, value);
      else
        store_part(c, value, last);
    }
  }
}

#define QUADS_CASE(height)                                                                         \
  case height:                                                                                     \
    if (wide == 2)                                                                                 \
      quads_tile(g, ahead, height, 2, LANES);                                                      \
    else                                                                                           \
      quads_tile(g, ahead, height, 1, wide ? LANES : g->n);                                        \
    break;

/* One tile at g's pointers, g->m <= TILE_ROWS; wide: vectors of columns, 0: g->n < a vector. */
static SIMD_TARGET void quads_rows(const struct l4r_gemm_rounded *g, struct ahead ahead, int wide) {
  switch (g->m) { TILE_CASES(QUADS_CASE) }
}

static SIMD_TARGET void gemm_quads(const struct l4r_gemm_rounded *g) {
  struct l4r_gemm_rounded t = *g;
  int64_t tiles = (g->m + TILE_ROWS - 1) / TILE_ROWS;
  for (int64_t at = 0; at < g->n; at += t.n) {
    int64_t left = g->n - at;
    int wide = left >= 2 * LANES ? 2 : left >= LANES;
    t.n = wide ? wide * LANES : left;
    t.b = g->b + at;
    t.column = g->column + at;
    t.offset = g->offset + at;
    for (int64_t row = 0, number = 0; row < g->m; row += t.m, number++) {
      t.m = even_rows(g->m - row, tiles - number);
      t.a = g->a + row * g->lda;
      t.row = g->row + row;
      t.c = g->c + row * g->ldc + at;
      quads_rows(&t, ahead_of(g->next, t.b, g->ldb, g->k, number, tiles), wide);
    }
  }
}
