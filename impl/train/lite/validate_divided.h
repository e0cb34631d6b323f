/* SPDX-License-Identifier: BSD-3-Clause */
/* Validation of a training in which ranks divide the item table. No rank has all scores of a user:
 * users are encoded by one rank each, their states go to all, each rank counts which of its items
 * stand before the held-out one, and the counts are added up. */
#ifndef L4R_TRAIN_LITE_VALIDATE_DIVIDED_H
#define L4R_TRAIN_LITE_VALIDATE_DIVIDED_H

#include "impl/train/lite/task.h"

/* Allocate and free what the call below needs. */
int l4r_lite_judged_open(struct l4r_lite_task *lite);
void l4r_lite_judged_close(struct l4r_lite_task *lite);

/* As l4r_lite_validate, and the same result but for the rounding of scores. Collective. */
int l4r_lite_validate_divided(struct l4r_lite_task *lite, struct l4r_team *team,
                              const float *values, struct l4r_validation *validation);

#endif
