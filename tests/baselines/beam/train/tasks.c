/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/baselines/beam/train/tasks.h"

#include "baselines/beam/train/epoch.h"
#include "baselines/beam/train/step.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <string.h>

void beam_task_of(struct l4r_beam_train_options *options, struct l4r_model_config *config,
                  struct beam_task *task) {
  l4r_blas_open();
  options->train.epochs = 1;
  options->config.dropout = 0;
  *config = options->config;
  cr_assert_eq(l4r_beam_task_open(options, config, task), L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(l4r_beam_draw_epoch(task, 1, 0), L4R_OK);
}

double beam_step_of(struct beam_task *task, const float *values, float *gradients) {
  memset(gradients, 0, (size_t)task->tensors.floats * sizeof *gradients);
  struct l4r_train_step step = {.seed = 1, .values = values, .gradients = gradients};
  cr_assert_eq(l4r_beam_forward_backward(task, task->options->train.team, &step), L4R_OK, "%s",
               l4r_error_message());
  cr_assert_eq(step.targets, task->step_targets);
  cr_assert(step.flops > 0);
  return step.loss;
}
