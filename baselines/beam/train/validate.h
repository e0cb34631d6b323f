/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes accuracy on a sample of the validation part, by which an epoch is chosen. */
#ifndef L4R_BASELINES_BEAM_TRAIN_VALIDATE_H
#define L4R_BASELINES_BEAM_TRAIN_VALIDATE_H

#include "baselines/beam/train/state.h"

/* Draws the users for validation. */
int l4r_beam_draw_users(struct beam_task *task, uint64_t seed);
/* Implements validate of struct l4r_train_task; state is a struct beam_task. */
int l4r_beam_validate(void *state, struct l4r_team *team, const float *values,
                      struct l4r_validation *validation);

#endif
