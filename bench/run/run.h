/* SPDX-License-Identifier: BSD-3-Clause */
/* A run: every arm at every thread count, rounds in Latin order, accuracy once per arm, records. */
#ifndef L4R_BENCH_RUN_RUN_H
#define L4R_BENCH_RUN_RUN_H

#include "bench/run/arm.h"
#include "bench/run/checks.h"
#include "bench/run/job.h"
#include "bench/record/bundle.h"
#include "impl/data/dataset.h"

enum { L4R_RUN_ARMS = 64, L4R_RUN_THREADS = 16, L4R_RUN_RATES = 16 };

struct l4r_run_options {
  struct l4r_arm *arm; /* parsed; resolved by the run */
  int arms;
  const char *data, *pin, *counters, *out, *command;
  enum l4r_scenario scenario;
  int threads[L4R_RUN_THREADS], thread_counts;
  int64_t users, rounds, k, batch; /* users 0: all; batch of multi-stream and offline */
  double rate[L4R_RUN_RATES];      /* server: users a second, each measured */
  int rates, find_peak_rate;       /* server: one of both */
  double bound_ms;                 /* server: p99 must stay below it; 0: not given */
  int64_t min_count;               /* queries of a round, at least; 0: one permutation */
  double min_seconds, budget;      /* budget in minutes */
  json_t *row;                     /* the record's "row", borrowed; NULL: none */
  uint64_t seed;
};

struct l4r_run_arm { /* one arm's state */
  struct l4r_arm *arm;
  struct l4r_bundle accuracy;                                   /* what the accuracy child gave */
  json_t *figures;                                              /* the record's "accuracy" */
  json_t *model;                                                /* the record's "model" */
  double open_seconds, request_seconds, score_seconds, minutes; /* by the probe */
  char failure[1024];                                           /* "" while the arm is good */
};

struct l4r_run_config { /* one arm at one thread count, and in the server scenario one rate */
  int arm;
  struct l4r_pin pin;
  double rate;              /* 0 outside of the server scenario */
  json_t *peak_rate;        /* the search that this rate was tried in; NULL: none */
  struct l4r_bundle *round; /* [done] in order of execution */
  int done;
  int64_t answers_compared;
  struct l4r_repeats repeats, known; /* to fresh requests; to histories that no file holds */
  json_t *failures;                  /* [{round, reason}] */
};

struct l4r_clock { /* CLOCK_MONOTONIC as programs see it */
  double tick_ns;  /* smallest step seen */
  double read_ns;  /* mean cost of reading it */
};
/* Takes about a millisecond. */
struct l4r_clock l4r_clock_measure(void);

struct l4r_run {
  const struct l4r_run_options *options;
  struct l4r_dataset *dataset;
  struct l4r_bundle requests;
  struct l4r_run_arm arm[L4R_RUN_ARMS];
  struct l4r_run_config *config; /* [configs], arms within thread counts */
  int configs;
  struct l4r_clock clock;
  json_t *records;
};

/* L4R_USAGE when numbers are out of range or options contradict the scenario. */
int l4r_run_check(const struct l4r_run_options *options);

/* Does it all: plans pins, draws the sample, probes and prints the time it expects, runs, checks,
 * writes one record a configuration into options->out. On success, and also when some
 * configurations failed (status L4R_CHECK), *records is an array of what was written, the caller's;
 * the file's path goes to path[4096]. Errors that concern everything (bad arm, missing model, too
 * many threads, folder not writable, over budget) come before anything is measured. Progress goes
 * to stderr. */
int l4r_run(const struct l4r_run_options *options, json_t **records, char *path);

/* Internal to bench/run: the steps of l4r_run. */
int64_t l4r_run_timed_users(const struct l4r_run *run); /* of the requests drawn */
int l4r_run_estimate(struct l4r_run *run);              /* probes; L4R_USAGE over budget */
int l4r_run_accuracy(struct l4r_run *run);              /* failures stay with their arm */
int l4r_run_rounds(struct l4r_run *run);                /* failures stay with their configuration */
int l4r_run_compose(struct l4r_run *run);               /* checks, samples stored, run->records */
int l4r_run_peak_rates(struct l4r_run *run); /* the rounds of --find-knee, rate by rate */
int l4r_run_job(const struct l4r_run *run, const struct l4r_run_config *config, enum l4r_task task,
                int round, struct l4r_bundle *bundle);
/* Adds a configuration; run->config has room for those of the options, and L4R_PEAK_RATE_TRIALS
 * times as many with find_peak_rate. */
int l4r_run_add_config(struct l4r_run *run, int arm, const struct l4r_pin *pin, double rate);
/* All rounds of one configuration, one after the other. */
int l4r_run_config_rounds(struct l4r_run *run, struct l4r_run_config *config);
/* The rounds' samples one after the other, as l4r_derive_* want them. Free the bundle. */
int l4r_run_gather(const struct l4r_run *run, const struct l4r_run_config *config,
                   struct l4r_bundle *samples);

/* Facts for the record's "model" and "dataset". A model that has no config.json (a test
 * engine's) gives its name alone. */
int l4r_model_facts(const struct l4r_arm *arm, json_t **facts);
json_t *l4r_dataset_facts(const struct l4r_dataset *dataset);

#endif
