/* SPDX-License-Identifier: BSD-3-Clause */
/* Draws the samples of an epoch and of a step. */
#ifndef L4R_BASELINES_BEAM_TRAIN_EPOCH_H
#define L4R_BASELINES_BEAM_TRAIN_EPOCH_H

#include "baselines/beam/train/state.h"

/* Returns the most samples that an epoch has. Pure. */
int64_t l4r_beam_most_samples(const struct beam_task *task);
/* Draws the epoch's samples from (seed, epoch). L4R_INPUT when no user has two training items. */
int l4r_beam_draw_epoch(struct beam_task *task, uint64_t seed, int64_t epoch);
/* Selects the samples of the step and shares them out among the workers. */
void l4r_beam_prepare_step(struct beam_task *task, int64_t step);
/* Fills the worker's pass with samples from `first` on, before `end`; returns the first left. */
int64_t l4r_beam_fill_pass(struct beam_task *task, struct beam_worker *own, int64_t first,
                           int64_t end);

#endif
