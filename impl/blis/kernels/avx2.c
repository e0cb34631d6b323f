/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels for AVX2 with FMA. The tile of 6 x 16 takes 12 of the 16 registers for accumulators:
 * the two multiply-add units with a latency of four cycles need at least eight independent chains.
 */
#if defined(__x86_64__)
#include "impl/blis/kernels/kernels.h"
#include "impl/blis/kernels/rows.h"
#include "impl/simd/avx2.h"

#define TILE_ROWS      6
#define KERNEL_NAME(x) x##avx2
#define KERNEL_LABEL   "AVX2"
#define KERNEL_THERE() l4r_cpu()->avx2
#include "impl/blis/kernels/body.h"
#include "impl/blis/kernels/narrow_body.h"
#endif
