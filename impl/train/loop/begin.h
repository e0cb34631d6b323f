/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes before the first step of a training. */
#ifndef L4R_TRAIN_LOOP_BEGIN_H
#define L4R_TRAIN_LOOP_BEGIN_H

#include "impl/train/loop/run.h"

/* L4R_USAGE for options outside their ranges. */
int l4r_train_check_options(const struct l4r_train_options *options);
/* Takes the run's arrays, which the caller frees (run->block, run->norm) also after a failure. */
int l4r_train_allocate(struct l4r_train_run *run);
/* Draws the initial values, or reads the checkpoint, and prepares the task with them. Collective.
 */
int l4r_train_begin(struct l4r_train_run *run);

#endif
