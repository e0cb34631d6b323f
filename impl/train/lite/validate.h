/* SPDX-License-Identifier: BSD-3-Clause */
/* Accuracy on the validation part, for the choice of an epoch. */
#ifndef L4R_TRAIN_LITE_VALIDATE_H
#define L4R_TRAIN_LITE_VALIDATE_H

#include "impl/train/lite/task.h"

/* validate of struct l4r_train_task; state is a struct l4r_lite_task. */
int l4r_lite_validate(void *state, struct l4r_team *team, const float *values,
                      struct l4r_validation *validation);

#endif
