/* SPDX-License-Identifier: BSD-3-Clause */
/* The training kernels for 64-bit Arm. A product's tile of 12 x 8 takes 24 of the 32 registers for
 * sums. */
#if defined(__aarch64__)
#include "impl/simd/neon.h"
#include "impl/train/layers/kernels/kernels.h"
#include "impl/train/layers/plan.h"

#define TILE_ROWS    12
#define ATTEND_ROWS  8
#define KERNEL_TABLE l4r_layer_kernels_neon
#include "impl/train/layers/kernels/body.h"
#endif
