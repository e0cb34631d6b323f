/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of the table that gemm_kernel.c lists: each is defined by the file of its instructions,
 * and nobody else refers to one by this name. */
#ifndef L4R_BLIS_KERNELS_ROWS_H
#define L4R_BLIS_KERNELS_ROWS_H

#include "impl/blis/kernels/gemm_kernel.h"

extern const struct l4r_gemm_kernel l4r_gemm_fp32_portable, l4r_gemm_bf16_portable,
    l4r_gemm_bf16x3_portable, l4r_gemm_int8_portable;
#if defined(__x86_64__)
extern const struct l4r_gemm_kernel l4r_gemm_fp32_avx2, l4r_gemm_bf16_avx2, l4r_gemm_bf16x3_avx2,
    l4r_gemm_int8_avx2;
extern const struct l4r_gemm_kernel l4r_gemm_fp32_avx512, l4r_gemm_bf16_avx512,
    l4r_gemm_bf16x3_avx512, l4r_gemm_int8_avx512;
extern const struct l4r_gemm_kernel l4r_gemm_bf16_avx512_bf16, l4r_gemm_bf16x3_avx512_bf16,
    l4r_gemm_int8_avx512_vnni, l4r_gemm_int8_avx_vnni;
extern const struct l4r_gemm_kernel l4r_gemm_bf16_amx, l4r_gemm_bf16x3_amx, l4r_gemm_int8_amx;
#elif defined(__aarch64__)
extern const struct l4r_gemm_kernel l4r_gemm_fp32_neon, l4r_gemm_bf16_neon, l4r_gemm_bf16x3_neon;
extern const struct l4r_gemm_kernel l4r_gemm_bf16_bfmmla, l4r_gemm_bf16x3_bfmmla,
    l4r_gemm_bf16_bfdot, l4r_gemm_bf16x3_bfdot;
extern const struct l4r_gemm_kernel l4r_gemm_int8_smmla, l4r_gemm_int8_sdot, l4r_gemm_int8_smull;
#endif

#endif
