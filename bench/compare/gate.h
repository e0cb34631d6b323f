/* SPDX-License-Identifier: BSD-3-Clause */
/* A gate: determines what the figures can show, and judges the table. */
#ifndef L4R_BENCH_COMPARE_GATE_H
#define L4R_BENCH_COMPARE_GATE_H

#include "bench/compare/compare.h"

enum { L4R_GATE_RESAMPLES = 2000 };
struct l4r_gate {
  struct l4r_sight *sight; /* [rows]; of users `noise` is the half width of their interval; of exact
                              figures all is 0 */
  double false_alarms;     /* share of L4R_GATE_RESAMPLES tables of A against A */
};
/* Determines what the gate can detect, of rounds from A alone, of users from the width of their
 * paired interval; sets automatic margins and the verdicts by them; prints nothing. L4R_NOISY when
 * a margin is finer than the figures of a row allow; the message says how many rounds are needed,
 * which margins can be held, and what else there is. A guard does not stop a gate. Free with
 * l4r_gate_free, also after a failure. */
int l4r_gate_calibrate(struct l4r_compare_table *table, struct l4r_gate *gate);
void l4r_gate_free(struct l4r_gate *gate);
/* 1 when the row's verdict fails the gate: worse by more than its margin, or, with `strict` and
 * asked for, UNDECIDED. Pure. */
int l4r_gate_fails(const struct l4r_compared *row, int strict);
/* Returns L4R_CHECK, naming the first such row, when a row fails. */
int l4r_gate_judge(const struct l4r_compare_table *table, int strict);

#endif
