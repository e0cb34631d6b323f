/* SPDX-License-Identifier: BSD-3-Clause */
/* Lite's training, on a made-up catalogue whose users walk it in circles: gradients against finite
 * differences for every setting, the same sums from one worker and from two, runs that are
 * interrupted and resumed, and validation against the serving engine. */
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/lite/lite.h"
#include "impl/data/dataset.h"
#include "impl/rank.h"
#include "impl/train/layers/matmul.h"
#include "impl/train/lite/sequences.h"
#include "impl/train/lite/task.h"
#include "tests/support/files.h"
#include "tests/train/layers/circles.h"

#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETTINGS = 23 };
static void cosine(struct l4r_model_config *config, double temperature) {
  config->tied_head = 1;
  config->scores = L4R_SCORES_COSINE;
  config->temperature = temperature;
}

static void eased(struct l4r_model_config *config) {
  config->rec_llm.gates = L4R_GATES_LIGR;
  config->rec_llm.gated = config->rec_llm.swiglu = 1;
}

static void apply_setting(int setting, struct l4r_lite_train_options *options) {
  struct l4r_model_config *config = &options->config;
  switch (setting) {
  case 1:
    config->tied_head = 1;
    break;
  case 2:
    config->items_input = L4R_ITEMS_ID;
    break;
  case 3:
    config->items_input = L4R_ITEMS_TEXT_ID;
    break;
  case 4:
    config->projection = 1;
    break;
  case 5:
    config->pooling = L4R_POOL_LAST;
    break;
  case 6:
    config->rec_llm.causal = 0;
    break;
  case 7:
    config->rec_llm.causal = 0;
    config->readout = L4R_READ_MEAN;
    options->prefixes = -1;
    break;
  case 8:
    config->tied_head = config->projection = 1;
    config->items_input = L4R_ITEMS_TEXT_ID;
    break;
  case 9:
    circles_sasrec(config);
    break;
  case 10: /* sampled losses: both, with and without a tied head, dense and by rows */
    options->loss = L4R_LOSS_SAMPLED_SOFTMAX;
    options->negatives = 7;
    break;
  case 11:
    config->tied_head = 1;
    options->loss = L4R_LOSS_GBCE;
    options->negatives = 5;
    options->calibration = 0.75;
    options->update = L4R_UPDATE_ROWS;
    break;
  case 12:
    config->items_input = L4R_ITEMS_ID;
    options->loss = L4R_LOSS_GBCE;
    options->negatives = 2;
    options->update = L4R_UPDATE_ROWS;
    break;
  case 13:
    config->items_input = L4R_ITEMS_TEXT_ID;
    config->rec_llm.causal = 0;
    options->loss = L4R_LOSS_SAMPLED_SOFTMAX;
    options->negatives = 3;
    options->update = L4R_UPDATE_ROWS;
    break;
  case 14:
    circles_sasrec(config);
    options->loss = L4R_LOSS_SAMPLED_SOFTMAX;
    options->negatives = 4;
    break;
  case 15:
    circles_sasrec(config);
    options->loss = L4R_LOSS_GBCE;
    options->negatives = 4;
    options->calibration = 1;
    options->update = L4R_UPDATE_ROWS;
    break;
  case 16:
    config->tied_head = 1;
    config->rec_llm.causal = 0;
    options->loss = L4R_LOSS_SAMPLED_SOFTMAX;
    options->negatives = 1000; /* all */
    break;
  case 17: /* cosines, gates, swiglu, samples of each position */
    config->items_input = L4R_ITEMS_ID;
    cosine(config, 0.2);
    break;
  case 18:
    config->items_input = L4R_ITEMS_TEXT_ID;
    cosine(config, 0.5);
    eased(config);
    options->loss = L4R_LOSS_SAMPLED_SOFTMAX;
    options->negatives = 9;
    options->each = options->uncorrected = 1;
    break;
  case 19:
    circles_sasrec(config);
    cosine(config, 0.3);
    eased(config);
    break;
  case 20:
    config->rec_llm.causal = 0;
    config->readout = L4R_READ_MEAN;
    cosine(config, 0.3);
    break;
  case 21:
    eased(config);
    options->loss = L4R_LOSS_GBCE;
    options->negatives = 6;
    options->each = 1;
    break;
  case 22:
    config->items_input = L4R_ITEMS_ID;
    cosine(config, 0.2);
    options->loss = L4R_LOSS_SAMPLED_SOFTMAX;
    options->negatives = 5;
    options->update = L4R_UPDATE_ROWS;
    break;
  default:
    break;
  }
}

static struct l4r_train_step step_of(struct l4r_lite_run *run, struct l4r_team *team,
                                     const float *values, float *gradients) {
  struct l4r_train_step step = {.seed = 3, .values = values, .gradients = gradients};
  memset(gradients, 0, (size_t)run->tensors.floats * sizeof(float));
  cr_assert_eq(run->task.forward_backward(run->task.state, team, &step), 0, "%s",
               l4r_error_message());
  return step;
}

/* Along a tensor's own gradient the loss must change by the gradient's length. */
static void check_tensor(struct l4r_lite_run *run, const struct l4r_tensor *tensor, float *values,
                         const float *gradients, float *spare, int setting) {
  if (strstr(tensor->name, "attention.k.bias")) return; /* moves no softmax: zero */
  double square = 0;
  for (int64_t i = 0; i < tensor->count; i++) square += pow(gradients[tensor->offset + i], 2);
  double norm = sqrt(square), reach = 0.004 / (norm + 0.2); /* long for flat directions */
  cr_assert_gt(norm, 0, "setting %d: %s has no gradient", setting, tensor->name);
  float *old = malloc((size_t)tensor->count * sizeof *old), *at = values + tensor->offset;
  memcpy(old, at, (size_t)tensor->count * sizeof *old);
  double loss[2];
  for (int side = 0; side < 2; side++) {
    double move = (side ? -reach : reach) / norm;
    for (int64_t i = 0; i < tensor->count; i++)
      at[i] = (float)(old[i] + move * gradients[tensor->offset + i]);
    loss[side] = step_of(run, NULL, values, spare).loss;
  }
  memcpy(at, old, (size_t)tensor->count * sizeof *old);
  free(old);
  double found = (loss[0] - loss[1]) / (2 * reach);
  cr_assert_float_eq(found, norm, 0.02 * norm + 1e-4, "setting %d: %s: %g, by differences %g",
                     setting, tensor->name, norm, found);
}

Test(lite_train, gradients_agree_with_finite_differences) {
  struct l4r_dataset *dataset = circles_dataset();
  for (int setting = 0; setting < SETTINGS; setting++) {
    struct l4r_lite_train_options options = circles_options(dataset, "gradients");
    apply_setting(setting, &options);
    options.config.dropout = 0;
    struct l4r_lite_run run;
    cr_assert_eq(l4r_lite_open(&options, &run), 0, "%s", l4r_error_message());
    size_t floats = (size_t)run.tensors.floats;
    float *values = calloc(floats, sizeof *values), *gradients = calloc(floats, sizeof *gradients),
          *spare = calloc(floats, sizeof *spare);
    int64_t steps;
    l4r_tensors_init(&run.tensors, 5, values);
    cr_assert_eq(run.task.begin_epoch(run.task.state, 3, 0, &steps), 0);
    step_of(&run, NULL, values, gradients);
    for (int64_t t = 0; t < run.tensors.count; t++)
      check_tensor(&run, &run.tensors.tensor[t], values, gradients, spare, setting);
    free(values);
    free(gradients);
    free(spare);
    l4r_lite_close(&run);
  }
  l4r_dataset_close(dataset);
}

Test(lite_train, workers_share_the_same_sum) {
  struct l4r_dataset *dataset = circles_dataset();
  for (int setting = 0; setting < SETTINGS; setting++) {
    float *values = NULL, *gradients[2];
    double loss[2];
    int64_t floats = 0;
    for (int n = 0; n < 2; n++) {
      struct l4r_lite_train_options options = circles_options(dataset, "sum");
      apply_setting(setting, &options);
      options.config.dropout = 0;
      options.negatives = ITEMS; /* of fewer, each worker draws its own */
      options.each = 0;
      cr_assert_eq(l4r_team_create(1 + 2 * n, NULL, &options.train.team), 0);
      struct l4r_lite_run run;
      cr_assert_eq(l4r_lite_open(&options, &run), 0, "%s", l4r_error_message());
      floats = run.tensors.floats;
      gradients[n] = calloc((size_t)floats, sizeof(float));
      if (!values) values = calloc((size_t)floats, sizeof(float));
      l4r_tensors_init(&run.tensors, 5, values);
      int64_t steps;
      cr_assert_eq(run.task.begin_epoch(run.task.state, 3, 0, &steps), 0);
      loss[n] = step_of(&run, options.train.team, values, gradients[n]).loss;
      l4r_lite_close(&run);
      l4r_team_free(options.train.team);
    }
    cr_assert_float_eq(loss[0], loss[1], 1e-5);
    double difference = 0, norm = 0;
    for (int64_t i = 0; i < floats; i++) {
      difference += pow(gradients[0][i] - gradients[1][i], 2);
      norm += pow(gradients[0][i], 2);
    }
    cr_assert_lt(sqrt(difference), 1e-5 * sqrt(norm), "setting %d", setting);
    free(values);
    free(gradients[0]);
    free(gradients[1]);
  }
  l4r_dataset_close(dataset);
}

/* The task's own step, with a signal after some of them. */
static int (*inner_step)(void *, struct l4r_team *, struct l4r_train_step *);
static int64_t steps_left;
static int signalling_step(void *state, struct l4r_team *team, struct l4r_train_step *step) {
  if (--steps_left == 0) raise(SIGTERM);
  return inner_step(state, team, step);
}

static void run_training(struct l4r_lite_train_options *options, int64_t signal_after,
                         int *interrupted) {
  struct l4r_lite_run run;
  cr_assert_eq(l4r_lite_open(options, &run), 0, "%s", l4r_error_message());
  inner_step = run.task.forward_backward;
  run.task.forward_backward = signalling_step;
  steps_left = signal_after;
  cr_assert_eq(l4r_train(&run.task, &options->train, interrupted), 0, "%s", l4r_error_message());
  l4r_lite_close(&run);
}

static void assert_resume(double share, int workers) {
  struct l4r_dataset *dataset = circles_dataset();
  struct l4r_lite_train_options whole = circles_options(dataset, "whole");
  struct l4r_lite_train_options parts = circles_options(dataset, "parts");
  whole.item_share = parts.item_share = share;
  cr_assert_eq(l4r_team_create(workers, NULL, &whole.train.team), 0);
  parts.train.team = whole.train.team;
  int interrupted;
  run_training(&whole, 0, &interrupted);
  run_training(&parts, 11, &interrupted);
  cr_assert_eq(interrupted, 1);
  parts.train.resume = 1;
  run_training(&parts, 0, &interrupted);
  cr_assert_eq(interrupted, 0);
  char a[65], b[65];
  cr_assert_eq(l4r_sha256_file(test_path("whole/model.safetensors"), a), 0);
  cr_assert_eq(l4r_sha256_file(test_path("parts/model.safetensors"), b), 0);
  cr_assert_str_eq(a, b);
  l4r_team_free(whole.train.team);
  l4r_dataset_close(dataset);
}

Test(lite_train, resume_repeats_the_bits) {
  assert_resume(0, 2);
}

Test(lite_train, resume_repeats_the_bits_with_kept_vectors) {
  assert_resume(0.3, 1);
}

Test(lite_train, a_share_of_items_is_encoded_and_none_grows_stale) {
  struct l4r_dataset *dataset = circles_dataset();
  struct l4r_lite_train_options options = circles_options(dataset, "share");
  options.item_share = 0.25;
  struct l4r_lite_run run;
  cr_assert_eq(l4r_lite_open(&options, &run), 0, "%s", l4r_error_message());
  float *values = calloc((size_t)run.tensors.floats, sizeof *values),
        *gradients = calloc((size_t)run.tensors.floats, sizeof *gradients);
  l4r_tensors_init(&run.tensors, 5, values);
  int64_t steps;
  cr_assert_eq(run.task.begin_epoch(run.task.state, 3, 0, &steps), 0);
  for (int64_t s = 0; s < 40; s++) {
    struct l4r_train_step step = {
        .seed = 3, .epoch = s / 4, .step = s % 4, .values = values, .gradients = gradients};
    cr_assert_eq(run.task.forward_backward(run.task.state, NULL, &step), 0);
    if (s >= 10) cr_assert_eq(run.lite.items.encoded, (run.lite.items.slots + 3) / 4);
  }
  int64_t now = 1 + (INT64_C(9) << 32 | 3);
  for (int item = 1; item <= ITEMS; item++)
    cr_assert_geq(run.lite.items.stamp[item] >> 32, (now >> 32) - 4, "item %d", item);
  free(values);
  free(gradients);
  l4r_lite_close(&run);
  l4r_dataset_close(dataset);
}

static double logged(const char *folder, const char *field) {
  char name[64], key[32];
  snprintf(name, sizeof name, "%s/training.jsonl", folder);
  char *text = test_read(name), *last = text;
  for (char *line = text; (line = strstr(line, "\"best\": true")); line++)
    for (last = line; last > text && last[-1] != '\n'; last--) continue;
  snprintf(key, sizeof key, "\"%s\": ", field);
  char *at = strstr(last, key);
  cr_assert_not_null(at);
  return strtod(at + strlen(key), NULL);
}

static void assert_serving_agrees(const struct l4r_dataset *dataset, const char *folder) {
  const struct l4r_engine *engine = &l4r_engine_lite_reference;
  const struct l4r_open_options options = {
      .model = test_path(folder), .dataset = dataset, .max_batch = 1, .max_k = 1};
  void *handle;
  cr_assert_eq(engine->open(&options, &handle), 0, "%s", l4r_error_message());
  float scores[ITEMS];
  unsigned char mark[ITEMS + 1] = {0};
  double hr = 0, ndcg = 0;
  for (int64_t user = 0; user < USERS; user++) {
    l4r_item items[LONGEST];
    int64_t length = l4r_dataset_history(dataset, user, 0, items, LONGEST);
    struct l4r_request request = {.user = user, .history = items, .length = length};
    cr_assert_eq(engine->score(handle, &request, 1, scores), 0, "%s", l4r_error_message());
    struct l4r_rank rank;
    l4r_rank_of(scores, ITEMS, dataset->train_count, dataset->validation[user], items, length, mark,
                &rank);
    if (rank.mask > 10) continue;
    hr += 1.0 / USERS;
    ndcg += 1 / log2(1 + (double)rank.mask) / USERS;
  }
  engine->close(handle);
  cr_assert_float_eq(hr, logged(folder, "hr10"), 2e-6, "%s", folder);
  cr_assert_float_eq(ndcg, logged(folder, "ndcg10"), 2e-6, "%s", folder);
}

Test(lite_train, validation_equals_what_the_engine_serves) {
  struct l4r_dataset *dataset = circles_dataset();
  for (int setting = 0; setting < SETTINGS; setting++) {
    char folder[16];
    int interrupted;
    snprintf(folder, sizeof folder, "served%d", setting);
    struct l4r_lite_train_options options = circles_options(dataset, folder);
    apply_setting(setting, &options);
    options.train.epochs = 2;
    cr_assert_eq(l4r_lite_train(&options, &interrupted), 0, "%s", l4r_error_message());
    assert_serving_agrees(dataset, folder);
  }
  l4r_dataset_close(dataset);
}

static void assert_learns(struct l4r_lite_train_options *options, const char *folder) {
  int interrupted;
  options->train.epochs = 60;
  options->train.learning_rate = 5e-3;
  options->train.patience = 0;
  options->config.dropout = 0.05;
  cr_assert_eq(l4r_lite_train(options, &interrupted), 0, "%s", l4r_error_message());
  cr_assert_gt(logged(folder, "hr10"), 0.9, "HR@10 %g", logged(folder, "hr10"));
  cr_assert_gt(logged(folder, "ndcg10"), 0.5, "NDCG@10 %g", logged(folder, "ndcg10"));
}

Test(lite_train, learns_to_walk_in_circles) {
  struct l4r_dataset *dataset = circles_dataset();
  struct l4r_lite_train_options options = circles_options(dataset, "learns");
  assert_learns(&options, "learns");
  l4r_dataset_close(dataset);
}

Test(lite_train, learns_to_walk_in_circles_in_bf16) {
  if (!l4r_layers_have_bf16(NULL)) cr_skip_test("this processor has no AVX512-BF16");
  struct l4r_dataset *dataset = circles_dataset();
  struct l4r_lite_train_options options = circles_options(dataset, "learns-bf16");
  options.train.bf16 = 1;
  assert_learns(&options, "learns-bf16");
  l4r_dataset_close(dataset);
}

Test(lite_train, windows_cover_every_pair_once) {
  struct l4r_dataset *dataset = circles_dataset();
  struct l4r_lite_train_options options = circles_options(dataset, "windows");
  struct l4r_lite_run run;
  cr_assert_eq(l4r_lite_open(&options, &run), 0, "%s", l4r_error_message());
  for (int64_t epoch = 0; epoch < 5; epoch++) {
    int64_t seen[USERS * LONGEST] = {0}, pairs = 0;
    cr_assert_eq(l4r_lite_draw_epoch(&run.lite, 3, epoch), 0);
    for (int64_t w = 0; w < run.lite.epoch.windows; w++) {
      cr_assert_leq(run.lite.epoch.window[w].length, options.config.history);
      for (int64_t p = 0; p < run.lite.epoch.window[w].length; p++, pairs++)
        cr_assert_eq(seen[run.lite.epoch.window[w].first + p]++, 0);
    }
    cr_assert_eq(pairs, dataset->train_start[USERS] - USERS);
    for (int u = 0; u < USERS; u++)
      cr_assert_eq(seen[dataset->train_start[u + 1] - 1], 0, "the last item predicts nothing");
  }
  l4r_lite_close(&run);
  l4r_dataset_close(dataset);
}

/* Every text token once a step, however often its item is seen, and every window's positions. */
Test(lite_train, a_step_counts_text_tokens_and_positions) {
  struct l4r_dataset *dataset = circles_dataset();
  for (int ids = 0; ids < 2; ids++) {
    struct l4r_lite_train_options options = circles_options(dataset, ids ? "ids" : "texts");
    if (ids) options.config.items_input = L4R_ITEMS_ID;
    struct l4r_lite_run run;
    cr_assert_eq(l4r_lite_open(&options, &run), 0, "%s", l4r_error_message());
    size_t floats = (size_t)run.tensors.floats;
    float *values = calloc(floats, sizeof *values), *gradients = calloc(floats, sizeof *gradients);
    l4r_tensors_init(&run.tensors, 5, values);
    int64_t steps, expected = 0;
    cr_assert_eq(run.task.begin_epoch(run.task.state, 3, 0, &steps), 0);
    struct l4r_train_step step = step_of(&run, NULL, values, gradients);
    for (int64_t w = 0; w < run.lite.sizes.batch; w++) expected += run.lite.epoch.window[w].length;
    cr_assert_eq(step.targets, expected, "causal: every position has a target");
    for (int64_t slot = 0; slot < run.lite.items.slots && !ids; slot++) {
      int item = run.lite.items.item_of[slot];
      expected += run.lite.items.spec.token_start[item] - run.lite.items.spec.token_start[item - 1];
    }
    cr_assert_eq(step.tokens, expected);
    free(values);
    free(gradients);
    l4r_lite_close(&run);
  }
  l4r_dataset_close(dataset);
}

/* SASRec's newest window has its full length wherever there is enough before it, every epoch. */
Test(lite_train, sasrec_windows_end_at_the_newest_pair) {
  struct l4r_dataset *dataset = circles_dataset();
  struct l4r_lite_train_options options = circles_options(dataset, "newest");
  circles_sasrec(&options.config);
  struct l4r_lite_run run;
  cr_assert_eq(l4r_lite_open(&options, &run), 0, "%s", l4r_error_message());
  for (int64_t epoch = 0; epoch < 3; epoch++) {
    int64_t seen[USERS * LONGEST] = {0}, newest = 0, pairs = 0;
    cr_assert_eq(l4r_lite_draw_epoch(&run.lite, 3, epoch), 0);
    for (int64_t w = 0; w < run.lite.epoch.windows; w++) {
      const struct l4r_lite_window *window = &run.lite.epoch.window[w];
      for (int64_t p = 0; p < window->length; p++, pairs++)
        cr_assert_eq(seen[window->first + p]++, 0);
      for (int u = 0; u < USERS; u++) {
        int64_t all = dataset->train_start[u + 1] - dataset->train_start[u] - 1;
        if (window->first + window->length != dataset->train_start[u + 1] - 1) continue;
        cr_assert_eq(window->length, all < 6 ? all : 6);
        newest++;
      }
    }
    cr_assert_eq(newest, USERS);
    cr_assert_eq(pairs, dataset->train_start[USERS] - USERS);
  }
  l4r_lite_close(&run);
  l4r_dataset_close(dataset);
}

Test(lite_train, sasrec_learns_to_walk_in_circles) {
  struct l4r_dataset *dataset = circles_dataset();
  struct l4r_lite_train_options options = circles_options(dataset, "sasrec");
  circles_sasrec(&options.config);
  assert_learns(&options, "sasrec");
  l4r_dataset_close(dataset);
}

Test(lite_train, refuses_settings_that_exclude_each_other) {
  struct l4r_dataset *dataset = circles_dataset();
  struct l4r_lite_train_options options = circles_options(dataset, "refused");
  int interrupted;
  options.config.readout = L4R_READ_MEAN;
  cr_assert_eq(l4r_lite_train(&options, &interrupted), L4R_USAGE);
  cr_assert_not_null(strstr(l4r_error_message(), "bidirectional"), "%s", l4r_error_message());
  options = circles_options(dataset, "refused");
  options.prefixes = -1;
  cr_assert_eq(l4r_lite_train(&options, &interrupted), L4R_USAGE);
  options = circles_options(dataset, "refused");
  options.item_share = 2;
  cr_assert_eq(l4r_lite_train(&options, &interrupted), L4R_USAGE);
  cr_assert_not_null(strstr(l4r_error_message(), "item-share"), "%s", l4r_error_message());
  l4r_dataset_close(dataset);
}
