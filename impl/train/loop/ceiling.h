/* SPDX-License-Identifier: BSD-3-Clause */
/* Measures the best speed of the machine beside the training. */
#ifndef L4R_TRAIN_LOOP_CEILING_H
#define L4R_TRAIN_LOOP_CEILING_H

#include "impl/train/loop/run.h"

/* Measure the sgemm ceiling at a session's begin, and at an epoch's end when that is due and time
 * is left. l4r_train_ceiling returns the ceiling of the epoch between, in GFLOP/s, 0 when it was
 * not to be measured. */
int l4r_train_ceiling_begin(struct l4r_train_run *run);
int l4r_train_ceiling_again(struct l4r_train_run *run);
double l4r_train_ceiling(const struct l4r_train_run *run);

#endif
