/* SPDX-License-Identifier: BSD-3-Clause */
/* The gemm of bf16 pairs, included once a set of kernels after impl/blis/kernels/tile.h, with
 *   PAIRS_ADD(sum, x, b)   sum + the products of the words' low halves + those of their high halves
 * or, where A holds its values as fp32, two words for each of B's,
 *   PAIRS_OF_FLOATS
 * No include guard: each file gets its own static copies. */

#if defined(PAIRS_OF_FLOATS)
enum { PAIRS_WORDS = 2 }; /* of A for one of B */
INLINE vec spread_word(const uint32_t *fp32) {
  float x;
  memcpy(&x, fp32, sizeof x);
  return spread(x);
}
#else
enum { PAIRS_WORDS = 1 };
#endif

/* `last`: columns of the last vector that there are. */
INLINE void pairs_tile(const struct l4r_gemm_rounded *g, struct ahead ahead, int rows, int wide,
                       int64_t last) {
  vec sum[TILE_ROWS][2];
  const int64_t lda = g->lda;
  int whole = last == LANES;
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < wide; j++) sum[i][j] = (vec){0};
  }
  for (int t = 0; t < g->terms; t++) {
    const uint32_t *b = g->b + g->term[t].b, *third[(TILE_ROWS + 2) / 3];
    UNROLL for (int i = 0; i < rows; i += 3) third[i / 3] = g->a + g->term[t].a + i * lda;
    for (int64_t p = 0; p < g->k; p++, b += g->ldb) {
      ivec b0 = whole ? load_ints(b) : load_ints_part(b, last);
      ivec b1 = wide > 1 ? load_ints(b + LANES) : b0;
      fetch(&ahead);
#if defined(PAIRS_OF_FLOATS)
      if (rows > 2) { /* fewer rows are as fast as the panel comes */
        __builtin_prefetch(b + SOON * 2 * LANES, 0, 3);
        __builtin_prefetch(b + (SOON * 2 + 1) * LANES, 0, 3);
      }
      const ivec upper = (ivec){0} + (int32_t)0xffff0000;
      vec even0 = (vec)(b0 << 16), even1 = (vec)(b1 << 16);
      UNROLL for (int i = 0; i < rows; i++) {
        vec x = spread_word(third[i / 3] + i % 3 * lda);
        sum[i][0] = SIMD_FMA(x, even0, sum[i][0]);
        if (wide > 1) sum[i][1] = SIMD_FMA(x, even1, sum[i][1]);
      }
      vec odd0 = (vec)(b0 & upper), odd1 = (vec)(b1 & upper);
      UNROLL for (int i = 0; i < rows; i++) {
        vec x = spread_word(third[i / 3] + i % 3 * lda + 1);
        sum[i][0] = SIMD_FMA(x, odd0, sum[i][0]);
        if (wide > 1) sum[i][1] = SIMD_FMA(x, odd1, sum[i][1]);
      }
#else
      UNROLL for (int i = 0; i < rows; i++) {
        ivec x = (ivec){0} + (int32_t)third[i / 3][i % 3 * lda];
        sum[i][0] = PAIRS_ADD(sum[i][0], x, b0);
        if (wide > 1) sum[i][1] = PAIRS_ADD(sum[i][1], x, b1);
      }
#endif
      UNROLL for (int i = 0; i < rows; i += 3) third[i / 3] += PAIRS_WORDS;
    }
  }
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < wide; j++) {
      float *c = g->c + i * g->ldc + j * LANES;
      if (g->accumulate) sum[i][j] += whole ? load(c) : load_part(c, last);
      if (whole)
        store(c, sum[i][j]);
      else
        store_part(c, sum[i][j], last);
    }
  }
}

#define PAIRS_CASE(height)                                                                         \
  case height:                                                                                     \
    if (wide == 2)                                                                                 \
      pairs_tile(g, ahead, height, 2, LANES);                                                      \
    else                                                                                           \
      pairs_tile(g, ahead, height, 1, wide ? LANES : g->n);                                        \
    break;

/* One tile at g's pointers, g->m <= TILE_ROWS; wide: vectors of columns, 0: g->n < a vector. */
static SIMD_TARGET void pairs_rows(const struct l4r_gemm_rounded *g, struct ahead ahead, int wide) {
  switch (g->m) { TILE_CASES(PAIRS_CASE) }
}

static SIMD_TARGET void gemm_pairs(const struct l4r_gemm_rounded *g) {
  struct l4r_gemm_rounded t = *g;
  int64_t tiles = (g->m + TILE_ROWS - 1) / TILE_ROWS;
  for (int64_t column = 0; column < g->n; column += t.n) {
    int64_t left = g->n - column;
    int wide = left >= 2 * LANES ? 2 : left >= LANES;
    t.n = wide ? wide * LANES : left;
    t.b = g->b + column;
    for (int64_t row = 0, number = 0; row < g->m; row += t.m, number++) {
      t.m = even_rows(g->m - row, tiles - number);
      t.a = g->a + row * g->lda;
      t.c = g->c + row * g->ldc + column;
      pairs_rows(&t, ahead_of(g->next, t.b, g->ldb, g->k * g->terms, number, tiles), wide);
    }
  }
}
