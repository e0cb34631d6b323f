/* SPDX-License-Identifier: BSD-3-Clause */
/* A gate: determines what the rounds of A can show, and judges the table. */
#ifndef L4R_BENCH_COMPARE_GATE_H
#define L4R_BENCH_COMPARE_GATE_H

#include "bench/compare/compare.h"

enum { L4R_GATE_RESAMPLES = 2000 };
struct l4r_gate {
  struct l4r_sight *sight; /* [rows] */
  double false_alarms;     /* share of L4R_GATE_RESAMPLES tables of A against A */
};
/* Determines from A alone what the gate can detect; prints nothing. L4R_INPUT when the table's
 * margin is finer than the rounds of a row allow; the message says how many rounds are needed. Free
 * with l4r_gate_free, also after a failure. */
int l4r_gate_calibrate(const struct l4r_compare_table *table, struct l4r_gate *gate);
void l4r_gate_free(struct l4r_gate *gate);
/* Returns L4R_CHECK, naming the first such row, when a row is SLOWER or, with `strict`,
 * UNDECIDED. */
int l4r_gate_judge(const struct l4r_compare_table *table, int strict);

#endif
