/* SPDX-License-Identifier: BSD-3-Clause */
/* The gemm tile of 64-bit Arm, in place of body.h's own: up to four vectors wide. No include guard:
 * each file gets its own static copies. */
#define LANE_PRODUCT "fmla"
#define LANE_PARTS   ".4s"
#define LANE_WORD    ".s"
#include "impl/blis/kernels/neon_lanes.h"

INLINE void tile(const struct l4r_gemm *g, struct ahead ahead, int mode, int rows, int wide) {
  ivec sum[TILE_ROWS][4];
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < wide; j++)
        sum[i][j] = mode == CONTINUE ? load_ints(g->c + i * g->ldc + j * LANES) : (ivec){0};
  }
  add_by_lanes(sum, g->a, g->lda, g->b, g->ldb, g->k, &ahead, rows, wide);
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < wide; j++) {
      float *c = g->c + i * g->ldc + j * LANES;
      store(c, mode == ADD ? (vec)sum[i][j] + load(c) : (vec)sum[i][j]);
    }
  }
}
