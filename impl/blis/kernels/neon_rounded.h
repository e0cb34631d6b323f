/* SPDX-License-Identifier: BSD-3-Clause */
/* Products of operands that are rounded, for 64-bit Arm. A panel has 16 columns and is read whole:
 * two halves of 8 for up to 12 rows, all 16 at once for few rows, whose sums would otherwise wait
 * for each other. Included once for each product, with
 *   PRODUCT(name)   name, with the product's own behind
 *   SUM_UP          void (sum, g, b, ahead, rows, wide): fills sum[rows][wide], four columns a
 *                   vector, as a constant number of rows and vectors
 *   INTERLEAVE      words of a column side by side
 *   FEW             rows that 16 columns at once leave registers for
 *   SCALED          1: sums are whole numbers, of products with the scales of row and column
 * No include guard: each file gets its own static copies. */

/* Columns first .. past-1 of the panel, whose sums begin with those of `column`. */
static SIMD_TARGET void PRODUCT(put_part)(const struct l4r_gemm_rounded *g, int rows, int column,
                                          int32_t sum[TILE_ROWS][PANEL], int64_t first,
                                          int64_t past) {
  for (int i = 0; i < rows; i++)
    for (int64_t j = first; j < past; j++) {
      int32_t from = sum[i][j - column];
      float *c = g->c + i * g->ldc + j, value;
      memcpy(&value, &from, sizeof value);
      if (SCALED) value = (float)from * (g->column[j] * g->row[i]);
      *c = g->accumulate ? value + *c : value;
    }
}

/* A tile from `column` of the panel on; g's pointers are those of the panel's first column. */
INLINE void PRODUCT(tile)(const struct l4r_gemm_rounded *g, struct ahead ahead, int column,
                          int rows, int wide) {
  ivec sum[TILE_ROWS][4];
  int64_t past = g->before + g->n;
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < wide; j++) sum[i][j] = (ivec){0};
  }
  SUM_UP(sum, g, g->b + column * INTERLEAVE, ahead, rows, wide);
  if (g->before > column || past < column + wide * LANES) {
    int32_t part[TILE_ROWS][PANEL];
    UNROLL for (int i = 0; i < rows; i++) {
      UNROLL for (int j = 0; j < wide; j++)
          memcpy(part[i] + j * LANES, &sum[i][j], sizeof sum[i][j]);
    }
    PRODUCT(put_part)(g, rows, column, part, g->before > column ? g->before : column,
                      past < column + wide * LANES ? past : column + wide * LANES);
    return;
  }
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < wide; j++) {
      float *c = g->c + i * g->ldc + column + j * LANES;
      vec v = (vec)sum[i][j];
      if (SCALED)
        v = __builtin_convertvector(sum[i][j], vec) *
            (load(g->column + column + j * LANES) * g->row[i]);
      store(c, g->accumulate ? v + load(c) : v);
    }
  }
}

#define NARROW_CASE(rows)                                                                          \
  case rows:                                                                                       \
    PRODUCT(tile)(g, ahead, column, rows, 2);                                                      \
    break;
#define WIDE_CASE(rows)                                                                            \
  case rows:                                                                                       \
    PRODUCT(tile)(g, ahead, 0, rows, 4);                                                           \
    break;

static SIMD_TARGET void PRODUCT(narrow)(const struct l4r_gemm_rounded *g, struct ahead ahead,
                                        int column) {
  switch (g->m) { TILE_CASES(NARROW_CASE) }
}

static SIMD_TARGET void PRODUCT(wide)(const struct l4r_gemm_rounded *g, struct ahead ahead) {
  switch (g->m) {
    WIDE_CASE(1)
    WIDE_CASE(2)
#if FEW > 2
    WIDE_CASE(3)
    WIDE_CASE(4)
    WIDE_CASE(5)
#endif
#if FEW > 5
    WIDE_CASE(6)
#endif
  }
}

/* Tiles of even heights, as nearly equal as they can be. */
static SIMD_TARGET void PRODUCT(multiply)(const struct l4r_gemm_rounded *g) {
  if (g->n < 1 || g->m < 1) return;
  struct l4r_gemm_rounded t = *g;
  int64_t tiles = (g->m + TILE_ROWS - 1) / TILE_ROWS;
  int64_t height = ((g->m + tiles - 1) / tiles + 1) / 2 * 2, steps = g->k / INTERLEAVE;
  t.b -= g->before * INTERLEAVE;
  for (int column = 0; column < PANEL; column += PANEL / 2) {
    if (column >= g->before + g->n || column + PANEL / 2 <= g->before) continue;
    for (int64_t row = 0; row < g->m; row += height) {
      t.m = g->m - row < height ? g->m - row : height;
      t.a = g->a + row * g->lda;
      t.c = g->c + row * g->ldc - g->before;
      if (SCALED) t.row = g->row + row;
      if (SCALED) t.column = g->column - g->before;
      struct ahead ahead = ahead_of(column ? NULL : g->next, t.b, g->ldb, steps, row / height,
                                    tiles);
      if (g->m <= FEW)
        PRODUCT(wide)(&t, ahead);
      else
        PRODUCT(narrow)(&t, ahead, column);
    }
    if (g->m <= FEW) break;
  }
}
