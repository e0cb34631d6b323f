/* SPDX-License-Identifier: BSD-3-Clause */
/* What 64-bit Arm's products by an element share: fmla (fp32), bfdot (pairs of bf16) and sdot
 * (quads of int8) all take four words of B and one word of A, an element of a register, and add to
 * four sums. Two steps of k at a time: a row's two words come by one load, so that a tile of 12 x 8
 * needs 16 loads for 48 products, where spreading one word at a time takes 28. The instructions are
 * written out, since older compilers know them under flags alone and gcc would load element by
 * element.
 * Included after impl/blis/kernels/tile.h, with
 *   LANE_PRODUCT   the instruction
 *   LANE_PARTS     what it takes a register of B for: ".4s", ".8h" or ".16b"
 *   LANE_WORD      and an element of A: ".s", ".2h" or ".4b"
 * No include guard: each file gets its own static copies. */

typedef int32x2_t two_words __attribute__((aligned(4), may_alias));

#define LANE_ADD(sum, b, x, lane)                                                                  \
  __asm__(LANE_PRODUCT " %0.4s, %1" LANE_PARTS ", %2" LANE_WORD "[" #lane "]"                      \
          : "+w"(sum)                                                                              \
          : "w"(b), "w"(x))

/* sum[rows][wide] += A B, over `k` words of each row of A and column of B; rows x wide of at most
 * 24 sums, beside two rows of B. */
INLINE void add_by_lanes(ivec sum[TILE_ROWS][4], const void *a, int64_t lda, const void *b,
                         int64_t ldb, int64_t k, struct ahead *ahead, int rows, int wide) {
  const char *row[TILE_ROWS];
  const int32_t *from = b;
  int64_t p = 0, at = 0; /* at: of k in bytes, one register for all rows */
  ivec b0[4], b1[4];
  UNROLL for (int i = 0; i < rows; i++) row[i] = (const char *)a + i * lda * (int64_t)sizeof *from;
  for (; p + 2 <= k; p += 2, at += 8, from += 2 * ldb) {
    UNROLL for (int j = 0; j < wide; j++) {
      b0[j] = load_ints(from + j * LANES);
      b1[j] = load_ints(from + ldb + j * LANES);
    }
    fetch(ahead);
    ahead->at += ahead->step; /* two steps */
    UNROLL for (int i = 0; i < rows; i++) {
      two_words x = *(const two_words *)(const void *)(row[i] + at);
      UNROLL for (int j = 0; j < wide; j++) LANE_ADD(sum[i][j], b0[j], x, 0);
      UNROLL for (int j = 0; j < wide; j++) LANE_ADD(sum[i][j], b1[j], x, 1);
    }
  }
  if (p == k) return;
  UNROLL for (int j = 0; j < wide; j++) b0[j] = load_ints(from + j * LANES);
  UNROLL for (int i = 0; i < rows; i++) {
    int32_t last;
    memcpy(&last, row[i] + at, sizeof last);
    ivec x = (ivec){0} + last;
    UNROLL for (int j = 0; j < wide; j++) LANE_ADD(sum[i][j], b0[j], x, 0);
  }
}

/* As SUM_UP of neon_rounded.h: sum[rows][wide] = A B, the terms' planes one after another. */
INLINE void sum_by_lanes(ivec sum[TILE_ROWS][4], const struct l4r_gemm_rounded *g,
                         const uint32_t *b, struct ahead ahead, int rows, int wide) {
  for (int t = 0; t < g->terms; t++)
    add_by_lanes(sum, g->a + g->term[t].a, g->lda, b + g->term[t].b, g->ldb, g->k, &ahead, rows,
                 wide);
}
