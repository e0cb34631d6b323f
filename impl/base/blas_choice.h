/* SPDX-License-Identifier: BSD-3-Clause */
/* Which of BLIS's kernels a processor should run, by what it says of itself (cpuid), not by its
 * name or by a list of families that ends before it. */
#ifndef L4R_BASE_BLAS_CHOICE_H
#define L4R_BASE_BLAS_CHOICE_H

#include "impl/base/cpu.h"

enum { L4R_BLAS_CANDIDATES = 3 };

struct l4r_blas_candidates {
  int count;                             /* 0: BLIS's own choice is as good as any */
  const char *name[L4R_BLAS_CANDIDATES]; /* BLIS's names of kernel sets, the expected best first;
                                            each can run on the processor */
  const char *because;                   /* of the first */
};

/* Pure. `has` tells whether the BLIS at hand was built with a set; those it lacks are not offered.
 */
struct l4r_blas_candidates l4r_blas_candidates_of(const struct l4r_cpu *cpu,
                                                  int (*has)(const char *name));

#endif
