/* SPDX-License-Identifier: BSD-3-Clause */
/* Measures the best speed of the machine while the run goes on: a large sgemm on the run's own
 * team, at the begin, and at an epoch's end when a minute has passed, because a machine that others
 * use changes over time. An epoch is compared with the larger of the two figures around it, so that
 * a neighbour who slows a measurement down never flatters the training. */
#include "impl/train/loop/ceiling.h"

#include "impl/base/ceiling.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/train/loop/run.h"

static const double APART = 60; /* seconds; a tenth of one each is a sixth of a percent */

static int measure(struct l4r_train_run *run, double seconds) {
  int status = l4r_ceiling_sgemm(run->options->team, seconds, &run->ceiling[1]);
  run->ceiling_ns = l4r_now_ns();
  return status ? l4r_fail_context(status, "the ceiling that training is compared with") : L4R_OK;
}

int l4r_train_ceiling_begin(struct l4r_train_run *run) {
  const struct l4r_train_options *o = run->options;
  double seconds = o->ceiling_seconds, share = 0.01 * o->minutes * 60; /* of a bounded run */
  if (!(seconds > 0)) return L4R_OK;
  int status = measure(run, share > 0 && share < seconds ? share : seconds);
  run->ceiling[0] = run->ceiling[1];
  if (!status)
    l4r_info("sgemm ceiling of %lld threads: %.1f GFLOP/s", (long long)run->counters.threads,
             run->ceiling[0]);
  return status;
}

int l4r_train_ceiling_again(struct l4r_train_run *run) {
  const struct l4r_train_options *o = run->options;
  double left = o->minutes * 60 - l4r_train_seconds(run);
  int no_time = o->minutes > 0 && left < 1 + 4 * run->write_seconds;
  run->ceiling[0] = run->ceiling[1];
  if (!(o->ceiling_seconds > 0) || no_time) return L4R_OK;
  if ((double)(l4r_now_ns() - run->ceiling_ns) * 1e-9 < APART) return L4R_OK;
  return measure(run, o->ceiling_seconds / 3);
}

double l4r_train_ceiling(const struct l4r_train_run *run) {
  return run->ceiling[0] > run->ceiling[1] ? run->ceiling[0] : run->ceiling[1];
}
