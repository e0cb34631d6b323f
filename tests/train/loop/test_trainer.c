/* SPDX-License-Identifier: BSD-3-Clause */
/* The training loop on a task of its own: least squares on seeded data, small enough that whole
 * runs take milliseconds. Interruption is played by a signal that the task raises in a chosen
 * step, a kill by a child process that ends itself there. */
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "impl/model/config_sizes.h"
#include "impl/train/loop/adam.h"
#include "impl/train/loop/trainer.h"
#include "impl/train/loop/run.h"
#include "impl/train/loop/step.h"
#include "tests/support/command.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WIDTH = 24, ROWS = 64, BATCH = 4, STEPS = ROWS / BATCH };

struct toy {
  double row[ROWS][WIDTH], answer[ROWS];
  int64_t order[ROWS];
  int64_t calls, act_at; /* calls of forward_backward; the one in which `act` happens, from 1 */
  int act;               /* a signal number; or NAN_LOSS, NAN_GRADIENT */
  struct l4r_tensor tensor[2];
  struct l4r_tensors tensors;
  struct l4r_model_config config;
  struct l4r_train_task task;
  struct l4r_train_options options;
  char folder[L4R_PATH_MAX];
};
enum { NAN_LOSS = -1, NAN_GRADIENT = -2, SLEEP = -3 };

static int toy_begin(void *state, uint64_t seed, int64_t epoch, int64_t *steps) {
  struct toy *toy = state;
  struct l4r_random random;
  l4r_random_stream(&random, seed, 7, (uint64_t)epoch);
  for (int i = 0; i < ROWS; i++) toy->order[i] = i;
  l4r_random_shuffle(&random, toy->order, ROWS);
  *steps = STEPS;
  return L4R_OK;
}

static double toy_error(const struct toy *toy, const float *values, int64_t r) {
  double sum = values[32] - toy->answer[r];
  for (int j = 0; j < WIDTH; j++) sum += (double)values[j] * toy->row[r][j];
  return sum;
}

static int toy_step(void *state, struct l4r_team *team, struct l4r_train_step *step) {
  struct toy *toy = state;
  (void)team;
  for (int i = 0; i < BATCH; i++) {
    int64_t r = toy->order[step->step * BATCH + i];
    double error = toy_error(toy, step->values, r);
    step->loss += error * error / BATCH;
    for (int j = 0; j < WIDTH; j++)
      step->gradients[j] += (float)(2 * error * toy->row[r][j] / BATCH);
    step->gradients[32] += (float)(2 * error / BATCH);
  }
  step->targets = BATCH;
  step->tokens = 3 * BATCH;
  step->flops = 4.0 * BATCH * WIDTH;
  if (++toy->calls == toy->act_at) {
    if (toy->act == NAN_LOSS) step->loss = NAN;
    if (toy->act == NAN_GRADIENT) step->gradients[32] = INFINITY;
    if (toy->act > 0) raise(toy->act);
  }
  if (toy->act == SLEEP) usleep(20000);
  return L4R_OK;
}

static int toy_validate(void *state, struct l4r_team *team, const float *values,
                        struct l4r_validation *validation) {
  struct toy *toy = state;
  (void)team;
  double sum = 0;
  for (int r = 0; r < ROWS; r++) sum += pow(toy_error(toy, values, r), 2);
  *validation = (struct l4r_validation){1 / (1 + sum), 0.5 / (1 + sum), ROWS};
  return L4R_OK;
}

static struct toy *toy_new(void) {
  l4r_log_quiet(1);
  struct toy *toy = calloc(1, sizeof *toy);
  struct l4r_random random;
  l4r_random_seed(&random, 11);
  for (int r = 0; r < ROWS; r++) {
    toy->answer[r] = 3;
    for (int j = 0; j < WIDTH; j++) {
      toy->row[r][j] = l4r_random_normal(&random);
      toy->answer[r] += toy->row[r][j] * (j - 10) * 0.1;
    }
  }
  toy->tensor[0] = (struct l4r_tensor){
      .name = "item_head.weight", .rows = 4, .columns = 6, .count = 24, .deviation = 1, .decay = 1};
  toy->tensor[1] = (struct l4r_tensor){
      .name = "item_head.bias", .rows = 1, .offset = 32, .count = 1};
  toy->tensors = (struct l4r_tensors){toy->tensor, 2, 48, 48};
  cr_assert_eq(l4r_config_defaults(L4R_KIND_LITE, "tiny", &toy->config), 0);
  toy->config.items = 4;
  toy->config.item_llm.vocabulary = 8;
  toy->task = (struct l4r_train_task){.state = toy,
                                      .config = &toy->config,
                                      .tensors = &toy->tensors,
                                      .users = ROWS,
                                      .begin_epoch = toy_begin,
                                      .forward_backward = toy_step,
                                      .validate = toy_validate};
  l4r_train_defaults(&toy->options);
  toy->options.epochs = 6;
  toy->options.ceiling_seconds = 0;
  toy->options.warmup = 10;
  toy->options.learning_rate = 0.05;
  const char *base = getenv("TMPDIR");
  snprintf(toy->folder, sizeof toy->folder, "%s/trainer-XXXXXX", base ? base : P_tmpdir);
  cr_assert_not_null(mkdtemp(toy->folder));
  toy->options.out = toy->folder;
  return toy;
}

static void toy_free(struct toy *toy) {
  char command[L4R_PATH_MAX + 16];
  snprintf(command, sizeof command, "rm -rf '%s'", toy->folder);
  cr_assert_eq(system(command), 0);
  free(toy);
}

static int toy_run(struct toy *toy, int *interrupted) {
  return l4r_train(&toy->task, &toy->options, interrupted);
}

static char *content(const struct toy *toy, const char *name, size_t *bytes) {
  char path[L4R_PATH_MAX], *text;
  cr_assert_eq(l4r_path_join(path, toy->folder, name), 0);
  cr_assert_eq(l4r_read_file(path, 0, &text, bytes), 0, "%s", l4r_error_message());
  return text;
}

static int exists(const struct toy *toy, const char *name) {
  char path[L4R_PATH_MAX];
  cr_assert_eq(l4r_path_join(path, toy->folder, name), 0);
  return access(path, F_OK) == 0;
}

static int lines_of(const struct toy *toy) {
  size_t bytes;
  char *text = content(toy, L4R_LOG_FILE, &bytes);
  int lines = 0;
  for (size_t i = 0; i < bytes; i++) lines += text[i] == '\n';
  l4r_free(text);
  return lines;
}

static void assert_same_weights(const struct toy *a, const struct toy *b) {
  size_t na, nb;
  char *x = content(a, "model.safetensors", &na), *y = content(b, "model.safetensors", &nb);
  cr_assert_eq(na, nb);
  cr_assert_eq(memcmp(x, y, na), 0, "the weights differ");
  l4r_free(x);
  l4r_free(y);
}

Test(trainer, learns_and_writes_its_folder) {
  struct toy *toy = toy_new();
  int interrupted = 7;
  toy->options.epochs = 60;
  toy->options.patience = 0;
  toy->options.schedule = L4R_SCHEDULE_LINEAR;
  cr_assert_eq(toy_run(toy, &interrupted), 0, "%s", l4r_error_message());
  cr_assert_eq(interrupted, 0);
  cr_assert_eq(lines_of(toy), 60);
  cr_assert(exists(toy, "config.json"));
  cr_assert_geq(toy->config.epoch, 50);
  size_t bytes;
  char *text = content(toy, "model.safetensors", &bytes);
  float bias;
  memcpy(&bias, text + bytes - sizeof bias, sizeof bias);
  cr_assert_float_eq(bias, 3, 0.05, "bias %g", (double)bias);
  l4r_free(text);
  toy_free(toy);
}

static double logged(const struct toy *toy, const char *field) { /* NAN: null */
  size_t bytes;
  char key[48], *text = content(toy, L4R_LOG_FILE, &bytes), *at;
  snprintf(key, sizeof key, "\"%s\": ", field);
  cr_assert_not_null(at = strstr(text, key), "%s: %s", field, text);
  at += strlen(key);
  double value = strncmp(at, "null", 4) == 0 ? NAN : strtod(at, NULL);
  l4r_free(text);
  return value;
}

/* Speeds are never asserted, but that they are shares of each other. */
Test(trainer, an_epoch_tells_work_tokens_and_the_share_of_the_ceiling) {
  struct toy *toy = toy_new();
  int interrupted;
  toy->options.epochs = 1;
  cr_assert_eq(toy_run(toy, &interrupted), 0, "%s", l4r_error_message());
  cr_assert(isnan(logged(toy, "ceiling_gflop_per_second")), "nobody measured a ceiling");
  cr_assert(isnan(logged(toy, "ceiling_fraction")));
  toy->options.ceiling_seconds = 0.01;
  toy->act = SLEEP;
  cr_assert_eq(toy_run(toy, &interrupted), 0, "%s", l4r_error_message());
  cr_assert_eq(logged(toy, "targets"), ROWS);
  cr_assert_eq(logged(toy, "tokens"), 3 * ROWS);
  cr_assert_float_eq(logged(toy, "tokens_per_second"), 3 * logged(toy, "targets_per_second"), 1);
  cr_assert_gt(logged(toy, "ceiling_gflop_per_second"), 0.1);
  cr_assert_geq(logged(toy, "gflops"), 0);
  toy_free(toy);
}

Test(trainer, the_ceiling_changes_no_bits_and_counts_survive_an_interruption) {
  struct toy *whole = toy_new(), *parts = toy_new();
  int interrupted;
  whole->options.epochs = parts->options.epochs = 1;
  cr_assert_eq(toy_run(whole, &interrupted), 0, "%s", l4r_error_message());
  parts->options.ceiling_seconds = 0.01;
  parts->act = SIGTERM;
  parts->act_at = 5;
  cr_assert_eq(toy_run(parts, &interrupted), 0, "%s", l4r_error_message());
  cr_assert_eq(interrupted, 1);
  parts->options.resume = 1;
  cr_assert_eq(toy_run(parts, &interrupted), 0, "%s", l4r_error_message());
  assert_same_weights(whole, parts);
  cr_assert_eq(logged(parts, "tokens"), 3 * ROWS);
  toy_free(whole);
  toy_free(parts);
}

Test(trainer, resume_after_a_signal_repeats_the_bits) {
  struct toy *whole = toy_new(), *parts = toy_new();
  int interrupted;
  whole->options.schedule = parts->options.schedule = L4R_SCHEDULE_COSINE;
  cr_assert_eq(toy_run(whole, &interrupted), 0, "%s", l4r_error_message());
  parts->act = SIGTERM;
  parts->act_at = 2 * STEPS + 5;
  cr_assert_eq(toy_run(parts, &interrupted), 0, "%s", l4r_error_message());
  cr_assert_eq(interrupted, 1);
  cr_assert_eq(parts->calls, parts->act_at, "the step under way is finished, no other begun");
  cr_assert_not(exists(parts, "model.safetensors"));
  parts->options.resume = 1;
  cr_assert_eq(toy_run(parts, &interrupted), 0, "%s", l4r_error_message());
  cr_assert_eq(interrupted, 0);
  cr_assert_eq(parts->calls, 6 * STEPS);
  assert_same_weights(whole, parts);
  cr_assert_eq(lines_of(parts), 6);
  toy_free(whole);
  toy_free(parts);
}

Test(trainer, resume_after_a_signal_in_the_last_step_of_an_epoch) {
  struct toy *whole = toy_new(), *parts = toy_new();
  int interrupted;
  cr_assert_eq(toy_run(whole, &interrupted), 0);
  parts->act = SIGINT;
  parts->act_at = 2 * STEPS;
  cr_assert_eq(toy_run(parts, &interrupted), 0);
  cr_assert_eq(interrupted, 1);
  cr_assert_eq(lines_of(parts), 1);
  parts->options.resume = 1;
  cr_assert_eq(toy_run(parts, &interrupted), 0);
  assert_same_weights(whole, parts);
  cr_assert_eq(lines_of(parts), 6);
  toy_free(whole);
  toy_free(parts);
}

Test(trainer, resume_after_a_kill_repeats_the_bits) {
  struct toy *whole = toy_new(), *parts = toy_new();
  int interrupted, status;
  cr_assert_eq(toy_run(whole, &interrupted), 0);
  parts->options.checkpoint_seconds = 1e-9; /* as often as its own bound of 2 % lets it */
  parts->act = SIGKILL;
  parts->act_at = 3 * STEPS + 9;
  pid_t child = fork();
  if (child == 0) _exit(toy_run(parts, &interrupted) ? 1 : 0);
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  parts->options.resume = 1;
  parts->act = 0;
  cr_assert_eq(toy_run(parts, &interrupted), 0, "%s", l4r_error_message());
  assert_same_weights(whole, parts);
  cr_assert_eq(lines_of(parts), 6);
  toy_free(whole);
  toy_free(parts);
}

Test(trainer, teams_of_two_and_three_change_nothing_in_the_update) {
  struct toy *one = toy_new(), *three = toy_new();
  int interrupted;
  cr_assert_eq(toy_run(one, &interrupted), 0);
  cr_assert_eq(l4r_team_create(3, NULL, &three->options.team), 0);
  cr_assert_eq(toy_run(three, &interrupted), 0);
  l4r_team_free(three->options.team);
  assert_same_weights(one, three);
  toy_free(one);
  toy_free(three);
}

Test(trainer, zero_epochs_write_the_initial_weights) {
  struct toy *toy = toy_new();
  int interrupted;
  toy->options.epochs = 0;
  cr_assert_eq(toy_run(toy, &interrupted), 0, "%s", l4r_error_message());
  cr_assert(exists(toy, "model.safetensors"));
  cr_assert_not(exists(toy, L4R_STATE_FILE));
  cr_assert_eq(toy->calls, 0);
  toy_free(toy);
}

Test(trainer, minutes_end_the_run_within_an_epoch_after_a_validation) {
  struct toy *toy = toy_new();
  int interrupted;
  toy->options.epochs = -1;
  toy->options.minutes = 0.6 / 60; /* two epochs of 16 steps of 20 ms would take .64 s */
  toy->act = SLEEP;
  /* No clock is read here: on a busy machine steps are fewer, never more. */
  cr_assert_eq(toy_run(toy, &interrupted), 0, "%s", l4r_error_message());
  cr_assert_lt(toy->calls, 2 * STEPS);
  cr_assert_gt(toy->calls, 3);
  cr_assert_eq(lines_of(toy), toy->calls > STEPS ? 2 : 1);
  cr_assert(exists(toy, "model.safetensors"));
  toy_free(toy);
}

/* The clock has gone on before the first step; a run that its epochs end must not see that. */
Test(trainer, minutes_that_are_further_than_the_epochs_change_no_bit) {
  struct toy *without = toy_new(), *with = toy_new();
  int interrupted;
  without->options.schedule = with->options.schedule = L4R_SCHEDULE_COSINE;
  without->options.epochs = with->options.epochs = 3;
  with->options.minutes = 10;
  with->options.started_ns = l4r_now_ns() - INT64_C(60000000000);
  cr_assert_eq(toy_run(without, &interrupted), 0, "%s", l4r_error_message());
  cr_assert_eq(toy_run(with, &interrupted), 0, "%s", l4r_error_message());
  assert_same_weights(without, with);
  toy_free(without);
  toy_free(with);
}

static struct toy *talking;
static int run_talking(int argc, char **argv) {
  int interrupted;
  (void)argc, (void)argv;
  l4r_log_quiet(0);
  const int status = toy_run(talking, &interrupted);
  l4r_log_quiet(1);
  return status;
}

/* Epochs that end a run long before its minutes do say so from the first one on. */
Test(trainer, the_time_left_is_that_of_the_epochs_from_the_first_one_on) {
  struct toy *toy = talking = toy_new();
  toy->options.epochs = 3;
  toy->options.minutes = 600;
  toy->act = SLEEP;
  OK(test_run(run_talking, "toy", NULL));
  const char *said = test_read("err"), *left = said;
  for (int e = 1; e <= 3; e++, left++) {
    cr_assert_not_null(left = strstr(left, ", left "), "epoch %d: %s", e, said);
    cr_assert_null(strstr(left, " h\n"), "epoch %d has hours left: %s", e, said);
  }
  cr_assert_eq(strncmp(left - 1, ", left 0 s\n", 11), 0, "%s", said);
  toy_free(toy);
}

/* A tenth of three epochs of STEPS steps each; then the schedule, as if there had been none. */
Test(trainer, a_warmup_below_one_is_a_share_of_the_run) {
  const struct l4r_train_options options = {
      .learning_rate = 2, .warmup = .1, .schedule = L4R_SCHEDULE_LINEAR};
  struct l4r_train_run run = {.options = &options};
  for (int epoch = 0; epoch < 3; epoch++)
    for (int step = 0; step < 20; step++) {
      const double done = (20 * epoch + step) / 60.0, next = done + 1 / 60.0;
      const double falling = 2 * (1 - .95 * done), warm = next < .1 ? next / .1 : 1;
      run.counters.progress_begin = epoch / 3.0;
      run.counters.progress_end = (epoch + 1) / 3.0;
      run.counters.step = step;
      cr_expect_float_eq(l4r_train_rate(&run, 20), falling * warm, 1e-12, "step %d", step);
    }
}

Test(trainer, patience_stops_and_keeps_the_best_epoch) {
  struct toy *toy = toy_new();
  int interrupted;
  toy->options.epochs = 500;
  toy->options.patience = 2;
  toy->options.learning_rate = 1.5; /* too large to settle */
  toy->options.warmup = 0;
  cr_assert_eq(toy_run(toy, &interrupted), 0, "%s", l4r_error_message());
  int lines = lines_of(toy);
  cr_assert_lt(lines, 500);
  cr_assert_eq(toy->config.epoch, lines - 2);
  toy_free(toy);
}

Test(trainer, a_loss_that_is_not_a_number_stops_with_step_and_checkpoint) {
  struct toy *toy = toy_new();
  int interrupted;
  toy->act = NAN_LOSS;
  toy->act_at = STEPS + 3;
  cr_assert_eq(toy_run(toy, &interrupted), L4R_CHECK);
  cr_assert_not_null(strstr(l4r_error_message(), "epoch 2, step 3"), "%s", l4r_error_message());
  cr_assert_not_null(strstr(l4r_error_message(), L4R_STATE_FILE));
  toy->act = 0;
  toy->options.resume = 1; /* the checkpoint named is good */
  cr_assert_eq(toy_run(toy, &interrupted), 0, "%s", l4r_error_message());
  toy_free(toy);
}

Test(trainer, an_infinite_gradient_names_its_tensor) {
  struct toy *toy = toy_new();
  int interrupted;
  toy->act = NAN_GRADIENT;
  toy->act_at = 4;
  cr_assert_eq(toy_run(toy, &interrupted), L4R_CHECK);
  cr_assert_not_null(strstr(l4r_error_message(), "gradient of item_head.bias"), "%s",
                     l4r_error_message());
  toy_free(toy);
}

static void assert_refused(struct toy *toy, const char *what) {
  int interrupted;
  toy->options.resume = 1;
  cr_assert_eq(toy_run(toy, &interrupted), L4R_INPUT);
  cr_assert_not_null(strstr(l4r_error_message(), L4R_STATE_FILE), "%s", l4r_error_message());
  cr_assert_not_null(strstr(l4r_error_message(), what), "%s", l4r_error_message());
}

Test(trainer, resume_refuses_what_it_cannot_continue) {
  struct toy *toy = toy_new();
  int interrupted;
  char path[L4R_PATH_MAX];
  assert_refused(toy, "no checkpoint");
  toy->options.resume = 0;
  toy->options.epochs = 1;
  cr_assert_eq(toy_run(toy, &interrupted), 0);
  toy->options.learning_rate *= 2;
  assert_refused(toy, "other settings");
  toy->options.learning_rate /= 2;
  size_t bytes;
  char *text = content(toy, L4R_STATE_FILE, &bytes);
  cr_assert_eq(l4r_path_join(path, toy->folder, L4R_STATE_FILE), 0);
  text[bytes / 2] ^= 1;
  cr_assert_eq(l4r_write_file(path, text, bytes), 0);
  assert_refused(toy, "corrupt");
  text[bytes / 2] ^= 1;
  text[100] ^= 1;
  cr_assert_eq(l4r_write_file(path, text, bytes), 0);
  assert_refused(toy, "corrupt");
  text[100] ^= 1;
  cr_assert_eq(l4r_write_file(path, text, bytes - 30), 0);
  assert_refused(toy, "truncated");
  cr_assert_eq(l4r_write_file(path, text, 10), 0);
  assert_refused(toy, "truncated");
  cr_assert_eq(l4r_write_file(path, text, bytes), 0);
  cr_assert_eq(toy_run(toy, &interrupted), 0, "%s", l4r_error_message());
  l4r_free(text);
  toy_free(toy);
}

/* A bound on the size of files stands for the full disk: writes fail in the same calls. */
Test(trainer, a_full_disk_leaves_the_old_checkpoint) {
  struct toy *toy = toy_new();
  int interrupted;
  size_t before, after;
  toy->options.epochs = 2;
  cr_assert_eq(toy_run(toy, &interrupted), 0);
  char *old = content(toy, L4R_STATE_FILE, &before);
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit limit = {600, 600};
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
  toy->options.epochs = 3;
  toy->options.resume = 1;
  cr_assert_eq(toy_run(toy, &interrupted), L4R_ENVIRONMENT);
  char *now = content(toy, L4R_STATE_FILE, &after);
  cr_assert_eq(before, after);
  cr_assert_eq(memcmp(old, now, before), 0);
  l4r_free(old);
  l4r_free(now);
  toy_free(toy);
}

Test(trainer, decay_and_the_embedding_rate_move_only_what_asks_for_them) {
  struct toy *toy = toy_new();
  float values[48], first[48] = {0}, second[48] = {0}, gradients[48] = {0};
  for (int i = 0; i < 48; i++) values[i] = 1;
  gradients[32] = 0.5f;
  struct l4r_adam_step step = {.kernels = l4r_adam_kernels_of(l4r_isa_widest()),
                               .tensors = &toy->tensors,
                               .values = values,
                               .first = first,
                               .second = second,
                               .gradients = gradients,
                               .rate = 0.1,
                               .scale = 1,
                               .beta1 = 0.9,
                               .beta2 = 0.999,
                               .epsilon = 1e-8,
                               .decay = 0.5,
                               .embedding_rate = 3,
                               .update = 1};
  cr_assert_eq(l4r_adam_update(NULL, &step), 0);
  cr_assert_float_eq(values[0], 0.95, 1e-6, "decoupled decay: 1 - 0.1 * 0.5");
  cr_assert_float_eq(values[32], 0.9, 1e-6, "the first step moves by the rate, whatever the size");
  cr_assert_eq(values[40], 1, "padding stays");
  /* Vectors of tokens and items take their own rate, but decay as the rest. */
  values[0] = 1;
  first[0] = second[0] = first[1] = second[1] = 0;
  gradients[1] = -0.25f;
  toy->tensors.tensor[0].embedding = 1;
  cr_assert_eq(l4r_adam_update(NULL, &step), 0);
  cr_assert_float_eq(values[0], 0.95, 1e-6);
  cr_assert_float_eq(values[1], 0.95 * 0.95 + 0.3, 1e-6, "%g", (double)values[1]);
  toy_free(toy);
}

/* The toy's weight as a table of four rows of six, of which a step names some. */
static struct l4r_train_rows named;
static int32_t named_row[4];
static int sparse_step(void *state, struct l4r_team *team, struct l4r_train_step *step) {
  int status = toy_step(state, team, step);
  for (int i = 0; i < 24; i++) {
    int seen = 0;
    for (int64_t r = 0; r < named.table[0].rows; r++) seen |= named_row[r] == i / 6;
    if (!seen) step->gradients[i] = 0;
  }
  return status;
}

static struct toy *sparse_toy(int64_t rows) {
  struct toy *toy = toy_new();
  for (int64_t r = 0; r < rows; r++) named_row[r] = (int32_t)(3 - r);
  named = (struct l4r_train_rows){
      .count = 1,
      .most = 4,
      .table = {{.offset = 0, .width = 6, .total = 4, .row = named_row, .rows = rows}}};
  toy->task.rows = &named;
  toy->task.forward_backward = sparse_step;
  return toy;
}

Test(trainer, a_step_that_names_all_rows_is_a_dense_one) {
  struct toy *dense = toy_new(), *sparse = sparse_toy(4);
  int interrupted;
  dense->options.clip = sparse->options.clip = 0; /* the norm is summed in another order */
  cr_assert_eq(toy_run(dense, &interrupted), 0);
  cr_assert_eq(toy_run(sparse, &interrupted), 0, "%s", l4r_error_message());
  assert_same_weights(dense, sparse);
  toy_free(dense);
  toy_free(sparse);
}

Test(trainer, rows_that_no_step_names_keep_their_values) {
  struct toy *toy = sparse_toy(1);
  float initial[48];
  int interrupted;
  l4r_tensors_init(&toy->tensors, toy->options.seed, initial);
  cr_assert_eq(l4r_team_create(2, NULL, &toy->options.team), 0);
  cr_assert_eq(toy_run(toy, &interrupted), 0, "%s", l4r_error_message());
  l4r_team_free(toy->options.team);
  size_t bytes;
  char *text = content(toy, "model.safetensors", &bytes);
  float weight[25];
  memcpy(weight, text + bytes - sizeof weight, sizeof weight);
  cr_assert_arr_eq(weight, initial, 18 * sizeof(float), "no moment, no decay");
  for (int i = 18; i < 24; i++) cr_assert_neq(weight[i], initial[i]);
  l4r_free(text);
  toy_free(toy);
}
