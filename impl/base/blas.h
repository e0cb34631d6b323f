/* SPDX-License-Identifier: BSD-3-Clause */
/* BLIS, set up once. BLIS chooses its kernels by brand string and processor family and is wrong on
 * guests and on families younger than itself; here they follow what the processor can do
 * (impl/base/blas_choice.h), and programs that measure hold that against a measurement. */
#ifndef L4R_BASE_BLAS_H
#define L4R_BASE_BLAS_H

#include "impl/base/blas_choice.h"

struct l4r_blas_choice {
  char kernels[24]; /* the set in use: "skx", "zen3", "haswell", "generic", ... */
  char asked[24];   /* the set that BLIS was asked for; "" where it chose itself */
  char because[96];
  int measured; /* number of sets compared by sgemm of one core */
  struct {
    const char *name;
    double gflops; /* 0: it did not run */
  } speed[L4R_BLAS_CANDIDATES];
};

/* Initialises BLIS (first call only; any thread) and returns the name of the kernel set in use.
 * Must precede every other use of BLIS in the process, and should be called before threads start,
 * since it edits the environment for a moment: BLIS_ARCH_TYPE, if a user has set it, is removed
 * with a warning, because it would silently change what is measured; then it is set, and removed
 * again, for the set that is asked of BLIS. It warns when BLIS answers with another set than it was
 * asked for. */
const char *l4r_blas_open(void);

/* Returns the name of the i-th set (from 0) that this processor runs and the installed BLIS has,
 * the one that cpuid suggests first; static. NULL behind the last. Any thread. */
const char *l4r_blas_set(int i);

#define L4R_BLAS_VARIABLE "LITE4REC_BLIS"
/* The same for programs that measure: before BLIS is up, the processor's candidates multiply in
 * child processes for some ten milliseconds each, and one that is a tenth faster than what cpuid
 * says is taken instead; where there is one set alone, that is measured. Where BLIS is up already,
 * it only tells what was chosen. Call it before there are threads. It puts the answer into
 * L4R_BLAS_VARIABLE, so that processes started from here agree with it. A user may set that
 * variable to one of the candidates; then that one is taken and a message says so. The pointer
 * stays valid. */
const struct l4r_blas_choice *l4r_blas_choose(void);

#endif
