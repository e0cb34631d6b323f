/* SPDX-License-Identifier: BSD-3-Clause */
/* What follows from the samples of an open loop, and the slowest calls of any loop. */
#ifndef L4R_BENCH_DERIVE_DERIVE_SERVER_H
#define L4R_BENCH_DERIVE_DERIVE_SERVER_H

#include "bench/record/bundle.h"
#include "bench/record/record.h"

#include <stdint.h>

/* The schedule of an open loop is kept when 99 % of the arrivals that found the worker idle were
 * taken within this. */
enum { L4R_SCHEDULE_NS = 20000 };

/* `server` of an open loop; of other loops it stays as it is. The schedule's errors are those of
 * arrivals that found the worker idle; none where none did. Verdict: PASS when p99 of latency_ns is
 * below the bound and the load (rate asked times mean service) below 1 (else the queue grows
 * without end, and a round is only too short to show it); WITHHELD when there are too few users for
 * p99; else FAIL. */
int l4r_derive_server(const struct l4r_bundle *samples, struct l4r_record *record);

/* overhead_ns: medians over rounds; none where a round lacks them. */
void l4r_derive_overhead(struct l4r_record *record);

/* A round's slowest calls as its samples ns[n] have them: rewrites query and ns of its tails,
 * adding or dropping those that should be (not be) there. */
int l4r_derive_slowest(struct l4r_record *record, struct l4r_record_round *round, const int64_t *ns,
                       int64_t n);

#endif
