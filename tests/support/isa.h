/* SPDX-License-Identifier: BSD-3-Clause */
/* The set of instructions that a whole test program is held to (isa.c). */
#ifndef TESTS_SUPPORT_ISA_H
#define TESTS_SUPPORT_ISA_H

#define TEST_ISA_VARIABLE                                                                          \
  "LITE4REC_TESTS_ISA" /* set by tests/run.sh --isa, read by isa.c alone                           \
                        */

#endif
