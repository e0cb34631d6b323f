/* SPDX-License-Identifier: BSD-3-Clause */
/* A gate on the newest record of each series. */
#ifndef L4R_BENCH_HISTORY_GATE_H
#define L4R_BENCH_HISTORY_GATE_H

#include "bench/history/history.h"
#include "bench/stats/compare.h"

/* How many records of the level before the newest one the gate needs. */
enum { L4R_HISTORY_GATE_FROM = 5 };

struct l4r_newest {                 /* the newest record of a series beside the level before it */
  double level;                     /* geometric mean of the records that it is held against */
  int64_t records;                  /* how many these are */
  struct l4r_comparison comparison; /* newest / level, with the interval of one more record */
  double least_margin;              /* that the spread of the records allows; infinite: none */
};

/* Holds the newest record of a series against the records of the level before it (change points are
 * found without the newest), by Student's prediction interval of one more value of their
 * logarithms; `rows` series share the error rate. 1, or 0 when there are fewer than
 * L4R_HISTORY_GATE_FROM such records. Pure but for allocation; negative: L4R_ENVIRONMENT. */
int l4r_history_newest(const struct l4r_history_series *series, int64_t rows,
                       struct l4r_newest *newest);

/* Prints a line for each series whose newest record is worse, and a line with the counts. L4R_CHECK
 * when one is worse by more than the margin; L4R_NOISY, with what would do, when the records of a
 * series vary too much for the margin, or when no series is long enough. */
int l4r_history_gate(const struct l4r_history *history, double margin, FILE *stream);

#endif
