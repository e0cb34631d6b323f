/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/run: records from what was measured. */
#ifndef L4R_BENCH_RUN_COMPOSE_H
#define L4R_BENCH_RUN_COMPOSE_H

#include "bench/run/run.h"

/* Checks the answers, stores the samples and puts the records into run->records. */
int l4r_run_compose(struct l4r_run *run);

/* Joins the rounds' samples, one after the other, as l4r_derive_* read them. The caller frees the
 * bundle. */
int l4r_run_gather(const struct l4r_run *run, const struct l4r_run_config *config,
                   struct l4r_bundle *samples);

#endif
