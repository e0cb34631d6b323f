/* SPDX-License-Identifier: BSD-3-Clause */
/* Gradients of the whole step against finite differences, against what is served, and equal
 * whatever the number of workers. */
#include "baselines/beam/server_open.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/lite/stacks.h"
#include "tests/baselines/beam/chain.h"
#include "tests/baselines/beam/train/tasks.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* With one decoder position, self-attention has nothing to choose from. */
static int is_constant_there(const char *name) {
  static const char *const parts[] = {"SelfAttention.q", "SelfAttention.k",
                                      "SelfAttention.relative"};
  int constant = 0;
  for (int i = 0; i < 3; i++) constant |= !strncmp(name, "decoder.", 8) && strstr(name, parts[i]);
  return constant;
}

static double length_of(const float *values, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; i++) sum += (double)values[i] * (double)values[i];
  return sqrt(sum);
}

/* Slope of the loss along each tensor's own gradient, by the gradient and by differences. */
static void check_slope_of(struct l4r_beam_train_options options) {
  enum l4r_kind kind = options.config.kind;
  struct l4r_model_config config;
  struct beam_task task;
  beam_task_of(&options, &config, &task);
  int64_t floats = task.tensors.floats;
  float *values = l4r_alloc((size_t)floats, sizeof *values, "test");
  float *gradients = l4r_alloc((size_t)floats, sizeof *values, "test");
  float *ignored = l4r_alloc((size_t)floats, sizeof *values, "test");
  l4r_tensors_init(&task.tensors, 3, values);
  double loss = beam_step_of(&task, values, gradients);
  cr_expect(loss > 1 && loss < 100, "loss %g", loss);
  for (int64_t t = 0; t < task.tensors.count; t++) {
    const struct l4r_tensor *tensor = &task.tensors.tensor[t];
    float *part = values + tensor->offset, *gradient = gradients + tensor->offset;
    double norm = length_of(gradient, tensor->count);
    if (kind == L4R_KIND_P5_HEAD && !options.answers_follow && is_constant_there(tensor->name)) {
      cr_expect_eq(norm, 0, "%s", tensor->name);
      continue;
    }
    cr_assert(norm > 0, "%s gets no gradient", tensor->name);
    /* so far that the loss moves by a thousandth, but not by more than a hundredth of the tensor */
    double moved = 1e-3 * loss / norm, length = length_of(part, tensor->count);
    if (length > 0) moved = fmin(moved, 0.01 * length);
    float *kept = l4r_alloc((size_t)tensor->count, sizeof *kept, "test");
    memcpy(kept, part, (size_t)tensor->count * sizeof *kept);
    double side[2];
    for (int s = 0; s < 2; s++) {
      for (int64_t i = 0; i < tensor->count; i++)
        part[i] = kept[i] + (float)((s ? moved : -moved) * gradient[i] / norm);
      side[s] = beam_step_of(&task, values, ignored);
    }
    memcpy(part, kept, (size_t)tensor->count * sizeof *kept);
    l4r_free(kept);
    double slope = (side[1] - side[0]) / (2 * moved);
    cr_expect_float_eq(slope, norm, 0.02 * norm, "%s: gradient %g, differences %g", tensor->name,
                       norm, slope);
  }
  l4r_free(values);
  l4r_free(gradients);
  l4r_free(ignored);
  l4r_beam_task_close(&task);
}

static void check_slope(enum l4r_kind kind, enum l4r_id_form form, int whole_word) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, kind, "model");
  options.config.id_form = form;
  options.config.whole_word = whole_word;
  check_slope_of(options);
  l4r_dataset_close(dataset);
}

/* An answer that follows others, ids that end with a token of the item's own, an output layer of
 * its own. */
Test(beam_train, sequences_have_the_slope_of_the_loss_for_gradient) {
  static const enum l4r_kind kinds[] = {L4R_KIND_P5, L4R_KIND_P5_HEAD, L4R_KIND_LITE_BEAM};
  for (int k = 0; k < 3; k++) {
    struct l4r_dataset *dataset = chain_dataset("data", 0);
    struct l4r_beam_train_options options = chain_options(dataset, kinds[k], "model");
    options.answers = 3;
    options.config.id_scheme = L4R_IDS_COLLABORATIVE;
    options.config.id_form = L4R_IDS_ITEMS;
    options.config.p5.tied = kinds[k] == L4R_KIND_P5_HEAD;
    options.config.rec_llm.tied = 0;
    options.answers_follow = 1;
    check_slope_of(options);
    l4r_dataset_close(dataset);
  }
}

Test(beam_train, p5_gradient_is_the_slope_of_the_loss) {
  check_slope(L4R_KIND_P5, L4R_IDS_DIGITS, 0);
}
Test(beam_train, p5_head_gradient_is_the_slope_of_the_loss) {
  check_slope(L4R_KIND_P5_HEAD, L4R_IDS_DIGITS, 0);
}
Test(beam_train, lite_beam_gradient_is_the_slope_of_the_loss) {
  check_slope(L4R_KIND_LITE_BEAM, L4R_IDS_TOKENS, 0);
}

Test(beam_train, whole_word_gradient_is_the_slope_of_the_loss) {
  check_slope(L4R_KIND_P5, L4R_IDS_TOKENS, 1);
}

/* The loss of one sample, and what a served model says of the same question. */
static void check_served(const struct beam_task *task, const float *values, const char *stack,
                         double loss) {
  struct l4r_model model = {.config = *task->config,
                            .tensors = task->tensors,
                            .weights = {.tensors = &task->tensors, .values = values},
                            .tokenizer = task->tokenizer};
  const struct l4r_beam_server_spec spec = {.model = &model,
                                            .ids = &task->map,
                                            .dataset = task->dataset,
                                            .ops = l4r_stack_find(stack),
                                            .beams = 1,
                                            .trie = L4R_TRIE_ON,
                                            .cached = 1,
                                            .max_batch = 1};
  struct l4r_beam_server *server;
  cr_assert_eq(l4r_beam_server_open(&spec, &server), L4R_OK, "%s", l4r_error_message());
  const struct beam_sample *sample = &task->sample[0];
  int64_t first = task->dataset->train_start[sample->user];
  const struct l4r_request request = {.user = sample->user,
                                      .history = task->dataset->train_item + first,
                                      .length = sample->target - first};
  float score[CHAIN_ITEMS];
  cr_assert_eq(l4r_beam_server_score(server, &request, 1, score), L4R_OK);
  double sum = 0;
  for (int i = 0; i < CHAIN_ITEMS; i++) sum += exp((double)score[i]);
  double served = log(sum) - (double)score[task->dataset->train_item[sample->target] - 1];
  cr_expect_float_eq(served, loss, 1e-5 + 1e-4 * loss, "%s: %g, trained with %g", stack, served,
                     loss);
  l4r_beam_server_close(server);
}

Test(beam_train, whole_words_are_served_as_they_were_trained) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  double loss[2];
  for (int worded = 0; worded < 2; worded++) {
    struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5_HEAD, "model");
    options.batch = 1;
    options.config.whole_word = worded;
    struct l4r_model_config config;
    struct beam_task task;
    beam_task_of(&options, &config, &task);
    task.sample[0].wording = L4R_PROMPT_SERVED;
    int64_t floats = task.tensors.floats;
    float *values = l4r_alloc((size_t)floats, sizeof *values, "test");
    float *gradients = l4r_alloc((size_t)floats, sizeof *values, "test");
    l4r_tensors_init(&task.tensors, 3, values);
    loss[worded] = beam_step_of(&task, values, gradients);
    check_served(&task, values, "reference", loss[worded]);
    check_served(&task, values, "blis", loss[worded]);
    if (worded) { /* a table of zeros is no table; and this one is none of those */
      const struct l4r_tensor *table = l4r_tensors_find(&task.tensors, "whole_word.weight");
      memset(values + table->offset, 0, (size_t)table->count * sizeof *values);
      double without = beam_step_of(&task, values, gradients);
      cr_expect_gt(fabs(without - loss[1]), 1e-3);
      check_served(&task, values, "blis", without);
    }
    l4r_free(values);
    l4r_free(gradients);
    l4r_beam_task_close(&task);
  }
  l4r_dataset_close(dataset);
}

Test(beam_train, gradients_do_not_depend_on_the_workers) {
  static const enum l4r_kind kinds[] = {L4R_KIND_P5, L4R_KIND_P5_HEAD, L4R_KIND_LITE_BEAM};
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  for (int k = 0; k < 3; k++) {
    float *gradients[2], *values = NULL;
    double loss[2], norm = 0, difference = 0;
    int64_t floats = 0;
    for (int workers = 1; workers <= 2; workers++) {
      struct l4r_beam_train_options options = chain_options(dataset, kinds[k], "model");
      options.answers = 3;
      options.answers_follow = kinds[k] == L4R_KIND_P5_HEAD;
      struct l4r_model_config config;
      struct beam_task task;
      if (workers > 1) cr_assert_eq(l4r_team_create(2, NULL, &options.train.team), L4R_OK);
      beam_task_of(&options, &config, &task);
      floats = task.tensors.floats;
      if (!values) values = l4r_alloc((size_t)floats, sizeof *values, "test");
      l4r_tensors_init(&task.tensors, 3, values);
      gradients[workers - 1] = l4r_alloc((size_t)floats, sizeof *values, "test");
      loss[workers - 1] = beam_step_of(&task, values, gradients[workers - 1]);
      l4r_beam_task_close(&task);
      l4r_team_free(options.train.team);
    }
    for (int64_t i = 0; i < floats; i++) {
      norm += (double)gradients[0][i] * gradients[0][i];
      difference += pow((double)gradients[0][i] - (double)gradients[1][i], 2);
    }
    cr_expect_float_eq(loss[0], loss[1], 1e-5);
    cr_expect_lt(sqrt(difference), 1e-3 * sqrt(norm));
    l4r_free(gradients[0]);
    l4r_free(gradients[1]);
    l4r_free(values);
  }
  l4r_dataset_close(dataset);
}
