/* SPDX-License-Identifier: BSD-3-Clause */
/* Training on several ranks (impl/comm/comm.h). A step's work is shared out among the workers of
 * all ranks as it is among those of one team: rank r of R with teams of T has the workers r T to
 * r T + T - 1 of R T. Every rank draws the whole step and so knows what the others do; streams
 * depend on a worker's number among all. Gradients are summed over a rank's workers in their order,
 * then over ranks in theirs, and every rank makes the same update.
 *
 * One rank takes the same path: calls that would reach others return at once, and bits are those of
 * a training that knows no ranks. Main thread only, which is worker 0 of its team. */
#ifndef L4R_TRAIN_LOOP_RANKS_H
#define L4R_TRAIN_LOOP_RANKS_H

#include "impl/base/team.h"
#include "impl/comm/comm.h"

#include <stddef.h>

struct l4r_train_ranks {
  struct l4r_comm *comm; /* borrowed; NULL with one rank */
  enum l4r_wire wire;    /* of gradients and what leads to them */
  int rank, size;
  int first, workers; /* number of this rank's first worker, and of all ranks' workers together */
};

/* comm NULL: one rank. Teams are of one size on all ranks (l4r_train_agree sees to it). Pure. */
struct l4r_train_ranks l4r_train_ranks_of(struct l4r_comm *comm, enum l4r_wire wire,
                                          const struct l4r_team *team);

/* Add up values over ranks, on all of them: l4r_comm_sum with the ranks' wire, and in double. */
int l4r_ranks_sum(const struct l4r_train_ranks *ranks, float *values, int64_t count);
int l4r_ranks_sum_double(const struct l4r_train_ranks *ranks, double *values, int64_t count);
/* Copies rank 0's bytes to all. */
int l4r_ranks_broadcast(const struct l4r_train_ranks *ranks, void *data, int64_t bytes);
/* Moves what sums under way wait for, while this rank computes. */
int l4r_ranks_advance(const struct l4r_train_ranks *ranks);

/* Rank 0 makes files that the others read. Others wait in begin until rank 0 has come to end. */
int l4r_ranks_after_first_begin(const struct l4r_train_ranks *ranks);
int l4r_ranks_after_first_end(const struct l4r_train_ranks *ranks);

/* Compares `bytes` of content with rank 0's, by a hash: sets *other to the first rank that has
 * something else, -1 where all have the same. */
int l4r_ranks_compare(const struct l4r_train_ranks *ranks, const void *content, size_t bytes,
                      int *other);

#endif
