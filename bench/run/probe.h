/* SPDX-License-Identifier: BSD-3-Clause */
/* A probe finds out what an arm will cost. */
#ifndef L4R_BENCH_RUN_PROBE_H
#define L4R_BENCH_RUN_PROBE_H

#include "bench/run/job.h"

/* Does a `probe` job: opens, serves a handful of users from short to long histories and, where the
 * engine scores, one batch. Meta: open_seconds, request_ns (mean), score_ns (per user; of a request
 * where the engine does not score). */
int l4r_probe_do(const struct l4r_bundle *bundle, const struct l4r_job *job,
                 struct l4r_bundle *result);

#endif
