/* SPDX-License-Identifier: BSD-3-Clause */
/* Measures the cost of the way to another process and back when nobody computes there. */
#ifndef L4R_PEERS_ECHO_H
#define L4R_PEERS_ECHO_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>

/* Sends lines as long as the longer of `asked` and `answered` bytes to cat(1) on these processors
 * and reads them back, and reads and writes JSON of that size on both sides. Returns the median of
 * some turns in nanoseconds. L4R_ENVIRONMENT where there is no cat. */
int l4r_echo_measure(const cpu_set_t *processors, size_t asked, size_t answered, int64_t *ns);

#endif
