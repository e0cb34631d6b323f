/* SPDX-License-Identifier: BSD-3-Clause */
/* int8 by 64-bit Arm's dot products (an extension of Armv8.2, part of it since 8.4): sdot adds the
 * products of four neighbours of k to each of four sums, exactly. */
#if defined(__aarch64__)
#include "impl/blis/kernels/rows.h"
#define SIMD_MORE "dotprod"
#include "impl/simd/neon.h"

#define TILE_ROWS 12
#define PANEL     16
#include "impl/blis/kernels/tile.h"
#include "impl/blis/kernels/neon_quads.h"

#define LANE_PRODUCT "sdot"
#define LANE_PARTS   ".16b"
#define LANE_WORD    ".4b"
#include "impl/blis/kernels/neon_lanes.h"

#define SCALED 1

#define PRODUCT(name) name##_sdot
#define SUM_UP        sum_by_lanes
#define INTERLEAVE    1
#define FEW           5
#include "impl/blis/kernels/neon_rounded.h"
static SIMD_TARGET float round_row(int64_t k, const float *x, uint32_t *out, int64_t words) {
  return to_quads(k, x, out, words, 2);
}

static int there(void) {
  return l4r_cpu()->neon_dotprod;
}

const struct l4r_gemm_kernel l4r_gemm_int8_sdot = {
    .name = "SDOT",
    .set = L4R_ISA_NEON,
    .available = there,
    .layout = {.precision = L4R_INT8,
               .panel = PANEL,
               .interleave = 1,
               .planes = 1,
               .depth = 1,
               .a_words = 1,
               .a_rows = 1,
               .a_signed = 1},
    .round = round_row,
    .multiply = multiply_sdot,
};
#endif
