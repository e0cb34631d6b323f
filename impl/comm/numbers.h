/* SPDX-License-Identifier: BSD-3-Clause */
/* A few numbers of every rank, and what they make together. Included by comm.h, which says what
 * holds for all calls. Every rank receives those of all: for more floats there is sum.h. */
#ifndef L4R_COMM_NUMBERS_H
#define L4R_COMM_NUMBERS_H

#include <stdint.h>

struct l4r_comm;

/* Every rank's number into all[size], on all. */
int l4r_comm_share_int(struct l4r_comm *comm, int64_t mine, int64_t *all);
/* Replace values[count] by the sums over the ranks (integers wrap; doubles are added in the order
 * of the ranks), or by the largest. */
int l4r_comm_sum_int(struct l4r_comm *comm, int64_t *values, int64_t count);
int l4r_comm_sum_double(struct l4r_comm *comm, double *values, int64_t count);
int l4r_comm_max_int(struct l4r_comm *comm, int64_t *values, int64_t count);

#endif
