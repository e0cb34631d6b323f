/* SPDX-License-Identifier: BSD-3-Clause */
/* Determines how much memory is available. */
#ifndef L4R_BASE_AVAILABLE_H
#define L4R_BASE_AVAILABLE_H

#include <stdint.h>

/* Returns how many bytes this process could still take without being killed for it: the least of
 * what the machine, its control group's limit and its own limit leave. -1 where none of them can be
 * read. It is a snapshot, because others take memory too. */
int64_t l4r_memory_available(void);
/* Returns how many bytes of memory this process holds now; 0 where the kernel does not say. */
int64_t l4r_memory_resident(void);
/* Returns L4R_ENVIRONMENT, naming `what` and both figures in bytes, when less than `bytes` is
 * available. */
int l4r_memory_check(double bytes, const char *what);

#endif
