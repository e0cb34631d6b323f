/* SPDX-License-Identifier: BSD-3-Clause */
/* The child's side of counting instructions: it serves one fixed sample and times nothing. */
#ifndef L4R_BENCH_RUN_ROUND_COUNTED_H
#define L4R_BENCH_RUN_ROUND_COUNTED_H

#include "bench/run/job.h"
#include "bench/run/session/session.h"

/* The function within which callgrind counts (--toggle-collect), and nothing else of the program:
 * one call of the engine. */
#define L4R_COUNTED_FUNCTION "l4r_counted_call"
int l4r_counted_call(struct l4r_session *session, const struct l4r_request *request, int64_t n,
                     int64_t ask);

/* Does a `count` job: opens the engine, which measures no kernels but takes the first in order of
 * preference; serves the sample once, so that what is worked out once has been, and once more,
 * counted. Result arrays log_* as a round's, of every request; meta: description, users, and
 * instructions with instructions_by where the processor counts them itself. Counts are of the
 * thread that serves, so the job is of one thread. */
int l4r_counted_do(const struct l4r_bundle *bundle, const struct l4r_job *job,
                   struct l4r_bundle *result);

#endif
