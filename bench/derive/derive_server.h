/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes the figures of an open loop, and the slowest calls of any loop. */
#ifndef L4R_BENCH_DERIVE_DERIVE_SERVER_H
#define L4R_BENCH_DERIVE_DERIVE_SERVER_H

#include "bench/record/bundle.h"
#include "bench/record/record.h"

#include <stdint.h>

/* The schedule of an open loop is kept when 99 % of the arrivals that found the worker idle were
 * taken within this time. */
enum { L4R_SCHEDULE_NS = 20000 };

/* Computes `server` of an open loop; a record of another loop stays as it is. The schedule's errors
 * are those of arrivals that found the worker idle, absent where none did. The verdict is PASS when
 * p99 of latency_ns is below the bound and the load (rate asked for times mean service time) is
 * below 1; with a higher load the queue grows without end, and only the round's short length hides
 * it. It is WITHHELD when there are too few users for p99, else FAIL. */
int l4r_derive_server(const struct l4r_bundle *samples, struct l4r_record *record);

/* Computes overhead_ns, medians over rounds. Absent where a round lacks them. */
void l4r_derive_overhead(struct l4r_record *record);

/* Makes a round's slowest calls agree with its samples ns[n]: rewrites query and ns of its tails,
 * adds missing ones and drops wrong ones. */
int l4r_derive_slowest(struct l4r_record *record, struct l4r_record_round *round, const int64_t *ns,
                       int64_t n);

#endif
