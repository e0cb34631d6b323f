/* SPDX-License-Identifier: BSD-3-Clause */
/* Quads of int8 by AVX512-VNNI: vpdpbusd multiplies and adds 64 of them, four times what vfmadd
 * does. The tile is that of fp32. */
#include "impl/blis/kernels/rows.h"

#if defined(__x86_64__)
#define SIMD_MORE ",avx512vnni"
#include "impl/simd/avx512.h"

#define TILE_ROWS 12
#include "impl/blis/kernels/tile.h"

#define QUADS_ADD(sum, x, b) ((ivec)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(x), (__m512i)(b)))
#define QUADS_FLOAT(v)       _mm512_cvtepi32_ps((__m512i)(v))
#include "impl/blis/kernels/quads_body.h"

#include "impl/blis/kernels/avx512_quads.h"

static int there(void) {
  return l4r_cpu()->avx512 && l4r_cpu()->avx512_vnni;
}

const struct l4r_gemm_kernel l4r_gemm_int8_avx512_vnni = {
    .name = "AVX512-VNNI",
    .set = L4R_ISA_AVX512,
    .available = there,
    .layout = {.precision = L4R_INT8,
               .panel = 2 * LANES,
               .interleave = 1,
               .depth = 1,
               .planes = 1,
               .a_words = 1,
               .a_rows = 1},
    .round = to_quads,
    .multiply = gemm_quads,
};
#endif
