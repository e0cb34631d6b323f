/* SPDX-License-Identifier: BSD-3-Clause */
/* A round: what one child process measures of one arm. */
#ifndef L4R_BENCH_RUN_ROUND_ROUND_H
#define L4R_BENCH_RUN_ROUND_ROUND_H

#include "bench/run/job.h"
#include "bench/run/session/session.h"

/* Does a `round` job: opens, serves one cold query, warms up to a steady state, serves whole
 * permutations of the sample until both minimum count and minimum time are reached (or 16,384 calls
 * were timed; in the open loop as many as arrivals.h says), serves repeats against fresh requests,
 * measures its own loop, reads pins and memory, closes. Result arrays:
 *   ns, served        each call's nanoseconds, by our clock, and number of requests
 *   own               what the engine says each took, where it says that
 *   due, wait         open loop: when it was due, from the begin, and how much later serving began;
 *                     ns counts from when it was due
 *   log_user, log_history, log_start, log_item, log_score    rankings logged inside the timed part
 *   repeat_ns, fresh_ns    pairs of like length
 *   known_ns, novel_ns     pairs of like length: of the sample, and of novel.h
 * and meta: description, open_seconds, cold_ns, warmup, permutations, ended, seconds, counters,
 * peak_rss_bytes, observed, located, this_system, allocations, overhead_ns (of the harness, a
 * request), overhead_inside_ns (the part inside a latency), tails, tail_readings, echo_ns, usage,
 * held_out_hidden_by, novel_inside (novel requests among those that the counters counted).
 * L4R_ENVIRONMENT when the clock goes backwards. */
int l4r_round_do(const struct l4r_bundle *bundle, const struct l4r_job *job,
                 struct l4r_bundle *result);

#endif
