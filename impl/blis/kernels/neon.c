/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels for 64-bit Arm. The tile of 12 x 8 takes 24 of the 32 registers for accumulators.
 * Where rows are few, 16 columns at a time: two sums alone would wait for each other. */
#if defined(__aarch64__)
#include "impl/blis/kernels/kernels.h"
#include "impl/blis/kernels/rows.h"
#include "impl/simd/neon.h"

#define TILE_ROWS      12
#define TILE_BODY      "impl/blis/kernels/neon_tile.h"
#define PANEL          (4 * LANES)
#define GEMM           gemm_neon
#define KERNEL_NAME(x) x##neon
#define KERNEL_LABEL   "NEON"
#define KERNEL_THERE() l4r_cpu()->neon
#define OWN_INT8       /* neon_smull.c */

static void gemm_neon(const struct l4r_gemm *g);
#include "impl/blis/kernels/body.h"
#include "impl/blis/kernels/narrow_body.h"

enum { FEW = 5 }; /* rows whose sums of 16 columns leave registers for two rows of B */

static void few_rows(const struct l4r_gemm *g, struct ahead ahead) {
  int mode = g->accumulate ? ADD : FRESH;
  switch (g->m) {
  case 1:
    tile(g, ahead, mode, 1, 4);
    break;
  case 2:
    tile(g, ahead, mode, 2, 4);
    break;
  case 3:
    tile(g, ahead, mode, 3, 4);
    break;
  case 4:
    tile(g, ahead, mode, 4, 4);
    break;
  default:
    tile(g, ahead, mode, FEW, 4);
  }
}

static void gemm_neon(const struct l4r_gemm *g) {
  struct l4r_gemm t = *g;
  int64_t wide = g->m > 0 && g->m <= FEW ? g->n / PANEL * PANEL : 0;
  for (int64_t j = 0; j < wide; j += PANEL) {
    t.b = g->b + j;
    t.c = g->c + j;
    few_rows(&t, ahead_of(g->next, t.b, g->ldb, g->k, 0, 1));
  }
  t.b = g->b + wide;
  t.c = g->c + wide;
  t.n = g->n - wide;
  gemm(&t);
}
#endif
