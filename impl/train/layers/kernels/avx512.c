/* SPDX-License-Identifier: BSD-3-Clause */
/* The training kernels for AVX-512 (F, DQ, BW, VL). */
#if defined(__x86_64__)
#include "impl/simd/avx512.h"
#include "impl/train/layers/kernels/kernels.h"
#include "impl/train/layers/plan.h"

#define TILE_ROWS    8
#define ATTEND_ROWS  8
#define KERNEL_TABLE l4r_layer_kernels_avx512
#include "impl/train/layers/kernels/body.h"
#endif
