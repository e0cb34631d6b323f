/* SPDX-License-Identifier: BSD-3-Clause */
/* Chooses BLIS kernels for a processor by its features (cpuid), not by its name or by a list of
 * known families. */
#ifndef L4R_BASE_BLAS_CHOICE_H
#define L4R_BASE_BLAS_CHOICE_H

#include "impl/base/cpu.h"

enum { L4R_BLAS_CANDIDATES = 4 };

struct l4r_blas_candidates {
  int count;                             /* 0: nothing is better than BLIS's own choice */
  const char *name[L4R_BLAS_CANDIDATES]; /* BLIS's names of kernel sets that can run on the
                                            processor, the one expected to be fastest first */
  const char *because;                   /* reason for the first */
};

/* `has` tells whether the installed BLIS has a set; those that it lacks are left out. Pure. */
struct l4r_blas_candidates l4r_blas_candidates_of(const struct l4r_cpu *cpu,
                                                  int (*has)(const char *name));

#endif
