/* SPDX-License-Identifier: BSD-3-Clause */
/* Which processors ranks may use. */
#ifndef L4R_COMM_PROCESSORS_H
#define L4R_COMM_PROCESSORS_H

#include "impl/comm/comm.h"

#include <sched.h>

/* Every rank's processors, as the kernel lets it use them now, into all[size], on all ranks. A call
 * of all ranks. L4R_ENVIRONMENT where a rank cannot tell its own or is gone. */
int l4r_comm_processors(struct l4r_comm *comm, cpu_set_t *all);
/* 1 for the ranks of this rank's host, itself among them. Pure. */
int l4r_comm_is_here(const struct l4r_comm *comm, int rank);

#endif
