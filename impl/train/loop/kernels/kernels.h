/* SPDX-License-Identifier: BSD-3-Clause */
/* The optimiser's inner loops, one table a set of instructions. All round alike: plain loops
 * without fused multiply-adds, which the compiler turns into the set's vectors, so the same bits
 * come from every set, for any number of workers. Internal to impl/train/loop and its tests. */
#ifndef L4R_TRAIN_LOOP_KERNELS_KERNELS_H
#define L4R_TRAIN_LOOP_KERNELS_KERNELS_H

#include "impl/base/cpu.h"

#include <stdint.h>

struct l4r_adam_rates { /* of one update, worked out once in double */
  float scale, beta1, one_beta1, beta2, one_beta2, step, root2, epsilon, keep;
};

struct l4r_adam_range { /* parts of the flat buffers, [count] each; none overlaps another */
  const float *gradients;
  float *values, *first, *second;
  int64_t count;
};

struct l4r_adam_kernels {
  enum l4r_isa isa;
  /* The sum of squares, in double. */
  double (*squares)(const float *values, int64_t count);
  void (*update)(const struct l4r_adam_rates *rates, const struct l4r_adam_range *range);
};

extern const struct l4r_adam_kernels l4r_adam_kernels_portable;
#if defined(__x86_64__)
extern const struct l4r_adam_kernels l4r_adam_kernels_avx2, l4r_adam_kernels_avx512;
#endif

/* The table of a set, which the processor must have: of L4R_ISA_AMX that of AVX-512, and of
 * L4R_ISA_NEON the portable one, whose loops the compiler turns into Arm's vectors anyway. Pure. */
const struct l4r_adam_kernels *l4r_adam_kernels_of(enum l4r_isa isa);

#endif
