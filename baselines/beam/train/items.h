/* SPDX-License-Identifier: BSD-3-Clause */
/* lite-beam: the item vectors of samples, and their gradients. */
#ifndef L4R_BASELINES_BEAM_TRAIN_ITEMS_H
#define L4R_BASELINES_BEAM_TRAIN_ITEMS_H

#include "baselines/beam/train/state.h"

/* Opens task->items; the task's tokenizer reads their texts. */
int l4r_beam_items_open(struct beam_task *task);
/* Lists the step's distinct items and makes them ready to be encoded. */
int l4r_beam_items_prepare(struct beam_task *task, const struct l4r_train_step *step);
/* Copies the vectors of samples first .. end-1 into the worker's pass, and the pass's gradients
 * back. */
void l4r_beam_items_gather(const struct beam_task *task, struct beam_worker *own, int64_t first,
                           int64_t end);
void l4r_beam_items_scatter(const struct beam_task *task, int worker, int64_t first, int64_t end);

#endif
