/* SPDX-License-Identifier: BSD-3-Clause */
/* Brings files of all hosts together. */
#ifndef L4R_BENCH_FLEET_FILES_H
#define L4R_BENCH_FLEET_FILES_H

#include "impl/comm/comm.h"

/* Writes the files that each rank names (base names of its folder `from`, one a line, in the order
 * in which they are to appear) into rank 0's folder to/NAME, NAME being l4r_fleet_name. Each is
 * there whole or not at all; one that is there already with the same content, as on a file system
 * that the hosts share, stays. L4R_ENVIRONMENT on all ranks where a file cannot be read or written,
 * with the message on rank 0, which names the host; the others are gathered all the same.
 * Collective. */
int l4r_fleet_files(struct l4r_comm *comm, const char *from, const char *names, const char *to);

#endif
