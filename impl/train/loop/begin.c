/* SPDX-License-Identifier: BSD-3-Clause */
/* Initial values are drawn on every rank and a checkpoint is read by rank 0; either way all begin
 * with rank 0's. */
#include "impl/train/loop/begin.h"

#include "impl/base/available.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/train/loop/divided.h"
#include "impl/train/loop/log.h"
#include "impl/train/loop/rows.h"
#include "impl/train/loop/state.h"
#include "impl/train/loop/step.h"
#include "impl/train/loop/tensors_divided.h"
#include "impl/train/loop/together.h"

#include <stdio.h>

/* " in 3 ranks", or nothing for one. */
struct of_ranks {
  char text[32];
};
static struct of_ranks of_ranks(int64_t ranks) {
  struct of_ranks of = {""};
  if (ranks > 1) snprintf(of.text, sizeof of.text, " in %lld ranks", (long long)ranks);
  return of;
}

static int prepare(struct l4r_train_run *run, int resumed) {
  const struct l4r_train_task *task = run->task;
  int status = L4R_OK;
  if (task->prepare) status = task->prepare(task->state, run->options->team, run->values, resumed);
  int64_t begin, end;
  for (int gap = 0;
       !status && l4r_divided_gap(task->tensors, task->tensors->floats, gap, &begin, &end); gap++)
    status = l4r_ranks_broadcast(&run->ranks, run->values + begin,
                                 (end - begin) * (int64_t)sizeof(float));
  return status;
}

static int resume(struct l4r_train_run *run) {
  struct l4r_train_counters *c = &run->counters;
  int64_t ranks = 1;
  const int reads = run->ranks.rank == 0 || l4r_tensors_divided(run->task->tensors);
  int status = reads ? l4r_train_state_read(run, &ranks) : L4R_OK;
  if (!status) status = l4r_train_share_state(run);
  if (status) return status;
  if (run->ranks.rank == 0 && (c->threads != run->ranks.workers || ranks != run->ranks.size))
    l4r_warn("the checkpoint was made with %lld threads%s, this run has %d%s: the last bits of its "
             "weights will differ from an uninterrupted run's",
             (long long)c->threads, of_ranks(ranks).text, run->ranks.workers,
             of_ranks(run->ranks.size).text);
  c->threads = run->ranks.workers;
  run->session_seconds = c->seconds;
  l4r_info("resuming at epoch %lld, step %lld", (long long)c->epoch + 1, (long long)c->step + 1);
  return prepare(run, 1);
}

int l4r_train_begin(struct l4r_train_run *run) {
  const struct l4r_train_options *o = run->options;
  const struct l4r_train_task *task = run->task;
  struct l4r_train_counters *c = &run->counters;
  if (o->resume) {
    const int status = resume(run);
    return status || run->ranks.rank > 0 ? status : l4r_train_log_cut(run);
  }
  c->best_epoch = -1;
  c->threads = run->ranks.workers;
  l4r_tensors_init(task->tensors, o->seed, run->values);
  int status = task->initialise ? task->initialise(task->state, run->values) : L4R_OK;
  if (!status) status = prepare(run, 0);
  if (status || o->epochs == 0) return status;
  if (o->minutes > 0) {
    struct l4r_validation untrained;
    status = l4r_train_validate(run, &untrained);
    if (status) return status;
  }
  if (run->ranks.rank == 0) status = l4r_train_log_cut(run);
  return status ? status : l4r_train_checkpoint(run);
}

int l4r_train_check_options(const struct l4r_train_options *o) {
  if (!(o->learning_rate > 0) || !(o->embedding_rate > 0) || !(o->pretrained_rate > 0) ||
      !(o->warmup >= 0) || !(o->weight_decay >= 0) || !(o->clip >= 0) || !(o->minutes >= 0))
    return l4r_fail(
        L4R_USAGE,
        "--lr, --embedding-rate and --item-rate must be above 0, and --warmup, --decay, --clip and "
        "--minutes at least 0");
  return L4R_OK;
}

int l4r_train_allocate(struct l4r_train_run *run) {
  const int64_t floats = run->task->tensors->floats, trained = run->task->tensors->trained;
  /* Random weights that are only drawn and written need one copy. */
  const int drawn = run->options->epochs == 0 && !run->options->resume;
  const char *what = drawn ? "random weights" : "parameters, gradients, moments and best weights";
  const int64_t all = floats + (drawn ? 0 : 4 * trained);
  const double bytes = (double)all * sizeof(float);
  int status = l4r_memory_check(bytes, what);
  if (status) return status;
  l4r_info("%.2f million parameters: %.1f MB for %s",
           (double)l4r_tensors_whole(run->task->tensors, floats) * 1e-6, bytes / 1e6, what);
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
