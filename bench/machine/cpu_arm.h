/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of Arm's implementers and parts. */
#ifndef L4R_BENCH_MACHINE_CPU_ARM_H
#define L4R_BENCH_MACHINE_CPU_ARM_H

#include <stddef.h>

/* "Arm Neoverse N1", "Arm, part 0xfff", "implementer 0x99 part 0x001". */
void l4r_cpu_arm_name(int implementer, int part, char *out, size_t size);

#endif
