/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/run: records from what was measured. */
#ifndef L4R_BENCH_RUN_COMPOSE_H
#define L4R_BENCH_RUN_COMPOSE_H

#include "bench/run/run.h"

/* Checks the answers, stores the samples and puts the records into run->records. After an
 * interruption those of the configurations that are complete alone; never those that were written
 * before it. */
int l4r_run_compose(struct l4r_run *run);
/* Returns 1 when every round of the configuration was tried, or its arm is void. */
int l4r_run_is_complete(const struct l4r_run *run, const struct l4r_run_config *config);

/* Joins the rounds' samples, one after the other, as l4r_derive_* read them. The caller frees the
 * bundle. */
int l4r_run_gather(const struct l4r_run *run, const struct l4r_run_config *config,
                   struct l4r_bundle *samples);

#endif
