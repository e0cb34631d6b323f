/* SPDX-License-Identifier: BSD-3-Clause */
/* int8 by 64-bit Arm's products of small matrices (I8MM, an extension of Armv8.2, part of it since
 * 8.6): smmla adds 2 x 8 by 8 x 2 of them, exactly. */
#if defined(__aarch64__)
#include "impl/blis/kernels/rows.h"
#define SIMD_MORE "i8mm"
#include "impl/simd/neon.h"

#define TILE_ROWS 12
#define PANEL     16
#include "impl/blis/kernels/tile.h"
#include "impl/blis/kernels/neon_quads.h"

#define MMLA(sum, a, b) __asm__("smmla %0.4s, %1.16b, %2.16b" : "+w"(sum) : "w"(a), "w"(b))
#include "impl/blis/kernels/neon_mmla.h"

#define SCALED 1

#define PRODUCT(name) name##_smmla
#define SUM_UP        sum_of_blocks
#define INTERLEAVE    2
#define FEW           6
#include "impl/blis/kernels/neon_rounded.h"

static SIMD_TARGET float round_beside(int64_t k, const float *x, uint32_t *out, int64_t words) {
  return to_quads(k, x, out, words, 4);
}

static int there(void) {
  return l4r_cpu()->neon_i8mm;
}

const struct l4r_gemm_kernel l4r_gemm_int8_smmla = {
    .name = "SMMLA",
    .set = L4R_ISA_NEON,
    .available = there,
    .layout = {.precision = L4R_INT8,
               .panel = PANEL,
               .interleave = 2,
               .planes = 1,
               .depth = 2,
               .a_words = 1,
               .a_rows = 2,
               .a_signed = 1},
    .round = round_beside,
    .multiply = multiply_smmla,
};
#endif
