/* SPDX-License-Identifier: BSD-3-Clause */
/* Instantiates the inner loops for each set of instructions and picks one at run time, so that one
 * binary runs everywhere without a global -march. The double copies exist for finite differences
 * only and take the portable table. */
#include "impl/train/layers/kernels.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define L4R_JOIN_(a, b) a##_##b
#define L4R_JOIN(a, b)  L4R_JOIN_(a, b)
#define FN(name)        L4R_JOIN(name, L4R_ISA)

#if defined(__x86_64__) && !defined(L4R_DOUBLE)
#include <immintrin.h>

#define L4R_ISA    avx512
#define L4R_BYTES  64
#define L4R_TILE   8
#define L4R_TARGET __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")))
#include "impl/train/layers/vector.inc.h"
#include "impl/train/layers/rows.inc.h"
#include "impl/train/layers/attend.inc.h"
#undef L4R_ISA
#undef L4R_BYTES
#undef L4R_TILE
#undef L4R_TARGET

#define L4R_ISA    avx2
#define L4R_BYTES  32
#define L4R_TILE   4
#define L4R_TARGET __attribute__((target("avx2,fma")))
#include "impl/train/layers/vector.inc.h"
#include "impl/train/layers/rows.inc.h"
#include "impl/train/layers/attend.inc.h"
#undef L4R_ISA
#undef L4R_BYTES
#undef L4R_TILE
#undef L4R_TARGET
#endif

#define L4R_ISA   plain
#define L4R_BYTES 16
#define L4R_TILE  4
#define L4R_TARGET
#include "impl/train/layers/vector.inc.h"
#include "impl/train/layers/rows.inc.h"
#include "impl/train/layers/attend.inc.h"

const struct l4r_layer_kernels *l4r_layer_kernels_at(int index) {
  const struct l4r_layer_kernels *table[3];
  int count = 0;
#if defined(__x86_64__) && !defined(L4R_DOUBLE)
  int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    table[count++] = &kernels_avx512;
  if (avx2) table[count++] = &kernels_avx2;
#endif
  table[count++] = &kernels_plain;
  return index >= 0 && index < count ? table[index] : NULL;
}

const struct l4r_layer_kernels *l4r_layer_kernels(void) {
  return l4r_layer_kernels_at(0);
}
