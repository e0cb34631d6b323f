/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels for AVX-512 (F, DQ, BW, VL). The tile of 12 x 32 takes 24 of the 32 registers for
 * accumulators and reads 12 + 2 operands for 24 multiply-adds, under the two loads a cycle that
 * every such processor has. */
#if defined(__x86_64__)
#include "impl/blis/kernels/kernels.h"

#include <immintrin.h>

typedef __m512 vec;

#define KERNEL_TARGET       __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")))
#define KERNEL_LANES        16
#define KERNEL_ROWS         12
#define KERNEL_FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define KERNEL_TABLE        l4r_kernels_avx512
#define KERNEL_ISA          L4R_ISA_AVX512
#include "impl/blis/kernels/body.h"
#endif
