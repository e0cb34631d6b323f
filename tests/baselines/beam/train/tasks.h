/* SPDX-License-Identifier: BSD-3-Clause */
/* A training of the beam kinds whose steps a test makes itself. */
#ifndef L4R_TESTS_BEAM_TRAIN_TASKS_H
#define L4R_TESTS_BEAM_TRAIN_TASKS_H

#include "baselines/beam/train/task.h"

/* Opens a task of these options without dropout and draws its first epoch; *config outlives it. */
void beam_task_of(struct l4r_beam_train_options *options, struct l4r_model_config *config,
                  struct beam_task *task);
/* Fills gradients, which are as long as all tensors, by the first step and returns its loss. */
double beam_step_of(struct beam_task *task, const float *values, float *gradients);

#endif
