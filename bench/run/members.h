/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/run: the members of a record that follow from the run itself, and not from what
 * the engine says or from samples. */
#ifndef L4R_BENCH_RUN_MEMBERS_H
#define L4R_BENCH_RUN_MEMBERS_H

#include "bench/record/read.h"
#include "bench/run/run.h"

/* What the engine said of itself in a child's result; borrowed, NULL where it said nothing. */
json_t *l4r_run_described(const struct l4r_bundle *result);
/* How far the scores of a configuration's timed answers may be from the accuracy pass's. */
double l4r_run_tolerance(const struct l4r_run *run, const struct l4r_run_config *config);

/* Fills scenario, threads, batch, precision, clock, command, requests, energy, resources, checks
 * and pinned of a record whose parts in JSON are read already. L4R_ENVIRONMENT without memory. */
int l4r_run_fill(const struct l4r_run *run, const struct l4r_run_config *config,
                 struct l4r_record *record);

#endif
