/* SPDX-License-Identifier: BSD-3-Clause */
/* Which records may be compared with each other. */
#ifndef L4R_BENCH_COMPARE_ADMIT_H
#define L4R_BENCH_COMPARE_ADMIT_H

#include "bench/record/read.h"

/* 1 when two records have the same place in a table, apart from their arms. Pure. */
int l4r_compared_same_place(const struct l4r_record *a, const struct l4r_record *b);
int l4r_compared_same_arm(const struct l4r_record *a, const struct l4r_record *b);
/* The arm, "?" where the record states none; threads, 0 where it states none. Pure. */
const char *l4r_compared_arm(const struct l4r_record *record);
long long l4r_compared_threads(const struct l4r_record *record);

/* L4R_INPUT for two records of one side that nothing tells apart. */
int l4r_compared_refuse_twins(const struct l4r_records *records);
/* L4R_INPUT, naming the member, unless both records served the same requests, on one machine
 * unless `across`. */
int l4r_compared_admit(const struct l4r_record *a, const struct l4r_record *b, int across);
/* L4R_INPUT, naming two records, unless all of both sides are of one machine: a gate's are. */
int l4r_compared_one_machine(const struct l4r_records sides[2]);

#endif
