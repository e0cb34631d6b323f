/* SPDX-License-Identifier: BSD-3-Clause */
/* The training loop. Everything that a run needs to continue is in struct l4r_train_run, and the
 * part that cannot be recomputed is in the checkpoint. Every random draw of a task comes from
 * (seed, epoch, step, worker). So a resumed run repeats the bits of a run that was never stopped.
 *
 * The bound of minutes covers the whole call: before each step, the loop checks whether the
 * validation and the two final writes, as measured so far, would still fit after it. Their first
 * estimate comes from a validation of the untrained model, before training begins. */
#include "impl/train/loop/trainer.h"

#include "impl/base/available.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/model/model.h"
#include "impl/model/tokenizer.h"
#include "impl/train/loop/adam.h"
#include "impl/train/loop/ceiling.h"
#include "impl/train/loop/log.h"
#include "impl/train/loop/rows.h"
#include "impl/train/loop/run.h"
#include "impl/train/loop/state.h"

#include <math.h>
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

double l4r_train_rate(const struct l4r_train_run *run, int64_t steps) {
  const struct l4r_train_options *o = run->options;
  const struct l4r_train_counters *c = &run->counters;
  const double floor = 0.05; /* share of the rate that remains at the end */
  const double epoch = c->progress_end - c->progress_begin; /* of the whole run */
  double rate = o->learning_rate,
         done = c->progress_begin + epoch * (double)c->step / (double)steps;
  if (o->warmup >= 1 && (double)(c->updates + 1) < o->warmup)
    rate *= (double)(c->updates + 1) / o->warmup;
  const double next = done + epoch / (double)steps; /* the first step has a rate too */
  if (o->warmup < 1 && next < o->warmup) rate *= next / o->warmup;
  if (done > 1) done = 1;
  if (o->schedule == L4R_SCHEDULE_LINEAR) rate *= 1 - (1 - floor) * done;
  if (o->schedule == L4R_SCHEDULE_COSINE)
    rate *= floor + (1 - floor) * 0.5 * (1 + cos(3.14159265358979323846 * done));
  return rate;
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

static const char *first_not_finite(const struct l4r_tensors *tensors, const float *values) {
  for (int64_t t = 0; t < tensors->count && tensors->tensor[t].offset < tensors->trained; t++)
    for (int64_t i = 0; i < tensors->tensor[t].count; i++)
      if (!isfinite(values[tensors->tensor[t].offset + i])) return tensors->tensor[t].name;
  return NULL;
}

static int fail_not_finite(const struct l4r_train_run *run, const char *what, double value) {
  const struct l4r_tensors *tensors = run->task->tensors;
  const char *where = "the parameter", *name = first_not_finite(tensors, run->values);
  if (!name) {
    where = "the gradient of";
    name = first_not_finite(tensors, run->gradients);
  }
  return l4r_fail(L4R_CHECK,
                  "epoch %lld, step %lld: %s is %g (first not finite: %s %s). The last good "
                  "checkpoint is %s; a smaller --lr, a longer --warmup or a smaller --clip may "
                  "help",
                  (long long)run->counters.epoch + 1, (long long)run->counters.step + 1, what,
                  value, name ? where : "no tensor", name ? name : "(the loss alone)",
                  run->state_path);
}

/* Writes the checkpoint unless its values are already broken. */
static int checkpoint(struct l4r_train_run *run) {
  double norm = l4r_adam_norm(run->options->team, run->adam, run->values,
                              run->task->tensors->trained, run->norm);
  if (!isfinite(norm)) return fail_not_finite(run, "the parameters' norm", norm);
  return l4r_train_state_write(run);
}

static int one_step(struct l4r_train_run *run, int64_t steps, double *loss) {
  const struct l4r_train_options *o = run->options;
  const struct l4r_tensors *tensors = run->task->tensors;
  struct l4r_train_counters *c = &run->counters;
  l4r_train_clear(run);
  struct l4r_train_step step = {.epoch = c->epoch,
                                .step = c->step,
                                .seed = o->seed,
                                .values = run->values,
                                .gradients = run->gradients};
  int status = run->task->forward_backward(run->task->state, o->team, &step);
  if (status)
    return l4r_fail_context(status, "epoch %lld, step %lld", (long long)c->epoch + 1,
                            (long long)c->step + 1);
  if (!isfinite(step.loss)) return fail_not_finite(run, "the loss", step.loss);
  double norm = l4r_train_gradient_norm(run);
  if (!isfinite(norm)) return fail_not_finite(run, "the gradients' norm", norm);
  struct l4r_adam_step update = {.kernels = run->adam,
                                 .tensors = tensors,
                                 .values = run->values,
                                 .first = run->first,
                                 .second = run->second,
                                 .gradients = run->gradients,
                                 .rate = l4r_train_rate(run, steps),
                                 .scale = o->clip > 0 && norm > o->clip ? o->clip / norm : 1,
                                 .beta1 = o->beta1,
                                 .beta2 = o->beta2,
                                 .epsilon = o->epsilon,
                                 .decay = o->weight_decay,
                                 .embedding_rate = o->embedding_rate,
                                 .pretrained_rate = o->pretrained_rate,
                                 .update = ++c->updates,
                                 .rows = run->task->rows};
  c->step++;
  c->epoch_loss += step.loss * (double)step.targets;
  c->epoch_targets += step.targets;
  c->epoch_tokens += step.tokens;
  c->epoch_flops += step.flops;
  *loss = step.loss;
  status = l4r_adam_update(o->team, &update);
  l4r_train_clear_rows(run);
  return status;
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
  while (c->step < steps) {
    if (signalled) {
      *ending = INTERRUPTED;
      return L4R_OK;
    }
    if (out_of_time(run, step_seconds)) {
      *ending = OUT_OF_TIME;
      return L4R_OK;
    }
    int64_t begun = l4r_now_ns();
    int status = one_step(run, steps, &loss);
    if (status) return status;
    step_seconds = (double)(l4r_now_ns() - begun) * 1e-9;
    c->epoch_seconds += step_seconds;
    l4r_train_log_step(run, loss, steps);
    if (c->step < steps && checkpoint_due(run)) status = checkpoint(run);
    if (status) return status;
  }
  if (signalled) *ending = INTERRUPTED;
  return L4R_OK;
}

static int validate(struct l4r_train_run *run, struct l4r_validation *validation) {
  int64_t begun = l4r_now_ns();
  *validation = (struct l4r_validation){0};
  int status = run->task->validate(run->task->state, run->options->team, run->values, validation);
  if (status)
    return l4r_fail_context(status, "validation after epoch %lld",
                            (long long)run->counters.epoch + 1);
  run->counters.validation_seconds = (double)(l4r_now_ns() - begun) * 1e-9;
  return L4R_OK;
}

static int end_epoch(struct l4r_train_run *run, int64_t steps) {
  struct l4r_train_counters *c = &run->counters;
  struct l4r_validation validation;
  int status = validate(run, &validation);
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
  status = l4r_train_log_epoch(run, &validation, l4r_train_rate(run, steps), fraction, better);
  if (status) return status;
  c->last_epoch_seconds = c->epoch_seconds / fraction;
  c->epoch++;
  c->step = 0;
  return checkpoint(run);
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
  status = run_steps(run, steps, ending);
  if (status) return status;
  if (*ending == INTERRUPTED) {
    status = checkpoint(run);
    if (!status)
      l4r_info("interrupted in epoch %lld after step %lld of %lld; the checkpoint is %s; the same "
               "command with --resume goes on",
               (long long)c->epoch + 1, (long long)c->step, (long long)steps, run->state_path);
    return status;
  }
  return c->step > 0 ? end_epoch(run, steps) : L4R_OK;
}

static int write_model(struct l4r_train_run *run) {
  const struct l4r_train_counters *c = &run->counters;
  struct l4r_model_config *config = run->task->config;
  config->seed = (int64_t)run->options->seed;
  config->epoch = c->best_epoch + 1;
  config->training_seconds = l4r_train_seconds(run);
  l4r_train_describe(run, config->training, sizeof config->training);
  if (l4r_model_needs_tokenizer(config) && config->item_llm.block != L4R_BLOCK_BERT)
    snprintf(config->sentencepiece, sizeof config->sentencepiece, "%s", l4r_tokenizer_version());
  /* What is not trained stands behind the values, and nothing reads the last ones any more. */
  if (c->best_epoch >= 0)
    memcpy(run->values, run->best, (size_t)run->task->tensors->trained * sizeof(float));
  int status = l4r_model_write(run->options->out, config, run->task->tensors, run->values);
  if (status) return status;
  const char *name = run->options->name ? run->options->name : run->options->out;
  if (c->best_epoch >= 0)
    l4r_info("%s: best epoch %lld of %lld, validation HR@10 %.4f NDCG@10 %.4f (masked), %.0f s",
             name, (long long)c->best_epoch + 1, (long long)c->epoch, c->best_hr10, c->best_ndcg10,
             config->training_seconds);
  else
    l4r_info("%s: initial weights, not trained", name);
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

static int begin_run(struct l4r_train_run *run) {
  const struct l4r_train_options *o = run->options;
  const struct l4r_train_task *task = run->task;
  struct l4r_train_counters *c = &run->counters;
  int threads = l4r_team_size(o->team);
  if (o->resume) {
    int status = l4r_train_state_read(run);
    if (status) return status;
    if (c->threads != threads)
      l4r_warn("the checkpoint was made with %lld threads, this run has %d: the last bits of its "
               "weights will differ from an uninterrupted run's",
               (long long)c->threads, threads);
    c->threads = threads;
    run->session_seconds = c->seconds;
    l4r_info("resuming at epoch %lld, step %lld", (long long)c->epoch + 1, (long long)c->step + 1);
    if (task->prepare) status = task->prepare(task->state, o->team, run->values, 1);
    return status ? status : l4r_train_log_cut(run);
  }
  c->best_epoch = -1;
  c->threads = threads;
  l4r_tensors_init(task->tensors, o->seed, run->values);
  int status = task->initialise ? task->initialise(task->state, run->values) : L4R_OK;
  if (!status && task->prepare) status = task->prepare(task->state, o->team, run->values, 0);
  if (status || o->epochs == 0) return status;
  if (o->minutes > 0) {
    struct l4r_validation untrained;
    status = validate(run, &untrained);
    if (status) return status;
  }
  status = l4r_train_log_cut(run);
  return status ? status : checkpoint(run);
}

static int check_options(const struct l4r_train_options *o) {
  if (!(o->learning_rate > 0) || !(o->embedding_rate > 0) || !(o->pretrained_rate > 0) ||
      !(o->warmup >= 0) || !(o->weight_decay >= 0) || !(o->clip >= 0) || !(o->minutes >= 0))
    return l4r_fail(
        L4R_USAGE,
        "--lr, --embedding-rate and --item-rate must be above 0, and --warmup, --decay, --clip and "
        "--minutes at least 0");
  return L4R_OK;
}

static int allocate(struct l4r_train_run *run) {
  const int64_t floats = run->task->tensors->floats, trained = run->task->tensors->trained;
  /* Random weights that are only drawn and written need one copy. */
  const int drawn = run->options->epochs == 0 && !run->options->resume;
  const char *what = drawn ? "random weights" : "parameters, gradients, moments and best weights";
  const int64_t all = floats + (drawn ? 0 : 4 * trained);
  const double bytes = (double)all * sizeof(float);
  int status = l4r_memory_check(bytes, what);
  if (status) return status;
  l4r_info("%.2f million parameters: %.1f MB for %s", (double)floats * 1e-6, bytes / 1e6, what);
  run->block = l4r_alloc((size_t)all, sizeof(float), what);
  run->norm = l4r_alloc((size_t)l4r_train_norm_values(run->task), sizeof(double), "gradient norm");
  if (!run->block || !run->norm) return L4R_ENVIRONMENT;
  run->values = run->block;
  if (drawn) return L4R_OK;
  run->gradients = run->block + floats;
  run->first = run->gradients + trained;
  run->second = run->first + trained;
  run->best = run->second + trained;
  return L4R_OK;
}

int l4r_train(const struct l4r_train_task *task, const struct l4r_train_options *options,
              int *interrupted) {
  struct l4r_train_run run = {.task = task, .options = options};
  *interrupted = 0;
  run.session_ns = options->started_ns ? options->started_ns : l4r_now_ns();
  run.written_ns = l4r_now_ns();
  enum l4r_isa isa;
  int status = check_options(options);
  if (!status) status = l4r_isa_find(options->isa, &isa);
  if (!status) run.adam = l4r_adam_kernels_of(isa);
  if (!status && !options->resume) status = l4r_make_folders(options->out);
  if (!status) status = l4r_path_join(run.state_path, options->out, L4R_STATE_FILE);
  if (!status) status = l4r_path_join(run.log_path, options->out, L4R_LOG_FILE);
  if (!status) status = l4r_train_settings(&run);
  if (!status) status = allocate(&run);
  if (!status) {
    struct handlers old;
    handlers_install(&old);
    status = begin_run(&run);
    if (!status && options->epochs != 0) status = l4r_train_ceiling_begin(&run);
    if (!status) status = run_epochs(&run, interrupted);
    handlers_restore(&old);
  }
  l4r_free(run.block);
  l4r_free(run.norm);
  return status;
}
