/* SPDX-License-Identifier: BSD-3-Clause */
/* One step of a training, and what is done with the values between steps. All are collective where
 * there are several ranks. */
#ifndef L4R_TRAIN_LOOP_STEP_H
#define L4R_TRAIN_LOOP_STEP_H

#include "impl/train/loop/run.h"

/* Returns the learning rate of the next update, in an epoch of so many steps. Pure. */
double l4r_train_rate(const struct l4r_train_run *run, int64_t steps);
/* Loss, gradients and update of the next of an epoch's `steps`; counts it, and sets *loss.
 * L4R_CHECK where a value is not finite: the message names step, tensor and the last checkpoint. */
int l4r_train_one_step(struct l4r_train_run *run, int64_t steps, double *loss);
/* Ranks the validation items with the present values, and measures how long that takes. */
int l4r_train_validate(struct l4r_train_run *run, struct l4r_validation *validation);
/* Rank 0 writes the checkpoint, unless values are broken already (L4R_CHECK). */
int l4r_train_checkpoint(struct l4r_train_run *run);

#endif
