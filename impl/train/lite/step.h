/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes loss and gradients of one step. */
#ifndef L4R_TRAIN_LITE_STEP_H
#define L4R_TRAIN_LITE_STEP_H

#include "impl/train/lite/task.h"

/* Decides what of a step's gradients is summed over ranks, and when; tensors, items and sizes must
 * be known. */
void l4r_lite_step_open(struct l4r_lite_task *lite);
/* Implements forward_backward of struct l4r_train_task; state is a struct l4r_lite_task. */
int l4r_lite_forward_backward(void *state, struct l4r_team *team, struct l4r_train_step *step);

#endif
