/* SPDX-License-Identifier: BSD-3-Clause */
/* What the machine could do, measured beside the training. */
#ifndef L4R_TRAIN_LOOP_CEILING_H
#define L4R_TRAIN_LOOP_CEILING_H

#include "impl/train/loop/run.h"

/* Measures the ceiling at a session's begin, and at an epoch's end when that is due and time
 * is left; the ceiling of the epoch between, 0 GFLOP/s when it was not to be measured. */
int l4r_train_ceiling_begin(struct l4r_train_run *run);
int l4r_train_ceiling_again(struct l4r_train_run *run);
struct l4r_peak l4r_train_ceiling(const struct l4r_train_run *run);

#endif
