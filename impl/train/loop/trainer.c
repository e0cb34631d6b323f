/* SPDX-License-Identifier: BSD-3-Clause */
/* The training loop. Everything that a run needs to continue is in struct l4r_train_run, and the
 * part that cannot be recomputed is in the checkpoint. Every random draw of a task comes from
 * (seed, epoch, step, worker). So a resumed run repeats the bits of a run that was never stopped.
 *
 * The bound of minutes covers the whole call: before each step, the loop checks whether the
 * validation and the two final writes, as measured so far, would still fit after it. Their first
 * estimate comes from a validation of the untrained model, before training begins. */
#include "impl/train/loop/trainer.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/model/model.h"
#include "impl/model/tokenizer.h"
#include "impl/train/loop/begin.h"
#include "impl/train/loop/ceiling.h"
#include "impl/train/loop/divided.h"
#include "impl/train/loop/log.h"
#include "impl/train/loop/run.h"
#include "impl/train/loop/state.h"
#include "impl/train/loop/step.h"
#include "impl/train/loop/tensors_divided.h"
#include "impl/train/loop/together.h"

#include <signal.h>
#include <string.h>

enum ending { GOING_ON, OUT_OF_TIME, INTERRUPTED };

static volatile sig_atomic_t signalled;

static void note_signal(int number) {
  (void)number;
  signalled = 1;
}

struct handlers {
  struct sigaction interrupt, terminate;
};

static void handlers_install(struct handlers *old) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = note_signal;
  action.sa_flags = (int)(SA_RESTART | SA_RESETHAND); /* a second signal ends the process */
  sigemptyset(&action.sa_mask);
  signalled = 0;
  sigaction(SIGINT, &action, &old->interrupt);
  sigaction(SIGTERM, &action, &old->terminate);
}

static void handlers_restore(const struct handlers *old) {
  sigaction(SIGINT, &old->interrupt, NULL);
  sigaction(SIGTERM, &old->terminate, NULL);
}

void l4r_train_defaults(struct l4r_train_options *options) {
  *options = (struct l4r_train_options){
      .epochs = -1,
      .patience = 5,
      .seed = 1,
      .learning_rate = 1e-3,
      .warmup = 100,
      .weight_decay = 0.01,
      .clip = 1,
      .embedding_rate = 1,
      .pretrained_rate = 1,
      .schedule = L4R_SCHEDULE_CONSTANT,
      .beta1 = 0.9,
      .beta2 = 0.999,
      .epsilon = 1e-8,
      .checkpoint_seconds = 120,
      .ceiling_seconds = 0.3,
  };
}

/* Compares progress at the epoch's end. At its begin some time has already passed, a different
 * amount in every run, and a run bounded by epochs would not repeat bit for bit. */
static void larger_progress(struct l4r_train_counters *c, double begin, double end) {
  if (end < c->progress_end) return;
  c->progress_begin = begin;
  c->progress_end = end;
}

static void plan_epoch(struct l4r_train_run *run) {
  struct l4r_train_counters *c = &run->counters;
  c->epoch_seconds = c->epoch_loss = c->epoch_flops = 0;
  c->epoch_targets = c->epoch_tokens = 0;
  c->progress_begin = c->progress_end = 0;
  double epochs = (double)run->options->epochs, minutes = run->options->minutes;
  if (epochs > 0) larger_progress(c, (double)c->epoch / epochs, ((double)c->epoch + 1) / epochs);
  if (minutes > 0) {
    double begin = l4r_train_seconds(run) / (minutes * 60);
    double cost = c->last_epoch_seconds > 0 ? c->last_epoch_seconds + c->validation_seconds : 0;
    larger_progress(c, begin, begin + cost / (minutes * 60));
  }
}

/* Returns 1 when another step of `step_seconds` could exceed the time bound. */
static int out_of_time(const struct l4r_train_run *run, double step_seconds) {
  if (run->options->minutes <= 0) return 0;
  double left = run->options->minutes * 60 - l4r_train_seconds(run);
  double reserve = 1.25 * run->counters.validation_seconds + 4 * run->write_seconds +
                   1.5 * step_seconds + 0.05;
  return left < reserve;
}

static int checkpoint_due(const struct l4r_train_run *run) {
  double interval = run->options->checkpoint_seconds;
  if (interval <= 0) return 0;
  if (interval < 50 * run->write_seconds) interval = 50 * run->write_seconds; /* at most 2 % */
  return (double)(l4r_now_ns() - run->written_ns) * 1e-9 > interval;
}

/* Runs the remaining steps of one epoch. */
static int run_steps(struct l4r_train_run *run, int64_t steps, enum ending *ending) {
  struct l4r_train_counters *c = &run->counters;
  double step_seconds = 0, loss = 0;
  int64_t begun = 0; /* of the last step */
  for (;;) {
    struct l4r_train_vote vote = {.interrupted = signalled,
                                  .out_of_time = c->step < steps && out_of_time(run, step_seconds),
                                  .checkpoint = begun && c->step < steps && checkpoint_due(run)};
    int status = l4r_train_ask(run, &vote);
    if (status) return status;
    if (vote.interrupted) *ending = INTERRUPTED;
    if (vote.interrupted || c->step >= steps) return L4R_OK;
    if (vote.checkpoint) status = l4r_train_checkpoint(run);
    if (vote.out_of_time) *ending = OUT_OF_TIME;
    if (status || vote.out_of_time) return status;
    begun = l4r_now_ns();
    status = l4r_train_one_step(run, steps, &loss);
    if (status) return status;
    step_seconds = (double)(l4r_now_ns() - begun) * 1e-9;
    c->epoch_seconds += step_seconds;
    l4r_train_log_step(run, loss, steps);
  }
}

static int end_epoch(struct l4r_train_run *run, int64_t steps) {
  struct l4r_train_counters *c = &run->counters;
  struct l4r_validation validation;
  int status = l4r_train_validate(run, &validation);
  if (!status) status = l4r_train_check_alike(run);
  if (!status) status = l4r_train_ceiling_again(run);
  if (status) return status;
  int better = c->best_epoch < 0 || validation.ndcg10 > c->best_ndcg10;
  c->since_best++;
  if (better) {
    memcpy(run->best, run->values, (size_t)run->task->tensors->trained * sizeof(float));
    c->best_epoch = c->epoch;
    c->best_ndcg10 = validation.ndcg10;
    c->best_hr10 = validation.hr10;
    c->since_best = 0;
  }
  double fraction = (double)c->step / (double)steps;
  if (run->ranks.rank == 0)
    status = l4r_train_log_epoch(run, &validation, l4r_train_rate(run, steps), fraction, better);
  if (status) return status;
  c->last_epoch_seconds = c->epoch_seconds / fraction;
  c->epoch++;
  c->step = 0;
  return l4r_train_checkpoint(run);
}

static int one_epoch(struct l4r_train_run *run, enum ending *ending) {
  struct l4r_train_counters *c = &run->counters;
  int64_t steps = 0;
  int status = run->task->begin_epoch(run->task->state, run->options->seed, c->epoch, &steps);
  if (status) return l4r_fail_context(status, "epoch %lld", (long long)c->epoch + 1);
  if (steps <= 0 || c->step > steps)
    return l4r_fail(L4R_INPUT, "epoch %lld has %lld steps: the data set holds nothing to train on",
                    (long long)c->epoch + 1, (long long)steps);
  if (c->step == 0) plan_epoch(run);
  status = l4r_train_share_counters(run);
  if (status) return status;
  l4r_comm_spent(run->ranks.comm, &run->sent);
  status = run_steps(run, steps, ending);
  if (status) return status;
  if (*ending == INTERRUPTED) {
    status = l4r_train_checkpoint(run);
    if (!status)
      l4r_info("interrupted in epoch %lld after step %lld of %lld; the checkpoint is %s; the same "
               "command with --resume goes on",
               (long long)c->epoch + 1, (long long)c->step, (long long)steps, run->state_path);
    return status;
  }
  return c->step > 0 ? end_epoch(run, steps) : L4R_OK;
}

static void put_floats(void *stream, const float *values, int64_t count) {
  fwrite(values, sizeof *values, (size_t)count, stream);
}

/* The table that ranks divide, to the stream of rank 0. */
static int print_divided(void *context, FILE *stream) {
  const struct l4r_train_run *run = context;
  const struct l4r_tensor *table = l4r_tensors_divided(run->task->tensors);
  const struct l4r_divided_sink sink = {put_floats, stream};
  return l4r_divided_put_rows(&run->ranks, table, run->values + table->offset, &sink);
}

static int write_model(struct l4r_train_run *run) {
  const struct l4r_train_counters *c = &run->counters;
  struct l4r_model_config *config = run->task->config;
  const struct l4r_safetensors_rows divided = {print_divided, run};
  if (run->ranks.rank > 0 && !l4r_tensors_divided(run->task->tensors)) return L4R_OK;
  /* What is not trained stands behind the values, and nothing reads the last ones any more. */
  if (c->best_epoch >= 0)
    memcpy(run->values, run->best, (size_t)run->task->tensors->trained * sizeof(float));
  if (run->ranks.rank > 0) return print_divided(run, NULL);
  config->seed = (int64_t)run->options->seed;
  config->epoch = c->best_epoch + 1;
  config->training_seconds = l4r_train_seconds(run);
  l4r_train_describe(run, config->training, sizeof config->training);
  if (l4r_model_needs_tokenizer(config) && config->item_llm.block != L4R_BLOCK_BERT)
    snprintf(config->sentencepiece, sizeof config->sentencepiece, "%s", l4r_tokenizer_version());
  int status = l4r_model_write_divided(run->options->out, config, run->task->tensors, run->values,
                                       &divided);
  if (status) return status;
  const char *name = run->options->name ? run->options->name : run->options->out;
  if (c->best_epoch >= 0)
    l4r_info("%s: best epoch %lld of %lld, validation HR@10 %.4f NDCG@10 %.4f (masked), %.0f s",
             name, (long long)c->best_epoch + 1, (long long)c->epoch, c->best_hr10, c->best_ndcg10,
             config->training_seconds);
  else
    l4r_info("%s: initial weights, not trained", name);
  if (c->best_epoch < 0 && run->options->epochs != 0) /* epochs 0: none was asked for */
    l4r_warn("%s: the time of %g s was over before the first step; --minutes N gives more", name,
             60 * run->options->minutes);
  return L4R_OK;
}

static int run_epochs(struct l4r_train_run *run, int *interrupted) {
  const struct l4r_train_options *o = run->options;
  const struct l4r_train_counters *c = &run->counters;
  enum ending ending = GOING_ON;
  while (ending == GOING_ON) {
    if (o->epochs >= 0 && c->epoch >= o->epochs) break;
    if (o->patience > 0 && c->since_best >= o->patience) {
      l4r_info("no better epoch in %lld: stopping", (long long)o->patience);
      break;
    }
    int status = one_epoch(run, &ending);
    if (status) return status;
  }
  *interrupted = ending == INTERRUPTED;
  return *interrupted ? L4R_OK : write_model(run);
}

int l4r_train(const struct l4r_train_task *task, const struct l4r_train_options *options,
              int *interrupted) {
  struct l4r_train_run run = {.task = task, .options = options};
  *interrupted = 0;
  run.session_ns = options->started_ns ? options->started_ns : l4r_now_ns();
  run.written_ns = l4r_now_ns();
  enum l4r_isa isa;
  run.ranks = l4r_train_ranks_of(options->comm, options->wire, options->team);
  int status = l4r_train_check_options(options);
  if (!status) status = l4r_isa_find(options->isa, &isa);
  if (!status) run.adam = l4r_adam_kernels_of(isa);
  if (!status && !options->resume && run.ranks.rank == 0) status = l4r_make_folders(options->out);
  if (!status) status = l4r_path_join(run.state_path, options->out, L4R_STATE_FILE);
  if (!status) status = l4r_path_join(run.log_path, options->out, L4R_LOG_FILE);
  if (!status) status = l4r_train_settings(&run);
  if (!status) status = l4r_train_agree(&run);
  if (!status) status = l4r_train_allocate(&run);
  if (!status) {
    struct handlers old;
    handlers_install(&old);
    status = l4r_train_begin(&run);
    if (!status && options->epochs != 0) status = l4r_train_ceiling_begin(&run);
    if (!status) status = run_epochs(&run, interrupted);
    handlers_restore(&old);
  }
  l4r_free(run.block);
  l4r_free(run.norm);
  return status;
}
