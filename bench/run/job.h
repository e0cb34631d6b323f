/* SPDX-License-Identifier: BSD-3-Clause */
/* A job tells a child process of the harness what to do. There are four tasks: `probe` finds out
 * what an arm will cost, `round` serves and measures, `accuracy` ranks for every user, `count`
 * serves for a count of instructions. A job travels as a bundle: its fields are the meta object,
 * the requests are the arrays. */
#ifndef L4R_BENCH_RUN_JOB_H
#define L4R_BENCH_RUN_JOB_H

#include "bench/run/options.h"
#include "bench/machine/pin.h"
#include "bench/record/bundle.h"

enum l4r_task { L4R_TASK_PROBE, L4R_TASK_ROUND, L4R_TASK_ACCURACY, L4R_TASK_COUNT, L4R_TASKS };
const char *l4r_scenario_name(enum l4r_scenario scenario);
/* 1 where calls hold several requests, and 1 where a call has a latency of its own. Pure. */
int l4r_scenario_has_batch(enum l4r_scenario scenario);
int l4r_scenario_is_per_query(enum l4r_scenario scenario);

struct l4r_job {
  enum l4r_task task;
  const char *arm, *data; /* borrowed: the arm's text, the data set's folder */
  struct l4r_pin pin;
  /* What the run was asked for, by the rows of run_options.inc.h; batch is 1 in the scenarios that
   * have none, and k what is asked for beside the history. */
#define JOB(KIND, member, ...)        L4R_OPTION_##KIND member;
#define JOB_RECORD(KIND, member, ...) L4R_OPTION_##KIND member;
#include "bench/record/run_options.inc.h"
  double rate;      /* server: users a second; else 0 */
  int round;        /* number of this round of its arm, from 0 */
  int shuffle;      /* accuracy: 1 shows engines each history in an order drawn from `seed` */
  int by_callgrind; /* count: 1: callgrind counts, from outside; 0: the processor does */
  int rankings;     /* accuracy: 1 keeps every user's top k, for TREC files */
  int hides;        /* 1: the process is there for this job alone, and hides held-out files; set by
                       l4r_child_main, it does not travel */
};

/* Into bundle->meta and back; what is read is borrowed from the bundle. L4R_INPUT, naming the
 * member, when one is missing or out of range. */
int l4r_job_put(const struct l4r_job *job, struct l4r_bundle *bundle);
int l4r_job_get(const struct l4r_bundle *bundle, struct l4r_job *job);

#endif
