/* SPDX-License-Identifier: BSD-3-Clause */
/* BLIS, set up once. BLIS chooses its kernels by processor family; a family younger than the
 * library (AMD's 1Ah with Debian 12's BLIS 0.9.0, for one) gets the portable "generic" kernels,
 * which are five to six times slower than those the processor could run. */
#ifndef L4R_BASE_BLAS_H
#define L4R_BASE_BLAS_H

/* Initialises BLIS (first call only; any thread) and returns the name of the kernel set in use:
 * "skx", "zen3", "haswell", "generic", ... Must precede every other use of BLIS in the process, and
 * should be called before threads start, since it edits the environment for a moment:
 * BLIS_ARCH_TYPE, if a user has set it, is removed with a warning, because it would silently change
 * what is measured; then it is set, and removed again, where BLIS would not know the processor. */
const char *l4r_blas_open(void);

#endif
