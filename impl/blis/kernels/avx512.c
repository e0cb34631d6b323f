/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels for AVX-512 (F, DQ, BW, VL). The tile of 12 x 32 takes 24 of the 32 registers for
 * accumulators and reads 12 + 2 operands for 24 multiply-adds, under the two loads a cycle that
 * every such processor has. */
#if defined(__x86_64__)
#include "impl/blis/kernels/kernels.h"
#include "impl/blis/kernels/rows.h"
#include "impl/simd/avx512.h"

#define TILE_ROWS      12
#define KERNEL_NAME(x) x##avx512
#define KERNEL_LABEL   "AVX-512"
#define KERNEL_THERE() l4r_cpu()->avx512
#include "impl/blis/kernels/body.h"
#include "impl/blis/kernels/narrow_body.h"
#endif
