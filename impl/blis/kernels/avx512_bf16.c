/* SPDX-License-Identifier: BSD-3-Clause */
/* Pairs of bf16 by AVX512-BF16: vdpbf16ps multiplies and adds 32 of them, twice what vfmadd does.
 * The tile is that of fp32. */
#include "impl/blis/kernels/rows.h"

#if defined(__x86_64__)
#define SIMD_MORE ",avx512bf16"
#include "impl/simd/avx512.h"

#define TILE_ROWS 12
#include "impl/blis/kernels/tile.h"

#define PAIRS_ADD(sum, x, b) _mm512_dpbf16_ps(sum, (__m512bh)(x), (__m512bh)(b))
#include "impl/blis/kernels/pairs_body.h"

#include "impl/blis/kernels/avx512_pairs.h"

static int there(void) {
  return l4r_cpu()->avx512 && l4r_cpu()->avx512_bf16;
}

const struct l4r_gemm_kernel l4r_gemm_bf16_avx512_bf16 = {
    .name = "AVX512-BF16",
    .set = L4R_ISA_AVX512,
    .available = there,
    .layout = {.precision = L4R_BF16,
               .panel = 2 * LANES,
               .interleave = 1,
               .depth = 1,
               .planes = 1,
               .a_words = 1,
               .a_rows = 1},
    .round = to_pairs,
    .multiply = gemm_pairs,
};

const struct l4r_gemm_kernel l4r_gemm_bf16x3_avx512_bf16 = {
    .name = "AVX512-BF16",
    .set = L4R_ISA_AVX512,
    .slow = 1,
    .available = there,
    .layout = {.precision = L4R_BF16X3,
               .panel = 2 * LANES,
               .interleave = 1,
               .depth = 1,
               .planes = 3,
               .a_words = 1,
               .a_rows = 1},
    .round = to_three_pairs,
    .multiply = gemm_pairs,
};
#endif
