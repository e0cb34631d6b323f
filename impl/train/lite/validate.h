/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes accuracy on the validation part, by which an epoch is chosen. */
#ifndef L4R_TRAIN_LITE_VALIDATE_H
#define L4R_TRAIN_LITE_VALIDATE_H

#include "impl/train/lite/task.h"

/* Implements validate of struct l4r_train_task; state is a struct l4r_lite_task. */
int l4r_lite_validate(void *state, struct l4r_team *team, const float *values,
                      struct l4r_validation *validation);

#endif
