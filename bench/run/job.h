/* SPDX-License-Identifier: BSD-3-Clause */
/* What a child process of the harness is told to do, and how it is started. Three tasks: `probe`
 * (what will this arm cost?), `round` (serve and measure), `accuracy` (rank for every user). A job
 * travels as a bundle: these fields as its meta object, the requests as its arrays. */
#ifndef L4R_BENCH_RUN_JOB_H
#define L4R_BENCH_RUN_JOB_H

#include "bench/run/arm.h"
#include "bench/machine/pin.h"
#include "bench/record/bundle.h"

enum l4r_task { L4R_TASK_PROBE, L4R_TASK_ROUND, L4R_TASK_ACCURACY, L4R_TASKS };
/* As MLPerf LoadGen's: one request after the other; queries of a batch, one after the other; calls
 * of a batch with no latency of their own; requests on a schedule. */
enum l4r_scenario {
  L4R_SINGLE_STREAM,
  L4R_MULTI_STREAM,
  L4R_OFFLINE,
  L4R_SERVER,
  L4R_SCENARIOS,
};

/* "single-stream", "multi-stream", "offline", "server"; parse is L4R_USAGE listing the known. */
const char *l4r_scenario_name(enum l4r_scenario scenario);
int l4r_scenario_parse(const char *text, enum l4r_scenario *scenario);
/* 1 where calls hold several requests, and 1 where a call has a latency of its own. Pure. */
int l4r_scenario_has_batch(enum l4r_scenario scenario);
int l4r_scenario_is_per_query(enum l4r_scenario scenario);

struct l4r_job {
  enum l4r_task task;
  enum l4r_scenario scenario;
  const char *arm, *data; /* borrowed: the arm's text, the data set's folder */
  struct l4r_pin pin;
  int64_t k;            /* items a user asked for: engines are asked for k + |history| */
  int64_t batch;        /* requests of one call: 1 in single-stream and server */
  double rate;          /* server: users a second; else 0 */
  int64_t min_count;    /* queries of the timed part, at least */
  double min_seconds;   /* its length, at least */
  uint64_t seed;        /* of the run */
  int round;            /* number of this round of its arm, from 0 */
  const char *counters; /* groups */
  int shuffle;          /* accuracy: 1 shows engines each history in an order drawn from `seed` */
  int rankings;         /* accuracy: 1 keeps every user's top k, for TREC files */
  int hides;            /* 1: the process is there for this job alone, and hides held-out files; set
                           by l4r_child_main, it does not travel */
};

/* Into bundle->meta and back; what is read is borrowed from the bundle. L4R_INPUT, naming the
 * member, when one is missing or out of range. */
int l4r_job_put(const struct l4r_job *job, struct l4r_bundle *bundle);
int l4r_job_get(const struct l4r_bundle *bundle, struct l4r_job *job);

#endif
