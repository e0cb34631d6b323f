/* SPDX-License-Identifier: BSD-3-Clause */
/* What the machine does at best while the run goes on: multiply-adds in registers on the run's own
 * team, by the fastest instruction set for the precision of its products, at the begin and again at
 * an epoch's end once a minute has passed, since a machine that others use is not the same all day.
 * An epoch is held against the larger of the two figures around it, so that a neighbour who slows a
 * measurement down never flatters the training. Ranks measure at the same time, since they may
 * share a machine, and the ceiling is the sum of what they reach. */
#include "impl/train/loop/ceiling.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/train/loop/ranks.h"
#include "impl/train/loop/run.h"

static const double APART = 60; /* seconds; a tenth of one each is a sixth of a percent */

static int measure(struct l4r_train_run *run, double seconds) {
  const enum l4r_peak_precision precision = run->options->bf16 ? L4R_PEAK_BF16 : L4R_PEAK_FP32;
  int status = l4r_peak_best(run->options->team, precision, seconds, &run->ceiling[1]);
  if (!status) status = l4r_ranks_sum_double(&run->ranks, &run->ceiling[1].gops, 1);
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
    l4r_info("ceiling of %lld threads: %.1f GFLOP/s, %s multiply-adds by %s",
             (long long)run->counters.threads, run->ceiling[0].gops,
             l4r_peak_precision_name(o->bf16 ? L4R_PEAK_BF16 : L4R_PEAK_FP32),
             run->ceiling[0].unit->name);
  return status;
}

int l4r_train_ceiling_again(struct l4r_train_run *run) {
  const struct l4r_train_options *o = run->options;
  double left = o->minutes * 60 - l4r_train_seconds(run);
  int no_time = o->minutes > 0 && left < 1 + 4 * run->write_seconds;
  int due = (double)(l4r_now_ns() - run->ceiling_ns) * 1e-9 >= APART && !no_time;
  run->ceiling[0] = run->ceiling[1];
  if (!(o->ceiling_seconds > 0)) return L4R_OK;
  const int status = l4r_ranks_broadcast(&run->ranks, &due, sizeof due);
  return status || !due ? status : measure(run, o->ceiling_seconds / 3);
}

struct l4r_peak l4r_train_ceiling(const struct l4r_train_run *run) {
  return run->ceiling[run->ceiling[0].gops > run->ceiling[1].gops ? 0 : 1];
}
