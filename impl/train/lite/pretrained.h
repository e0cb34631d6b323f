/* SPDX-License-Identifier: BSD-3-Clause */
/* What a pretrained Item LLM says of the catalogue before training begins. */
#ifndef L4R_TRAIN_LITE_PRETRAINED_H
#define L4R_TRAIN_LITE_PRETRAINED_H

#include "impl/train/lite/task.h"

/* Implements prepare of struct l4r_train_task; state is a struct l4r_lite_task. Behind an adapter
 * it fills the values that are not trained (a frozen encoder, the whitening), and the vectors that
 * the items keep, unless a checkpoint brought them. They are computed by the stack blis in fp32,
 * once for a folder, data set and length of texts: then they stand in this user's cache folder. */
int l4r_lite_prepare(void *state, struct l4r_team *team, float *values, int resumed);

#endif
