/* SPDX-License-Identifier: BSD-3-Clause */
/* A run with an arm whose catalogue is divided among ranks (shards=R). Rank 0 measures as ever; the
 * others hold their shard of whatever it opens, until the run ends.
 *
 *   rank 0: run --fork--> child, which measures; it reaches the others through its parent
 *   rank 1: serves       (impl/lite/shard_serve.h)
 *
 * A child is no rank itself, for a rank joins once and children are new in every round. While it
 * computes its parent sleeps on a socket; while nothing is open the others rest. */
#ifndef L4R_BENCH_RUN_RANKS_H
#define L4R_BENCH_RUN_RANKS_H

#include "bench/record/record.h"
#include "bench/run/session/arm.h"

struct l4r_comm;

/* 1 when one of the arms has the option shards, and the engine is none of somebody else. */
int l4r_ranks_wanted(const struct l4r_arm *arms, int count);

/* Makes the ranks of `comm`, which outlives them, those of the run's divided catalogues. On rank 0
 * it returns with *served 0, and l4r_ranks_end is called when the run is over, whatever became of
 * it. On the others it returns with *served 1 when rank 0 is done, and this process has nothing
 * more to do or to say. Ranks of one host that may use the same processors divide them by the
 * policy `pin`, but for "none". A failure, of which too few cores are one, ends all ranks with its
 * message (l4r_comm_end); it returns only where there is one rank. */
int l4r_ranks_begin(struct l4r_comm *comm, const char *pin, int *served);
void l4r_ranks_end(void);

/* Around the fork of a child: a pair of sockets, -1 where there are no other ranks; the child's end
 * of it, in the child; and what the parent does until the child has ended. l4r_ranks_serve ends all
 * ranks when they can no longer be kept in step. */
int l4r_ranks_pair(int pair[2]);
void l4r_ranks_give(const int pair[2]);
void l4r_ranks_serve(int pair[2]);
/* In the child, before an engine is opened: takes what l4r_ranks_give gave. */
void l4r_ranks_take(void);

/* Fills the record's `ranks` from its rounds, each of which served a sample of users so often as
 * its permutations say; nothing where the rounds know of no ranks. */
int l4r_ranks_fill(int64_t sample, struct l4r_record *record);

#endif
