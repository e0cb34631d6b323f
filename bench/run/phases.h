/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/run: what l4r_run does one after the other. */
#ifndef L4R_BENCH_RUN_PHASES_H
#define L4R_BENCH_RUN_PHASES_H

#include "bench/run/run.h"

/* How many users of the requests drawn are timed. */
int64_t l4r_run_timed_users(const struct l4r_run *run);

/* Probes every arm and says how long the run will take; L4R_USAGE over the budget. */
int l4r_run_estimate(struct l4r_run *run);

/* Ranks for every user, once an arm. Failures stay with their arm. */
int l4r_run_accuracy(struct l4r_run *run);

/* Serves all rounds in Latin order. Failures stay with their configuration. */
int l4r_run_rounds(struct l4r_run *run);

/* Makes the job of a round of a configuration, as l4r_child_run takes it. It borrows the requests
 * from the run; the caller drops the meta object. */
int l4r_run_job(const struct l4r_run *run, const struct l4r_run_config *config, enum l4r_task task,
                int round, struct l4r_bundle *bundle);

/* Adds a configuration; run->config has room for those of the options, and L4R_PEAK_RATE_TRIALS
 * times as many with find_peak_rate. */
int l4r_run_add_config(struct l4r_run *run, int arm, const struct l4r_pin *pin, double rate);

/* Serves all rounds of one configuration, one after the other. */
int l4r_run_config_rounds(struct l4r_run *run, struct l4r_run_config *config);

#endif
