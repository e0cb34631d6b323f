/* SPDX-License-Identifier: BSD-3-Clause */
/* Jobs in child processes. */
#ifndef L4R_BENCH_RUN_CHILD_H
#define L4R_BENCH_RUN_CHILD_H

#include "bench/record/bundle.h"

/* Runs a job in a child process: this program again (`lite4rec round FOLDER`, so that address space
 * and environment size are drawn anew), or, of a registered engine, a fork of this process. It
 * waits for the child. `job` is a bundle made by l4r_job_put. A child that failed gives its own
 * status and message; one that died without a result sets *died and gives L4R_ENVIRONMENT with the
 * signal. On success `result` is the caller's to free. */
int l4r_child_run(const struct l4r_bundle *job, struct l4r_bundle *result, int *died);

/* Runs a `count` job under callgrind (valgrind), which counts the instructions within
 * L4R_COUNTED_FUNCTION (round/counted.h) and nothing else: *instructions, and its version in
 * counter[32]. The environment is left as it is, so that two runs have one layout. L4R_ENVIRONMENT
 * when valgrind is not there, or could not run the program; else as l4r_child_run. */
int l4r_child_count(const struct l4r_bundle *job, struct l4r_bundle *result, int *died,
                    int64_t *instructions, char counter[32]);

/* Runs in the child: reads FOLDER/job, does the job and writes FOLDER/result, with status and
 * message if there is an error. */
int l4r_child_main(const char *folder);

#endif
