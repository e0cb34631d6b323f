/* SPDX-License-Identifier: BSD-3-Clause */
/* The training kernels for AVX2 with FMA. */
#if defined(__x86_64__)
#include "impl/simd/avx2.h"
#include "impl/train/layers/kernels/kernels.h"
#include "impl/train/layers/plan.h"

#define TILE_ROWS    6
#define ATTEND_ROWS  4
#define KERNEL_TABLE l4r_layer_kernels_avx2
#include "impl/train/layers/kernels/body.h"
#endif
