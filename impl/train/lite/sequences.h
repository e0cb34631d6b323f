/* SPDX-License-Identifier: BSD-3-Clause */
/* Draws the windows of an epoch and of a step, and finds what validation reads of a user. */
#ifndef L4R_TRAIN_LITE_SEQUENCES_H
#define L4R_TRAIN_LITE_SEQUENCES_H

#include "impl/train/lite/task.h"

/* Draws the epoch's windows from (seed, epoch). L4R_INPUT when there are none. */
int l4r_lite_draw_epoch(struct l4r_lite_task *lite, uint64_t seed, int64_t epoch);
int64_t l4r_lite_steps(const struct l4r_lite_task *lite);
/* Fills lite->step and the step's items: which of them are encoded and by whom, and which worker
 * has which windows. Changes nothing else but the order of the step's windows. */
void l4r_lite_prepare_step(struct l4r_lite_task *lite, int64_t step);
/* Points item to the user's last training items, the oldest first and as many as the model reads,
 * in the data set's memory; returns how many there are, 0 for a user without any. */
int64_t l4r_lite_last_items(const struct l4r_lite_task *lite, int64_t user, const l4r_item **item);

#endif
