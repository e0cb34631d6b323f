/* SPDX-License-Identifier: BSD-3-Clause */
/* Tests of impl/comm that several ranks run together. */
#ifndef L4R_TESTS_MPI_RANKS_H
#define L4R_TESTS_MPI_RANKS_H

#include "impl/comm/comm.h"

#include <stdint.h>

extern int64_t ranks_failed; /* checks that did not hold on this rank */

void ranks_check(const struct l4r_comm *comm, int holds, const char *text, const char *file,
                 int line);
#define CHECK(condition) ranks_check(comm, (condition) != 0, #condition, __FILE__, __LINE__)

/* A number in [0, 2^31) that every rank knows of every rank. Pure. */
uint32_t ranks_number(int rank, int64_t i);
/* Such a float; of so different sizes that the order in which they are added shows. */
float ranks_float(int rank, int64_t i);

void ranks_test_bytes(struct l4r_comm *comm);
void ranks_test_numbers(struct l4r_comm *comm);
void ranks_test_sums(struct l4r_comm *comm);
/* Messages above 2^31 bytes. */
void ranks_test_large(struct l4r_comm *comm);
/* Ends badly in the way that the word says, on the last rank; 0 where it is not known. */
int ranks_end_badly(struct l4r_comm *comm, const char *how);

#endif
