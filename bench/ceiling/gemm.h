/* SPDX-License-Identifier: BSD-3-Clause */
/* Products of the models' shapes by this project's kernels and by the BLAS libraries that a user
 * could link instead, in one run: engines take turns within a round, medians are over the rounds.
 */
#ifndef L4R_BENCH_CEILING_GEMM_H
#define L4R_BENCH_CEILING_GEMM_H

#include "bench/ceiling/gemm_libraries.h"

#include <stdint.h>

enum { L4R_GEMM_ROUNDS_MAX = 32 };
struct l4r_gemm_bench {
  int threads;
  const int *processor;  /* [threads] that the workers of this project's kernels are bound to */
  const char *precision; /* of this project's kernels ("bf16", as struct l4r_stack_options); NULL:
                            fp32, which is always that of the libraries */
  int64_t rounds;        /* at most L4R_GEMM_ROUNDS_MAX */
  double seconds;        /* of a measurement, at least */
};

struct l4r_gemm_speed {
  double own;                         /* GFLOP/s, median of the rounds */
  double library[L4R_GEMM_LIBRARIES]; /* the same */
  double ratio[L4R_GEMM_LIBRARIES];   /* median of own / library within a round */
  enum l4r_gemm_layout layout[L4R_GEMM_LIBRARIES];
  double differs; /* largest difference of any result from this project's, relative to the largest
                     result */
};

/* Measures one shape. Weights of this project's kernels are packed once, before; a library packs
 * on every call, as its interface has it. L4R_ENVIRONMENT when memory is short, L4R_USAGE for a
 * shape below 1, and for an unknown precision. */
int l4r_bench_gemm(const struct l4r_gemm_bench *bench, const struct l4r_gemm_shape *shape,
                   const struct l4r_gemm_library *library, int libraries,
                   struct l4r_gemm_speed *speed);

#endif
