/* SPDX-License-Identifier: BSD-3-Clause */
/* How much of a test that tries every case is run. Under valgrind and by emulation a processor is
 * ten to fifty times slower, and such tests would take minutes each; there they take every N-th
 * case (LITE4REC_TESTS_EVERY=N, which the Makefile's targets set and say). */
#ifndef L4R_TESTS_SUPPORT_EVERY_H
#define L4R_TESTS_SUPPORT_EVERY_H

/* N; 1 where the variable is not set. */
int test_every(void);

#endif
