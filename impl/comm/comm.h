/* SPDX-License-Identifier: BSD-3-Clause */
/* The ranks of a run: one process each, begun together by mpirun or srun. A run that nobody began
 * so is one rank, and takes the same path: every call below then does nothing, or copies.
 *
 * Only comm_mpi.c knows MPI; it is compiled with `make MPI=1`. Calls are collective unless they say
 * otherwise: every rank makes them in the same order, on the thread that opened the communicator.
 * Sums are made in the order of the ranks, whatever the network does, so that the same ranks give
 * the same bits. Counts are 64-bit: a message above 2^31 values is sent in parts. A call that fails
 * leaves a message that names the rank and its host, and returns L4R_ENVIRONMENT; the ranks are
 * then no longer in step, and the caller ends by l4r_comm_end with that status. */
#ifndef L4R_COMM_COMM_H
#define L4R_COMM_COMM_H

#include <stdint.h>

struct l4r_comm;

/* Joins the other ranks, or makes a communicator of one where this process was not begun by mpirun
 * or srun. Called once by a process. L4R_USAGE where it was begun with others and the binary was
 * built without MPI; L4R_ENVIRONMENT where MPI does not start. */
int l4r_comm_open(struct l4r_comm **comm);

/* What open would refuse, before anything is begun: L4R_USAGE where this process was begun with
 * others and cannot join them, because the binary was built without MPI or the launcher gave them
 * no way. Not collective. */
int l4r_comm_check(void);

/* Ends this rank: with status 0 it waits for the others and leaves; with another it prints the
 * error message with rank and host and ends every rank at once (MPI_Abort), and does not return
 * where there are several. NULL is allowed. Not collective with a status other than 0. */
void l4r_comm_end(struct l4r_comm *comm, int status);

/* NULL counts as one rank. Not collective. */
int l4r_comm_rank(const struct l4r_comm *comm);
int l4r_comm_size(const struct l4r_comm *comm);
/* The host's name of a rank; ranks of one host have the same. Valid until the end. */
const char *l4r_comm_host(const struct l4r_comm *comm, int rank);
/* This rank's number among those of its host, and how many there are. Either may be NULL. */
void l4r_comm_on_host(const struct l4r_comm *comm, int *rank, int *ranks);

int l4r_comm_barrier(struct l4r_comm *comm);
/* A barrier that sleeps while it waits, where the others spin: for minutes, while somebody
 * measures. It notices the last one some hundredths of a second later. */
int l4r_comm_rest(struct l4r_comm *comm);
int l4r_comm_broadcast(struct l4r_comm *comm, int root, void *data, int64_t bytes);

/* What every rank gives, in the order of the ranks, to `root` (gather) or to all (share).
 * bytes[size] says how many each gives and is the same on all; `all` holds their sum and is read
 * on no other rank than those that receive. */
int l4r_comm_gather(struct l4r_comm *comm, int root, const void *mine, const int64_t *bytes,
                    void *all);
int l4r_comm_share(struct l4r_comm *comm, const void *mine, const int64_t *bytes, void *all);
/* Rank r gets, from each rank s in order, the to[r] bytes that s has for it: `out` holds this
 * rank's parts for rank 0, 1, ... one after another; `from` says how many bytes each rank sends
 * here. */
int l4r_comm_exchange(struct l4r_comm *comm, const void *out, const int64_t *to, void *in,
                      const int64_t *from);

/* Since open, of this rank: bytes handed to others, and time spent in the calls above. */
struct l4r_comm_spent {
  int64_t bytes, messages, wait_ns;
};
void l4r_comm_spent(const struct l4r_comm *comm, struct l4r_comm_spent *spent);

/* "Open MPI 4.1.4", "MPICH 4.0.2", "none: one rank". Not collective. */
const char *l4r_comm_library(const struct l4r_comm *comm);

/* Few numbers of every rank; sums of many floats, at once or while this rank computes on. */
#include "impl/comm/numbers.h"
#include "impl/comm/sum.h"

#endif
