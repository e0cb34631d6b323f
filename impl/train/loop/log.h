/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes training.jsonl and the lines for the terminal. */
#ifndef L4R_TRAIN_LOOP_LOG_H
#define L4R_TRAIN_LOOP_LOG_H

#include "impl/train/loop/run.h"

/* Cuts training.jsonl to the lines that the counters know (none: removes it). */
int l4r_train_log_cut(const struct l4r_train_run *run);
/* Adds the epoch's line and prints it. fraction: share of the epoch's steps that were done. */
int l4r_train_log_epoch(struct l4r_train_run *run, const struct l4r_validation *validation,
                        double rate, double fraction, int better);
void l4r_train_log_step(const struct l4r_train_run *run, double loss, int64_t steps);

#endif
