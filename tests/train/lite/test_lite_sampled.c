/* SPDX-License-Identifier: BSD-3-Clause */
/* Lite and SASRec under sampled losses: what is drawn, that a sample of everything is the exact
 * loss, runs resumed bit for bit, learning, and memory that cannot be had. */
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/train/lite/sampled.h"
#include "impl/train/lite/sequences.h"
#include "impl/train/lite/task.h"
#include "tests/support/files.h"
#include "tests/train/layers/circles.h"

#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static struct l4r_lite_train_options sasrec_options(const struct l4r_dataset *dataset,
                                                    const char *out, enum l4r_lite_loss loss,
                                                    int64_t negatives) {
  struct l4r_lite_train_options options = circles_options(dataset, out);
  circles_sasrec(&options.config);
  options.loss = loss;
  options.negatives = negatives;
  options.calibration = -1;
  return options;
}

static void open_run(const struct l4r_lite_train_options *options, struct l4r_lite_run *run) {
  int64_t steps;
  cr_assert_eq(l4r_lite_open(options, run), 0, "%s", l4r_error_message());
  cr_assert_eq(run->task.begin_epoch(run->task.state, 3, 0, &steps), 0);
}

static double step_loss(struct l4r_lite_run *run, struct l4r_team *team, float *gradients) {
  float *values = calloc((size_t)run->tensors.floats, sizeof *values);
  l4r_tensors_init(&run->tensors, 5, values);
  memset(gradients, 0, (size_t)run->tensors.floats * sizeof *gradients);
  struct l4r_train_step step = {.seed = 3, .values = values, .gradients = gradients};
  cr_assert_eq(run->task.forward_backward(run->task.state, team, &step), 0, "%s",
               l4r_error_message());
  free(values);
  return step.loss;
}

/* Two workers, whose rows are summed row by row; both kinds of head. */
Test(lite_sampled, a_sample_of_everything_is_cross_entropy) {
  struct l4r_dataset *dataset = circles_dataset();
  struct l4r_team *team;
  cr_assert_eq(l4r_team_create(2, NULL, &team), 0);
  for (int tied = 0; tied < 2; tied++) {
    float *gradients[2];
    double loss[2];
    int64_t floats = 0;
    for (int sampled = 0; sampled < 2; sampled++) {
      struct l4r_lite_train_options options = circles_options(dataset, "exact");
      options.config.items_input = L4R_ITEMS_ID;
      options.config.tied_head = tied;
      options.config.dropout = 0;
      options.train.team = team;
      options.loss = sampled ? L4R_LOSS_SAMPLED_SOFTMAX : L4R_LOSS_CROSS_ENTROPY;
      options.negatives = sampled ? ITEMS : 0;
      options.update = sampled ? L4R_UPDATE_ROWS : L4R_UPDATE_BY_SIZE;
      struct l4r_lite_run run;
      open_run(&options, &run);
      floats = run.tensors.floats;
      gradients[sampled] = calloc((size_t)floats, sizeof(float));
      loss[sampled] = step_loss(&run, team, gradients[sampled]);
      cr_assert_eq(run.task.rows != NULL, sampled);
      l4r_lite_close(&run);
    }
    cr_assert_float_eq(loss[0], loss[1], 1e-5);
    for (int64_t i = 0; i < floats; i++)
      cr_assert_float_eq(gradients[0][i], gradients[1][i], 2e-6, "tied %d, %lld: %g and %g", tied,
                         (long long)i, gradients[0][i], gradients[1][i]);
    free(gradients[0]);
    free(gradients[1]);
  }
  l4r_team_free(team);
  l4r_dataset_close(dataset);
}

/* Distinct within a draw, every item equally often over many, the same when drawn again. */
Test(lite_sampled, draws_are_uniform_distinct_and_repeatable) {
  struct l4r_dataset *dataset = circles_dataset();
  enum { N = 6, DRAWS = 4000 };
  struct l4r_lite_train_options options = sasrec_options(dataset, "draws", L4R_LOSS_GBCE, N);
  struct l4r_lite_run run;
  open_run(&options, &run);
  int64_t count[ITEMS + 1] = {0};
  l4r_item first[N];
  l4r_lite_prepare_step(&run.lite, 0);
  memcpy(first, run.lite.sampled.item, sizeof first);
  for (int64_t n = 0; n < DRAWS; n++) {
    run.lite.epoch.number = n;
    l4r_lite_sampled_draw(&run.lite, 1);
    const l4r_item *item = run.lite.sampled.item;
    for (int i = 0; i < N; i++) {
      cr_assert(item[i] >= 1 && item[i] <= ITEMS);
      for (int j = 0; j < i; j++) cr_assert_neq(item[i], item[j]);
      count[item[i]]++;
    }
  }
  const double expected = (double)DRAWS * N / ITEMS, deviation = sqrt(expected);
  for (int i = 1; i <= ITEMS; i++)
    cr_assert_float_eq((double)count[i], expected, 5 * deviation, "item %d: %lld times", i,
                       (long long)count[i]);
  run.lite.epoch.number = 0;
  l4r_lite_sampled_draw(&run.lite, 0);
  cr_assert_arr_eq(first, run.lite.sampled.item, sizeof first);
  l4r_lite_close(&run);
  l4r_dataset_close(dataset);
}

/* The task's own step, with a signal after some of them. */
static int (*inner_step)(void *, struct l4r_team *, struct l4r_train_step *);
static int64_t steps_left;
static int signalling_step(void *state, struct l4r_team *team, struct l4r_train_step *step) {
  if (--steps_left == 0) raise(SIGTERM);
  return inner_step(state, team, step);
}

static void run_training(struct l4r_lite_train_options *options, int64_t signal_after) {
  struct l4r_lite_run run;
  int interrupted;
  cr_assert_eq(l4r_lite_open(options, &run), 0, "%s", l4r_error_message());
  inner_step = run.task.forward_backward;
  run.task.forward_backward = signalling_step;
  steps_left = signal_after;
  cr_assert_eq(l4r_train(&run.task, &options->train, &interrupted), 0, "%s", l4r_error_message());
  cr_assert_eq(interrupted, signal_after > 0);
  l4r_lite_close(&run);
}

Test(lite_sampled, resume_repeats_the_bits) {
  struct l4r_dataset *dataset = circles_dataset();
  struct l4r_team *team;
  cr_assert_eq(l4r_team_create(2, NULL, &team), 0);
  struct l4r_lite_train_options whole = sasrec_options(dataset, "whole", L4R_LOSS_GBCE, 5);
  struct l4r_lite_train_options parts = sasrec_options(dataset, "parts", L4R_LOSS_GBCE, 5);
  whole.update = parts.update = L4R_UPDATE_ROWS;
  whole.train.team = parts.train.team = team;
  run_training(&whole, 0);
  run_training(&parts, 11);
  parts.train.resume = 1;
  run_training(&parts, 0);
  char a[65], b[65];
  cr_assert_eq(l4r_sha256_file(test_path("whole/model.safetensors"), a), 0);
  cr_assert_eq(l4r_sha256_file(test_path("parts/model.safetensors"), b), 0);
  cr_assert_str_eq(a, b);
  parts.loss = L4R_LOSS_SAMPLED_SOFTMAX; /* another loss is another training */
  int interrupted;
  cr_assert_eq(l4r_lite_train(&parts, &interrupted), L4R_INPUT);
  cr_assert_not_null(strstr(l4r_error_message(), "other settings"), "%s", l4r_error_message());
  l4r_team_free(team);
  l4r_dataset_close(dataset);
}

Test(lite_sampled, sampled_losses_learn_to_walk_in_circles) {
  struct l4r_dataset *dataset = circles_dataset();
  for (int variant = 0; variant < 6; variant++) {
    struct l4r_lite_train_options options = sasrec_options(
        dataset, "learns", variant & 1 ? L4R_LOSS_GBCE : L4R_LOSS_SAMPLED_SOFTMAX, 8);
    int interrupted;
    options.update = variant & 2 ? L4R_UPDATE_ROWS : L4R_UPDATE_DENSE;
    options.each = options.uncorrected = variant >= 4;
    options.train.epochs = 80;
    options.train.learning_rate = 5e-3;
    options.train.patience = 0;
    options.config.dropout = 0.05;
    cr_assert_eq(l4r_lite_train(&options, &interrupted), 0, "%s", l4r_error_message());
    struct l4r_model_config config;
    cr_assert_eq(l4r_config_read(test_path("learns"), &config), 0, "%s", l4r_error_message());
    cr_assert_str_eq(config.loss, variant & 1 ? "gbce" : "sampled-softmax");
    cr_assert_not_null(strstr(config.training, variant & 2 ? " negatives=8 update=rows"
                                                           : " negatives=8 update=dense"),
                       "%s", config.training);
    cr_assert_eq(strstr(config.training, " sample=position correction=off") != NULL, variant >= 4,
                 "%s", config.training);
    char *log = test_read("learns/training.jsonl"), *at = log, *best = log;
    while ((at = strstr(at, "\"hr10\": "))) best = at += 8;
    cr_assert_gt(strtod(best, NULL), 0.9, "variant %d: HR@10 %.6s", variant, best);
  }
  l4r_dataset_close(dataset);
}

/* 24 items, but vectors so wide that parameters and moments alone come to terabytes. */
Test(lite_sampled, memory_that_cannot_be_had_is_refused_before_it_is_taken) {
  struct l4r_dataset *dataset = circles_dataset();
  struct l4r_lite_train_options options = sasrec_options(dataset, "large", L4R_LOSS_GBCE, 5);
  int interrupted;
  options.config.rec_llm.d_model = options.config.rec_llm.d_ff = 1 << 20;
  cr_assert_eq(l4r_lite_train(&options, &interrupted), L4R_ENVIRONMENT);
  const char *message = l4r_error_message();
  cr_assert_not_null(strstr(message, "bytes of memory are needed"), "%s", message);
  cr_assert_not_null(strstr(message, "are available"), "%s", message);
  cr_assert_not_null(strstr(message, "moments"), "%s", message);
  l4r_dataset_close(dataset);
}

Test(lite_sampled, refuses_settings_out_of_range) {
  struct l4r_dataset *dataset = circles_dataset();
  struct l4r_lite_train_options options = sasrec_options(dataset, "refused", L4R_LOSS_GBCE, -1);
  int interrupted;
  cr_assert_eq(l4r_lite_train(&options, &interrupted), L4R_USAGE);
  cr_assert_not_null(strstr(l4r_error_message(), "--negatives"), "%s", l4r_error_message());
  options.negatives = 5;
  options.calibration = 1.5;
  cr_assert_eq(l4r_lite_train(&options, &interrupted), L4R_USAGE);
  options.calibration = -1;
  options.each = 1;
  options.update = L4R_UPDATE_ROWS;
  cr_assert_eq(l4r_lite_train(&options, &interrupted), L4R_USAGE);
  cr_assert_not_null(strstr(l4r_error_message(), "--sample piece"), "%s", l4r_error_message());
  l4r_dataset_close(dataset);
}
