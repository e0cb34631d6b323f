/* SPDX-License-Identifier: BSD-3-Clause */
/* What 64-bit Arm's products of small matrices share: bfmmla (2 x 4 by 4 x 2 of bf16) and smmla (2
 * x 8 by 8 x 2 of int8) both take two words of two rows of A and of two columns of B and add to the
 * four sums of a 2 x 2 block. B's words stand side by side for it (interleave 2), and so do those
 * of two rows of A (a_beside 2):
 *
 *   A: row 0 words 0, 1; row 1 words 0, 1; row 0 words 2, 3; row 1 words 2, 3; ...
 *   B: [k / 2][column][2]
 *
 * A tile of 12 x 8 needs 10 loads for 24 products of 16 or 32 multiply-adds each.
 * Included after impl/blis/kernels/tile.h, with
 *   MMLA(sum, a, b)   the instruction, on vectors of four
 * No include guard: each file gets its own static copies. */

enum { BLOCKS = TILE_ROWS / 2 };

/* Over the blocks, and the pairs of columns, that there are. clang unrolls to limits that stand in
 * the source alone. */
#define EACH_BLOCK(i) UNROLL for (int i = 0; i < BLOCKS; i++) if (i < blocks)
#define EACH_PAIR(j)  UNROLL for (int j = 0; j < 8; j++) if (j < columns)

/* Two rows' sums of four columns out of two blocks: [00 01 10 11] and [02 03 12 13]. */
INLINE ivec block_row(ivec left, ivec right, int row) {
  int64x2_t l = (int64x2_t)left, r = (int64x2_t)right;
  return (ivec)(row ? vzip2q_s64(l, r) : vzip1q_s64(l, r));
}

/* sum[rows][wide] = A B, the terms' planes one after another. The sides of a step that are fewer
 * are held, the others pass by. */
INLINE void sum_of_blocks(ivec sum[TILE_ROWS][4], const struct l4r_gemm_rounded *g,
                          const uint32_t *b, struct ahead ahead, int rows, int wide) {
  ivec block[BLOCKS][8], held[8];
  const int blocks = (rows + 1) / 2, columns = 2 * wide;
  EACH_BLOCK(i) {
    EACH_PAIR(j) block[i][j] = (ivec){0};
  }
  for (int t = 0; t < g->terms; t++) {
    const uint32_t *from = b + g->term[t].b, *pair[BLOCKS];
    EACH_BLOCK(i) pair[i] = g->a + 2 * g->term[t].a + 2 * i * g->lda;
    for (int64_t p = 0; p < g->k; p += 2, from += g->ldb) {
      fetch(&ahead);
      if (blocks < columns) {
        EACH_BLOCK(i) held[i] = load_ints(pair[i] + 2 * p);
        EACH_PAIR(j) {
          ivec next = load_ints(from + 4 * j);
          EACH_BLOCK(i) MMLA(block[i][j], held[i], next);
        }
      } else {
        EACH_PAIR(j) held[j] = load_ints(from + 4 * j);
        EACH_BLOCK(i) {
          ivec next = load_ints(pair[i] + 2 * p);
          EACH_PAIR(j) MMLA(block[i][j], next, held[j]);
        }
      }
    }
  }
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < wide; j++)
        sum[i][j] = block_row(block[i / 2][2 * j], block[i / 2][2 * j + 1], i % 2);
  }
}
