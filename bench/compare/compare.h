/* SPDX-License-Identifier: BSD-3-Clause */
/* Compares the records of two runs: finds the counterparts, compares each pair by its rounds or its
 * users, and says whether a gate may judge by that. bench/stats/compare.h and paired.h have the
 * statistics. */
#ifndef L4R_BENCH_COMPARE_COMPARE_H
#define L4R_BENCH_COMPARE_COMPARE_H

#include "bench/compare/targets.h"
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
  const struct l4r_targets *targets;
  int across_machines; /* 1: compare records of different machines too */
  int unsealed; /* 1: accept records that fail their check, with a note (bench/derive/door.h) */
  int complete; /* 1: a record of A without a counterpart in B is an error (for a gate) */
};

struct l4r_compared { /* a row: one figure of one pair of records */
  const struct l4r_record *record[2];
  const struct l4r_target *target;
  const struct l4r_figure *figure; /* the target's */
  double *value[2];                /* [pairs]: the figure in paired rounds, or of the same users */
  double *all;                     /* [rounds[0]] of A, also those without a pair; of rounds only */
  int64_t pairs, rounds[2];        /* rounds: of A and of B */
  double least[2], most[2];        /* of the record's counts; of what is no round's and no user's */
  double mean[2];                  /* over the pairs: geometric of rounds, arithmetic of users */
  double margin;                   /* a share; of an automatic one what A's noise allows */
  struct l4r_comparison comparison; /* B / A of the figure itself */
  struct l4r_comparison cost;       /* above 1, B is worse */
  enum l4r_change change;           /* of `cost` */
};

struct l4r_compare_table {
  struct l4r_records records[2]; /* the selected records */
  struct l4r_compared *row;
  int64_t rows;
  int64_t family[3]; /* rows by source (enum l4r_figure_source): each shares its error rates */
  json_t *notes;     /* texts for the reader */
};

/* Reads and selects records, verifies them against their samples (bench/derive/verify.h), pairs and
 * compares them. Free with l4r_compare_free, also after a failure. L4R_INPUT, with file, line and
 * field, for a record that does not verify, was measured in another way (data set, users, seed, k)
 * or on another machine, has fewer than L4R_COMPARE_ROUNDS paired rounds or lacks the figure; for
 * several records of one arm, scenario and number of threads on one side; for a target that matches
 * nothing; and when A and B have nothing in common. A guard (targets.h) that cannot be compared is
 * left out with a note. Verdicts of automatic margins wait for l4r_gate_calibrate. */
int l4r_compare(const struct l4r_compare_options *options, struct l4r_compare_table *table);
void l4r_compare_free(struct l4r_compare_table *table);

#endif
