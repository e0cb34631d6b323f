/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs a training from its options to the model folder. */
#include "baselines/beam/train/train.h"

#include "baselines/beam/ids/semantic.h"
#include "baselines/beam/train/epoch.h"
#include "baselines/beam/train/step.h"
#include "baselines/beam/train/task.h"
#include "baselines/beam/train/validate.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/model/pretrained_copy.h"

#include <stdio.h>

static int initialise(void *state, float *values) {
  const struct beam_task *task = state;
  const struct l4r_pretrained *init = task->options->init;
  return init ? l4r_pretrained_copy(init, task->config, &task->tensors, values) : L4R_OK;
}

static int begin_epoch(void *state, uint64_t seed, int64_t epoch, int64_t *steps) {
  struct beam_task *task = state;
  int status = l4r_beam_draw_epoch(task, seed, epoch);
  if (!status) *steps = (task->samples + task->batch - 1) / task->batch;
  return status;
}

static int run(struct beam_task *task, int *interrupted) {
  const struct l4r_beam_train_options *options = task->options;
  char settings[320], semantic[64] = "";
  if (task->map.levels)
    snprintf(semantic, sizeof semantic, "levels=%lld codes=%lld kept=%lld ",
             (long long)task->map.levels,
             (long long)(options->codes ? options->codes : L4R_SEMANTIC_CODES),
             (long long)(options->kept ? options->kept : L4R_SEMANTIC_WIDTH));
  snprintf(settings, sizeof settings,
           "%s batch=%lld prefixes=%lld answers=%lld%s validation=%lld clusters=%lld leaf=%lld "
           "%stokenizer=%s",
           l4r_kind_name(task->config->kind), (long long)task->batch, (long long)task->prefixes,
           (long long)task->answers, task->answers_follow ? " in sequence" : "",
           (long long)options->validation_users, (long long)options->clusters,
           (long long)options->leaf, semantic, task->tokenizer_sha256);
  const struct l4r_train_task train = {.state = task,
                                       .config = task->config,
                                       .tensors = &task->tensors,
                                       .users = task->dataset->users,
                                       .settings = settings,
                                       .initialise = initialise,
                                       .begin_epoch = begin_epoch,
                                       .forward_backward = l4r_beam_forward_backward,
                                       .validate = l4r_beam_validate};
  return l4r_train(&train, &options->train, interrupted);
}

int l4r_beam_train(const struct l4r_beam_train_options *options, int *interrupted) {
  struct l4r_model_config config = options->config;
  struct beam_task task;
  *interrupted = 0;
  l4r_blas_open();
  int status = l4r_beam_task_open(options, &config, &task);
  if (!status) status = run(&task, interrupted);
  l4r_beam_task_close(&task);
  return status;
}
