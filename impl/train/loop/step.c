/* SPDX-License-Identifier: BSD-3-Clause */
/* All ranks compute norm and update from the same sums, so each finds on its own what is not
 * finite. */
#include "impl/train/loop/step.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/train/loop/adam.h"
#include "impl/train/loop/rows.h"
#include "impl/train/loop/state.h"

#include <math.h>

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

int l4r_train_checkpoint(struct l4r_train_run *run) {
  double norm = l4r_adam_norm(run->options->team, run->adam, run->values,
                              run->task->tensors->trained, run->norm);
  if (!isfinite(norm)) return fail_not_finite(run, "the parameters' norm", norm);
  return l4r_train_state_write(run);
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

int l4r_train_one_step(struct l4r_train_run *run, int64_t steps, double *loss) {
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

int l4r_train_validate(struct l4r_train_run *run, struct l4r_validation *validation) {
  int64_t begun = l4r_now_ns();
  *validation = (struct l4r_validation){0};
  int status = run->task->validate(run->task->state, run->options->team, run->values, validation);
  if (status)
    return l4r_fail_context(status, "validation after epoch %lld",
                            (long long)run->counters.epoch + 1);
  run->counters.validation_seconds = (double)(l4r_now_ns() - begun) * 1e-9;
  return L4R_OK;
}
