/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/run: the search for the peak rate. */
#ifndef L4R_BENCH_RUN_PEAK_RATE_RUN_H
#define L4R_BENCH_RUN_PEAK_RATE_RUN_H

#include "bench/run/run.h"

/* Serves the rounds of --find-knee, rate by rate. Failures stay with their configuration. */
int l4r_run_peak_rates(struct l4r_run *run);

#endif
