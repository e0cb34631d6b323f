/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of a run, held against each other. */
#ifndef L4R_BENCH_RUN_RUN_CHECK_H
#define L4R_BENCH_RUN_RUN_CHECK_H

#include "bench/run/run.h"

/* L4R_USAGE when numbers are out of range or options contradict the scenario. */
int l4r_run_check(const struct l4r_run_options *options);

#endif
