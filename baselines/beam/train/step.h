/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes loss and gradients of one step. */
#ifndef L4R_BASELINES_BEAM_TRAIN_STEP_H
#define L4R_BASELINES_BEAM_TRAIN_STEP_H

#include "baselines/beam/train/state.h"

/* Implements forward_backward of struct l4r_train_task; state is a struct beam_task. */
int l4r_beam_forward_backward(void *state, struct l4r_team *team, struct l4r_train_step *step);

/* Finds what of a step's gradients can be sent early; the task's tensors must be known. */
void l4r_beam_step_open(struct beam_task *task);
/* Moves gradients that are on their way to other ranks, from within worker 0's backward pass; state
 * is a struct beam_task. */
void l4r_beam_advance(void *state);

#endif
