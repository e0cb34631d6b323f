/* SPDX-License-Identifier: BSD-3-Clause */
/* The gemm of bf16 pairs, included once a set of kernels after impl/blis/kernels/tile.h, with
 *   PAIRS_ADD(sum, x, b)   sum + the products of the words' low halves + those of their high halves
 * No include guard: each file gets its own static copies. */

/* `last`: columns of the last vector that there are. */
INLINE void pairs_tile(const struct l4r_gemm_pairs *g, struct ahead ahead, int rows, int wide,
                       int64_t last) {
  vec sum[TILE_ROWS][2];
  const uint32_t *a = g->a, *b = g->b;
  int whole = last == LANES;
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < wide; j++) sum[i][j] = (vec){0};
  }
  for (int64_t p = 0; p < g->k; p++, b += g->ldb) {
    ivec b0 = whole ? load_ints(b) : load_ints_part(b, last);
    ivec b1 = wide > 1 ? load_ints(b + LANES) : b0;
    fetch(&ahead);
    UNROLL for (int i = 0; i < rows; i++) {
      ivec x = (ivec){0} + (int32_t)a[i * g->lda + p];
      sum[i][0] = PAIRS_ADD(sum[i][0], x, b0);
      if (wide > 1) sum[i][1] = PAIRS_ADD(sum[i][1], x, b1);
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
    else if (wide == 1)                                                                            \
      pairs_tile(g, ahead, height, 1, LANES);                                                      \
    else                                                                                           \
      pairs_tile(g, ahead, height, 1, g->n);                                                       \
    break;

/* One tile at g's pointers, g->m <= TILE_ROWS; wide: vectors of columns, 0: g->n < a vector. */
static SIMD_TARGET void pairs_rows(const struct l4r_gemm_pairs *g, struct ahead ahead, int wide) {
  switch (g->m) { TILE_CASES(PAIRS_CASE) }
}

static SIMD_TARGET void gemm_pairs(const struct l4r_gemm_pairs *g) {
  struct l4r_gemm_pairs t = *g;
  int64_t tiles = (g->m + TILE_ROWS - 1) / TILE_ROWS;
  for (int64_t column = 0; column < g->n; column += t.n) {
    int64_t left = g->n - column;
    int wide = left >= 2 * LANES ? 2 : left >= LANES;
    t.n = wide ? wide * LANES : left;
    t.b = g->b + column;
    for (int64_t row = 0; row < g->m; row += TILE_ROWS) {
      t.m = g->m - row < TILE_ROWS ? g->m - row : TILE_ROWS;
      t.a = g->a + row * g->lda;
      t.c = g->c + row * g->ldc + column;
      pairs_rows(&t, ahead_of(g->next, t.b, g->ldb, g->k, row / TILE_ROWS, tiles), wide);
    }
  }
}
