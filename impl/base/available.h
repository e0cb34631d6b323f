/* SPDX-License-Identifier: BSD-3-Clause */
/* How much memory there is to have. */
#ifndef L4R_BASE_AVAILABLE_H
#define L4R_BASE_AVAILABLE_H

#include <stdint.h>

/* Returns how many bytes this process could still take without being killed for it: the least of
 * what the machine, its control group's limit and its own limit leave. -1 where none of them can be
 * read. It is a snapshot, because others take memory too. */
int64_t l4r_memory_available(void);
/* L4R_ENVIRONMENT, naming `what` and both figures in bytes, when that is less than `bytes`. */
int l4r_memory_check(double bytes, const char *what);

#endif
