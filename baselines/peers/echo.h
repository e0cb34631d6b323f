/* SPDX-License-Identifier: BSD-3-Clause */
/* What the way to another process and back costs when nobody computes there. */
#ifndef L4R_PEERS_ECHO_H
#define L4R_PEERS_ECHO_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>

/* Sends lines of `asked` or `answered` bytes, the longer, to cat(1) on these processors and takes
 * them back, and reads and writes JSON of that many bytes on both sides: the median of some turns,
 * in nanoseconds. L4R_ENVIRONMENT where there is no cat. */
int l4r_echo_measure(const cpu_set_t *processors, size_t asked, size_t answered, int64_t *ns);

#endif
