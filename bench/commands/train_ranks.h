/* SPDX-License-Identifier: BSD-3-Clause */
/* `train` begun by mpirun or srun: one rank a process. Rank 0 talks, locks and writes --out, which
 * the others read. With one rank every call does nothing. Collective, but for end with a failure.
 */
#ifndef L4R_BENCH_COMMANDS_TRAIN_RANKS_H
#define L4R_BENCH_COMMANDS_TRAIN_RANKS_H

#include "bench/commands/train_folder.h"
#include "impl/comm/comm.h"

/* Joins the other ranks; all but rank 0 fall silent. L4R_USAGE where ranks run other programs. */
int l4r_train_ranks_open(struct l4r_comm **comm);
/* With status 0 waits for the others; else prints the message and ends all of them, and returns
 * only where there is one rank. Ranks other than 0 wait a second before that: what all found alike
 * is then said once, by rank 0. */
void l4r_train_ranks_close(struct l4r_comm *comm, int status);

/* Copies what rank 0 found in its data set to all. */
int l4r_train_ranks_leaked(struct l4r_comm *comm, int64_t *leaked);
/* After rank 0 has opened its folder: the others learn its path. L4R_ENVIRONMENT where one of them
 * does not see there what rank 0 writes, because --out is not shared. */
int l4r_train_ranks_folder(struct l4r_comm *comm, struct l4r_train_folder *folder);
/* The number of threads of a rank: what was asked for, else as many as leave no processor of its
 * host to two ranks, the same on all. L4R_ENVIRONMENT for more than this process may use. */
int l4r_train_ranks_threads(struct l4r_comm *comm, int64_t asked, int *threads);
/* Rank 0 measures which of BLIS's kernels are the fastest, and all that have them take these: which
 * they are shows in last bits. Before there are threads. */
int l4r_train_ranks_blas(struct l4r_comm *comm);
/* What --precision auto came to on rank 0. L4R_ENVIRONMENT where this processor cannot. */
int l4r_train_ranks_precision(struct l4r_comm *comm, struct l4r_train_options *options);

#endif
