/* SPDX-License-Identifier: BSD-3-Clause */
/* Training of the beam kinds: gradients of the whole step against finite differences, equal
 * gradients whatever the number of workers, and a ring of items that must be learnt. */
#include "baselines/beam/server_open.h"
#include "baselines/beam/train/epoch.h"
#include "baselines/beam/train/step.h"
#include "baselines/beam/train/task.h"
#include "baselines/beam/server.h"

#include "baselines/beam/train/validate.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/lite/stacks.h"
#include "impl/model/safetensors.h"
#include "tests/baselines/beam/chain.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

struct step_result {
  double loss;
  float *gradients;
};

static void open_task(struct l4r_beam_train_options *options, struct l4r_model_config *config,
                      struct beam_task *task) {
  l4r_blas_open();
  options->train.epochs = 1;
  options->config.dropout = 0;
  *config = options->config;
  cr_assert_eq(l4r_beam_task_open(options, config, task), L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(l4r_beam_draw_epoch(task, 1, 0), L4R_OK);
}

static double run_step(struct beam_task *task, const float *values, float *gradients) {
  memset(gradients, 0, (size_t)task->tensors.floats * sizeof *gradients);
  struct l4r_train_step step = {.seed = 1, .values = values, .gradients = gradients};
  cr_assert_eq(l4r_beam_forward_backward(task, task->options->train.team, &step), L4R_OK, "%s",
               l4r_error_message());
  cr_assert_eq(step.targets, task->step_targets);
  cr_assert(step.flops > 0);
  return step.loss;
}

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
  open_task(&options, &config, &task);
  int64_t floats = task.tensors.floats;
  float *values = l4r_alloc((size_t)floats, sizeof *values, "test");
  float *gradients = l4r_alloc((size_t)floats, sizeof *values, "test");
  float *ignored = l4r_alloc((size_t)floats, sizeof *values, "test");
  l4r_tensors_init(&task.tensors, 3, values);
  double loss = run_step(&task, values, gradients);
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
      side[s] = run_step(&task, values, ignored);
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
    open_task(&options, &config, &task);
    task.sample[0].wording = L4R_PROMPT_SERVED;
    int64_t floats = task.tensors.floats;
    float *values = l4r_alloc((size_t)floats, sizeof *values, "test");
    float *gradients = l4r_alloc((size_t)floats, sizeof *values, "test");
    l4r_tensors_init(&task.tensors, 3, values);
    loss[worded] = run_step(&task, values, gradients);
    check_served(&task, values, "reference", loss[worded]);
    check_served(&task, values, "blis", loss[worded]);
    if (worded) { /* a table of zeros is no table; and this one is none of those */
      const struct l4r_tensor *table = l4r_tensors_find(&task.tensors, "whole_word.weight");
      memset(values + table->offset, 0, (size_t)table->count * sizeof *values);
      double without = run_step(&task, values, gradients);
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
      open_task(&options, &config, &task);
      floats = task.tensors.floats;
      if (!values) values = l4r_alloc((size_t)floats, sizeof *values, "test");
      l4r_tensors_init(&task.tensors, 3, values);
      gradients[workers - 1] = l4r_alloc((size_t)floats, sizeof *values, "test");
      loss[workers - 1] = run_step(&task, values, gradients[workers - 1]);
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

Test(beam_train, samples_are_prefixes_of_the_training_part) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5, "model");
  options.prefixes = 2;
  struct l4r_model_config config;
  struct beam_task task;
  open_task(&options, &config, &task);
  cr_assert_eq(task.samples, 2 * CHAIN_USERS);
  int wordings[8] = {0}, of_user[CHAIN_USERS] = {0};
  for (int64_t s = 0; s < task.samples; s++) {
    const struct beam_sample *sample = &task.sample[s];
    cr_expect(sample->target > dataset->train_start[sample->user] &&
                  sample->target < dataset->train_start[sample->user + 1],
              "a target is a training item that has a history");
    wordings[sample->wording]++;
    of_user[sample->user]++;
  }
  for (int user = 0; user < CHAIN_USERS; user++) cr_expect_eq(of_user[user], 2);
  for (int w = 0; w < (int)l4r_prompt_wordings(L4R_PROMPTS_SHORT); w++)
    cr_expect_gt(wordings[w], 0);
  l4r_beam_task_close(&task);
  l4r_dataset_close(dataset);
}

/* OpenP5's epoch: every position that has a history, once. */
Test(beam_train, all_prefixes_are_every_training_item_but_the_first) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5, "model");
  options.prefixes = -1;
  struct l4r_model_config config;
  struct beam_task task;
  open_task(&options, &config, &task);
  const int64_t interactions = dataset->train_start[CHAIN_USERS];
  unsigned char *seen = l4r_alloc((size_t)interactions, 1, "test");
  cr_assert_eq(task.samples, interactions - CHAIN_USERS);
  for (int64_t s = 0; s < task.samples; s++) {
    cr_assert(task.sample[s].target > dataset->train_start[task.sample[s].user] &&
              task.sample[s].target < dataset->train_start[task.sample[s].user + 1]);
    cr_assert_eq(seen[task.sample[s].target]++, 0);
  }
  l4r_free(seen);
  l4r_beam_task_close(&task);
  l4r_dataset_close(dataset);
}

/* Input and targets of all passes, taken apart again. */
static void check_answers(int64_t answers, int follow) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5, "model");
  options.answers = answers;
  options.answers_follow = follow;
  options.batch = 60;
  struct l4r_model_config config;
  struct beam_task task;
  open_task(&options, &config, &task);
  l4r_beam_prepare_step(&task, 0);
  struct beam_worker *own = &task.worker[0];
  int64_t targets = 0, first = 0;
  struct l4r_trie trie;
  cr_assert_eq(l4r_trie_build(&task.ids, &trie), L4R_OK);
  for (int64_t end; first < task.step_count; first = end) {
    end = l4r_beam_fill_pass(&task, own, first, task.step_count);
    cr_assert_gt(end, first);
    cr_expect_leq(own->answer_start[end - first], task.pass_answers);
    cr_expect_eq(own->answer_piece[own->answer_pieces], own->answer_start[end - first]);
    int64_t piece = 0;
    cr_expect_leq(own->start[end - first], task.pass_positions);
    for (int64_t s = first; s < end; s++) {
      const struct beam_sample *sample = &task.sample[s];
      int64_t at = own->answer_start[s - first], last = dataset->train_start[sample->user + 1];
      int64_t item = sample->target, id = at;
      for (; at < own->answer_start[s - first + 1]; at++, targets++) {
        int begins = at == own->answer_piece[piece];
        cr_expect_eq(begins, at == (follow ? own->answer_start[s - first] : id),
                     "each answer, or all of a prompt's, is a piece");
        piece += begins;
        cr_expect_eq(own->answer_input[at], begins ? L4R_START_TOKEN : own->answer_target[at - 1],
                     "shifted by one");
        if (own->answer_target[at] != L4R_END_TOKEN) continue;
        cr_expect_eq(l4r_trie_find(&trie, own->answer_target + id, at - id),
                     dataset->train_item[item++]);
        id = at + 1;
      }
      cr_expect_eq(id, at, "the last item is ended too");
      cr_expect_eq(item, sample->target + answers < last ? sample->target + answers : last,
                   "never beyond the user's training part");
    }
  }
  cr_expect_eq(targets, task.step_targets);
  l4r_trie_free(&trie);
  l4r_beam_task_close(&task);
  l4r_dataset_close(dataset);
}

/* p5-head: a target where each item begins, the id of the item before it, and no other target. */
static void check_head_answers(int follow) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5_HEAD, "model");
  options.answers = 3;
  options.answers_follow = follow;
  options.batch = 60;
  struct l4r_model_config config;
  struct beam_task task;
  open_task(&options, &config, &task);
  l4r_beam_prepare_step(&task, 0);
  struct beam_worker *own = &task.worker[0];
  int64_t targets = 0;
  for (int64_t first = 0, end; first < task.step_count; first = end) {
    end = l4r_beam_fill_pass(&task, own, first, task.step_count);
    cr_assert_gt(end, first);
    cr_expect_leq(own->answer_start[end - first], task.pass_answers);
    cr_expect_eq(own->answer_piece[own->answer_pieces], own->answer_start[end - first]);
    for (int64_t s = first; s < end; s++) {
      int64_t position = task.sample[s].target, id = 0, left = 0;
      for (int64_t at = own->answer_start[s - first]; at < own->answer_start[s - first + 1]; at++) {
        if (left > 0) {
          cr_expect_eq(own->answer_target[at], -1);
          cr_expect_eq(own->answer_input[at], task.ids.token[id++]);
          left--;
          continue;
        }
        int begins = !follow || at == own->answer_start[s - first];
        cr_expect_eq(own->answer_input[at], begins ? L4R_START_TOKEN : L4R_END_TOKEN);
        l4r_item item = dataset->train_item[position++];
        cr_expect_eq(own->answer_target[at], item - 1);
        targets++;
        id = task.ids.start[item - 1];
        int last = at + 1 == own->answer_start[s - first + 1];
        left = follow && !last ? task.ids.start[item] - id : 0;
      }
      cr_expect_eq(left, 0);
      int64_t most = dataset->train_start[task.sample[s].user + 1];
      cr_expect_eq(position, task.sample[s].target + 3 < most ? task.sample[s].target + 3 : most);
    }
  }
  cr_expect_eq(targets, task.step_targets);
  l4r_beam_task_close(&task);
  l4r_dataset_close(dataset);
}

Test(beam_train, a_head_scores_where_items_begin) {
  check_head_answers(0);
  check_head_answers(1);
}

Test(beam_train, answers_name_the_following_items) {
  check_answers(3, 0);
  check_answers(3, 1);
}
/* More than a training part holds, and so long that a pass takes only a few of them. */
Test(beam_train, answers_may_name_all_that_follow) {
  check_answers(100, 0);
  check_answers(100, 1);
}

static void learn_by(struct l4r_beam_train_options options, int64_t epochs) {
  const struct l4r_dataset *dataset = options.dataset;
  options.config.dropout = 0;
  options.prefixes = 8;
  options.answers = 2; /* training parts are ten items long */
  options.validation_users = 40;
  options.train.epochs = epochs;
  options.train.patience = 0;
  options.train.warmup = 20;
  options.train.learning_rate = 3e-3;
  int interrupted;
  cr_assert_eq(l4r_beam_train(&options, &interrupted), L4R_OK, "%s", l4r_error_message());
  struct l4r_model_config config;
  cr_assert_eq(l4r_config_read(options.train.out, &config), L4R_OK);
  cr_expect_gt(config.epoch, 1);
  struct beam_task task;
  cr_assert_eq(l4r_beam_task_open(&options, &config, &task), L4R_OK);
  struct l4r_model *model;
  cr_assert_eq(l4r_model_open(options.train.out, dataset, &model), L4R_OK, "%s",
               l4r_error_message());
  float *values = l4r_alloc((size_t)task.tensors.floats, sizeof *values, "test");
  for (int64_t t = 0; t < task.tensors.count; t++) {
    const struct l4r_tensor *tensor = &task.tensors.tensor[t];
    cr_assert_eq(l4r_safetensors_copy(model->safetensors, tensor->name, tensor->rows,
                                      tensor->columns, values + tensor->offset),
                 L4R_OK);
  }
  struct l4r_validation validation;
  cr_assert_eq(l4r_beam_validate(&task, NULL, values, &validation), L4R_OK, "%s",
               l4r_error_message());
  cr_expect_eq(validation.users, 40);
  cr_expect_gt(validation.hr10, 0.9, "HR@10 %.3f; chance is about .3", validation.hr10);
  cr_expect_gt(validation.ndcg10, 0.7, "NDCG@10 %.3f", validation.ndcg10);
  l4r_model_close(model);
  l4r_free(values);
  l4r_beam_task_close(&task);
}

static void learn(enum l4r_kind kind, enum l4r_id_form form, int64_t epochs) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, kind, "model");
  options.config.id_form = form;
  learn_by(options, epochs);
  l4r_dataset_close(dataset);
}

Test(beam_train, p5_learns_a_ring_by_sequences) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5, "model");
  options.config.id_scheme = L4R_IDS_COLLABORATIVE;
  options.config.id_form = L4R_IDS_ITEMS;
  options.config.p5.tied = 0;
  options.answers_follow = 1;
  learn_by(options, 5);
  l4r_dataset_close(dataset);
}

Test(beam_train, p5_learns_a_ring_by_codes) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_pretrained *encoder;
  struct l4r_beam_train_options options = chain_semantic(dataset, L4R_KIND_P5, "model", 8,
                                                         &encoder);
  learn_by(options, 8);
  l4r_pretrained_close(encoder);
  l4r_dataset_close(dataset);
}

Test(beam_train, p5_learns_a_ring_by_long_prompts) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5, "model");
  options.config.id_form = L4R_IDS_TOKENS;
  options.config.prompt = L4R_PROMPTS_OPENP5;
  options.pieces = 400;
  learn_by(options, 6);
  l4r_dataset_close(dataset);
}

Test(beam_train, p5_head_learns_a_ring_by_sequences) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5_HEAD, "model");
  options.answers_follow = 1;
  learn_by(options, 5);
  l4r_dataset_close(dataset);
}

Test(beam_train, p5_learns_a_ring) {
  learn(L4R_KIND_P5, L4R_IDS_TOKENS, 4);
}
Test(beam_train, p5_head_learns_a_ring) {
  learn(L4R_KIND_P5_HEAD, L4R_IDS_DIGITS, 5);
}
Test(beam_train, lite_beam_learns_a_ring) {
  learn(L4R_KIND_LITE_BEAM, L4R_IDS_DIGITS, 11);
}

/* The bytes of a trained folder's file. */
static char *read_model(const char *name, size_t *bytes) {
  char *content;
  cr_assert_eq(l4r_read_file(test_path(name), 0, &content, bytes), L4R_OK, "%s",
               l4r_error_message());
  return content;
}

static int held_out_reads, reads;

static void note_read(void *context, const char *path) {
  const char *name = strrchr(path, '/');
  reads++;
  held_out_reads += !strcmp(name ? name + 1 : path, "test.txt");
}

/* Two data sets that differ in every test item and agree in all else. The folder's own hashes are
 * part of a configuration, so weights and id maps are compared. */
Test(beam_train, no_id_scheme_reads_test_items) {
  static const enum l4r_id_scheme schemes[] = {L4R_IDS_RANDOM, L4R_IDS_SEQUENTIAL,
                                               L4R_IDS_COLLABORATIVE, L4R_IDS_SEMANTIC};
  static const char *const weights[] = {"a/model.safetensors", "b/model.safetensors"};
  static const char *const maps[] = {"a/id_map.tsv", "b/id_map.tsv"};
  for (int scheme = 0; scheme < 4; scheme++) {
    for (int other = 0; other < 2; other++) {
      struct l4r_dataset *dataset = chain_dataset_tested("data", other);
      l4r_on_read(note_read, NULL);
      struct l4r_pretrained *encoder = NULL;
      const char *out = other ? "b" : "a";
      struct l4r_beam_train_options options = schemes[scheme] == L4R_IDS_SEMANTIC
                                                  ? chain_semantic(dataset, L4R_KIND_P5, out, 8,
                                                                   &encoder)
                                                  : chain_options(dataset, L4R_KIND_P5, out);
      options.config.id_scheme = schemes[scheme];
      options.config.id_form = L4R_IDS_TOKENS;
      options.train.epochs = 1;
      options.prefixes = 2;
      options.validation_users = 20;
      int interrupted;
      cr_assert_eq(l4r_beam_train(&options, &interrupted), L4R_OK, "%s", l4r_error_message());
      l4r_on_read(NULL, NULL);
      l4r_pretrained_close(encoder);
      l4r_dataset_close(dataset);
    }
    for (int file = 0; file < 2; file++) {
      const char *const *name = file ? maps : weights;
      size_t bytes[2];
      char *content[2] = {read_model(name[0], &bytes[0]), read_model(name[1], &bytes[1])};
      cr_expect(bytes[0] == bytes[1] && !memcmp(content[0], content[1], bytes[0]),
                "scheme %d: %s depends on test items", scheme, name[0]);
      l4r_free(content[0]);
      l4r_free(content[1]);
    }
  }
  cr_expect_gt(reads, 0);
  cr_expect_eq(held_out_reads, 0);
}

/* Eigenvectors differ between processors, so a map is not made anew in the middle of a training. */
Test(beam_train, resuming_takes_the_id_map_that_is_there_and_no_other) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5, "a");
  options.config.id_scheme = L4R_IDS_COLLABORATIVE;
  options.config.id_form = L4R_IDS_TOKENS;
  options.prefixes = 2;
  options.validation_users = 20;
  options.train.patience = 0;
  int interrupted;
  for (int epochs = 1; epochs <= 2; epochs++) {
    options.train.epochs = epochs;
    options.train.resume = epochs == 2;
    cr_assert_eq(l4r_beam_train(&options, &interrupted), L4R_OK, "%s", l4r_error_message());
  }
  size_t bytes;
  char *content = read_model("a/id_map.tsv", &bytes);
  char *one = strstr(content, "\n1\t"), *two = strstr(content, "\n2\t");
  cr_assert(one && two);
  one[1] = '2', two[1] = '1'; /* two items change places */
  char *line = l4r_alloc(bytes + 1, 1, "test");
  char *three = strstr(two + 1, "\n");
  int head = (int)(one - content), first = (int)(two - one), second = (int)(three - two);
  snprintf(line, bytes + 1, "%.*s%.*s%.*s%s", head, content, second, two, first, one, three);
  cr_assert_eq(l4r_write_file(test_path("a/id_map.tsv"), line, strlen(line)), L4R_OK);
  options.train.epochs = 3;
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "other settings"), "%s", l4r_error_message());
  l4r_free(line);
  l4r_free(content);
  l4r_dataset_close(dataset);
}

/* The map that is there is taken; the folder that it was made of is named again. */
Test(beam_train, semantic_ids_resume_bit_for_bit) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_pretrained *encoder;
  struct l4r_model_config config;
  int interrupted;
  for (int stopped = 0; stopped < 2; stopped++) {
    struct l4r_beam_train_options options = chain_semantic(dataset, L4R_KIND_P5,
                                                           stopped ? "b" : "a", 8, &encoder);
    options.prefixes = 2;
    options.validation_users = 20;
    options.train.patience = 0;
    for (int epochs = stopped ? 1 : 2; epochs <= 2; epochs++) {
      options.train.epochs = epochs;
      options.train.resume = stopped && epochs == 2;
      cr_assert_eq(l4r_beam_train(&options, &interrupted), L4R_OK, "%s", l4r_error_message());
    }
    l4r_pretrained_close(encoder);
    cr_assert_eq(l4r_config_read(options.train.out, &config), L4R_OK);
    cr_expect_str_eq(config.ids_from, "sentences");
    cr_expect_str_eq(config.init, "random");
    cr_expect_str_eq(config.init_licence, "apache-2.0");
    cr_expect_eq(config.max_id_tokens, 5, "three codes, a place, the end");
    cr_expect(strstr(config.training, "levels=3 codes=8 kept=32 "), "%s", config.training);
  }
  size_t whole, parts;
  char *one = read_model("a/model.safetensors", &whole);
  char *other = read_model("b/model.safetensors", &parts);
  cr_expect(whole == parts && !memcmp(one, other, whole));
  l4r_free(one);
  l4r_free(other);
  l4r_dataset_close(dataset);
}

Test(beam_train, semantic_ids_without_texts_or_with_too_long_ones_are_refused) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_pretrained *encoder;
  struct l4r_beam_train_options options = chain_semantic(dataset, L4R_KIND_P5, "model", 8,
                                                         &encoder);
  int interrupted;
  options.config.text_length = 64;
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "23 positions"), "%s", l4r_error_message());
  options.config.text_length = 20;
  options.codes = 2;
  options.levels = 1;
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "have the codes"), "%s", l4r_error_message());
  options.levels = 9;
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "--semantic-levels"), "%s", l4r_error_message());
  options.levels = options.codes = 0;
  options.id_encoder = NULL;
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "--init-item"), "%s", l4r_error_message());
  l4r_pretrained_close(encoder);
  l4r_dataset_close(dataset);
}

Test(beam_train, wrong_settings_are_refused) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5, "model");
  int interrupted;
  options.config.id_scheme = L4R_IDS_COLLABORATIVE;
  options.clusters = 1001;
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "--clusters"), "%s", l4r_error_message());
  options = chain_options(dataset, L4R_KIND_P5, "model");
  options.batch = -1;
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "--batch"), "%s", l4r_error_message());
  options = chain_options(dataset, L4R_KIND_P5, "model");
  options.tokenizer = test_path("nowhere.model");
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "nowhere.model"), "%s", l4r_error_message());
  l4r_dataset_close(dataset);
}
