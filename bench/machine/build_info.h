/* SPDX-License-Identifier: BSD-3-Clause */
/* The program that a record was made with. */
#ifndef L4R_BENCH_MACHINE_BUILD_INFO_H
#define L4R_BENCH_MACHINE_BUILD_INFO_H

/* The compiler, its flags and the commit ("-dirty" where the tree differed; "" outside git), as the
 * Makefile gives them. */
extern const char *const l4r_build_compiler, *const l4r_build_flags, *const l4r_build_git,
                                                                         *const l4r_version;

#endif
