/* SPDX-License-Identifier: BSD-3-Clause */
/* Records of several machines side by side, with ratios. A machine is known by its key
 * (bench/record/machine.h), and where records state one by --label too: two machines of one brand
 * are two. */
#ifndef L4R_BENCH_COMPARE_ACROSS_H
#define L4R_BENCH_COMPARE_ACROSS_H

#include "bench/record/read.h"
#include "bench/table/sheet.h"

enum { L4R_ACROSS_MACHINES = 8, L4R_ACROSS_NAME = 96 };

struct l4r_across_cell {
  const struct l4r_record *record; /* newest of its machine; NULL: not measured there */
  double ns;                       /* geometric mean of the rounds' mean time of a user */
  double ratio, lo, hi; /* speed beside the first machine: above 1, faster; NaN: there is none */
};

/* What is measured alike: arm, model, data, requests, scenario, threads, batch, k and precision. */
struct l4r_across_row {
  struct l4r_across_cell cell[L4R_ACROSS_MACHINES];
};

struct l4r_across {
  char name[L4R_ACROSS_MACHINES][L4R_ACROSS_NAME]; /* "LABEL", or "AMD EPYC [1ee467]" */
  const struct l4r_record *newest[L4R_ACROSS_MACHINES];
  int machines;
  struct l4r_across_row *row;
  int64_t rows;
  int64_t alone;  /* what one machine measured and no other did; */
  int64_t untold; /* of these, what states no requests, which old records do not */
  size_t room;    /* private */
};

/* Groups records by machine, in order of appearance. Ratios compare geometric means of the rounds;
 * the intervals are Welch's on logarithms at 95 %, since rounds of two machines are independent,
 * and are withheld below three rounds on either side. An open loop (scenario server) is left out:
 * its users come when they come. `records` is borrowed. L4R_INPUT where there are more than
 * L4R_ACROSS_MACHINES machines; L4R_ENVIRONMENT without memory. Free with l4r_across_free. */
int l4r_across_make(const struct l4r_records *records, struct l4r_across *across);
void l4r_across_free(struct l4r_across *across);

/* Prints the table, a sentence for each pair of machines ("A is 1.31 times B ..."), and the members
 * of their manifests that differ. */
void l4r_across_print(struct l4r_sheet *sheet, const struct l4r_across *across);

/* Welch's interval of the ratio of two geometric means, b / a, from independent positive figures.
 * Pure. */
struct l4r_shown l4r_welch_ratio(const double *a, int64_t n, const double *b, int64_t m);

#endif
