/* SPDX-License-Identifier: BSD-3-Clause */
/* Compares the records of two runs: finds the counterparts, compares each pair by its rounds, and
 * says whether a gate may judge by that. bench/stats/compare.h has the statistics. */
#ifndef L4R_BENCH_COMPARE_COMPARE_H
#define L4R_BENCH_COMPARE_COMPARE_H

#include "bench/derive/figures.h"
#include "bench/record/read.h"
#include "bench/stats/compare.h"
#include "bench/table/sheet.h"

#include <jansson.h>
#include <stdio.h>

struct l4r_compare_options {
  const char *path[2];  /* of A and of B: a file or a folder of records */
  const char *arm[2];   /* NULL: all arms; otherwise one name per side */
  const char *scenario; /* NULL: all */
  int64_t threads;      /* 0: all counts */
  unsigned metrics;     /* bit 1 << l4r_round_metric; at least one */
  double margin;        /* > 0, a share */
  int across_machines;  /* 1: compare records of different machines too */
  int unsealed; /* 1: accept records that fail their check, with a note (bench/derive/door.h) */
  int complete; /* 1: a record of A without a counterpart in B is an error (for a gate) */
};

struct l4r_compared { /* a row: one metric of one pair of records */
  const struct l4r_record *record[2];
  enum l4r_round_metric metric;
  double *figure[2];        /* [pairs] ns of the paired rounds */
  double *all;              /* [rounds] of A, also those without a pair */
  int64_t pairs, rounds[2]; /* rounds: of A and of B */
  double ns[2];             /* geometric means over the pairs */
  struct l4r_comparison comparison;
  enum l4r_change change;
};

struct l4r_compare_table {
  struct l4r_records records[2]; /* the selected records */
  struct l4r_compared *row;
  int64_t rows;
  json_t *notes; /* texts for the reader */
  double margin;
};

/* Reads and selects records, verifies them against their samples (bench/derive/verify.h), pairs and
 * compares them. Free with l4r_compare_free, also after a failure. L4R_INPUT, with file, line and
 * field, for a record that does not verify, was measured in another way (data set, users, seed, k)
 * or on another machine, has fewer than L4R_COMPARE_ROUNDS paired rounds or no figure of the
 * metric; for several records of one arm, scenario and number of threads on one side; and when A
 * and B have nothing in common. */
int l4r_compare(const struct l4r_compare_options *options, struct l4r_compare_table *table);
void l4r_compare_free(struct l4r_compare_table *table);

struct l4r_gate;

#endif
