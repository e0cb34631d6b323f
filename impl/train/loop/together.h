/* SPDX-License-Identifier: BSD-3-Clause */
/* What the ranks of a training agree on outside a step: that they were begun alike, when to stop,
 * where to begin, and that their weights are the same. With one rank every call does nothing but
 * return what this rank says. All are collective. */
#ifndef L4R_TRAIN_LOOP_TOGETHER_H
#define L4R_TRAIN_LOOP_TOGETHER_H

#include "impl/train/loop/run.h"

/* Compares settings, data, bounds, threads and the set of instructions of every rank with those of
 * rank 0. L4R_USAGE on all where they differ; the message names rank, host and what differs. */
int l4r_train_agree(const struct l4r_train_run *run);

/* What is to be done before the next step. */
struct l4r_train_vote {
  int64_t interrupted; /* in: a signal has come here; out: to any rank */
  int64_t out_of_time; /* of rank 0, whose clock counts */
  int64_t checkpoint;  /* of rank 0 */
};
int l4r_train_ask(const struct l4r_train_run *run, struct l4r_train_vote *vote);

/* Copies rank 0's counters to all ranks; and with them all that a checkpoint holds. */
int l4r_train_share_counters(struct l4r_train_run *run);
int l4r_train_share_state(struct l4r_train_run *run);

/* Compares the parameters of all ranks bit for bit, by a hash. L4R_CHECK on all where they differ;
 * the message names the ranks. */
int l4r_train_check_alike(const struct l4r_train_run *run);

#endif
