/* SPDX-License-Identifier: BSD-3-Clause */
/* Records as rows of figures, in groups that may share a figure: same data set (tie rule and split
 * included), scenario, batch and machine. Missing or withheld fields are NaN here and '-' in the
 * output; no reader of records fails because of one. */
#ifndef L4R_BENCH_EXPORT_ROWS_H
#define L4R_BENCH_EXPORT_ROWS_H

#include "bench/record/read.h"
#include "bench/table/model.h"

#include <stdio.h>

enum { L4R_KEEP, L4R_MASK, L4R_CONVENTIONS };
extern const char *const l4r_convention_names[L4R_CONVENTIONS];

struct l4r_row {
  const struct l4r_record *record; /* borrowed */
  int64_t order;                   /* place in the array of records */
  int64_t threads;                 /* 0: unknown */
  double rate;                     /* users/s asked for in the server scenario, else 0 */
  int group;
  int arm, thread; /* places in the group's arms and thread counts; -1 before l4r_rows_place */
  /* The arm, cut with "..." at 255 bytes, and a suffix that tells it from others of that name in
   * its group: "blis@m [k 50, pin core]". Rows with the same group, label, threads and rate
   * measured the same thing. */
  char label[384];
};

struct l4r_row_group {
  char slug[160];  /* letters, digits, '.', '=' and '-': unique, fit for a file name */
  char title[512]; /* "ml-1m, 6,040 users, 3,416 items, ties by item; single-stream" */
  char cpu[128];   /* "" where unknown */
  const struct l4r_record *first;
};

struct l4r_rows {
  struct l4r_row *row; /* [count], in the order of the records */
  int64_t count;
  struct l4r_row_group *group; /* [groups], in order of appearance */
  int groups;
};

/* Makes rows of records, which must outlive them and must not move. Free with l4r_rows_free, also
 * after a failure. L4R_ENVIRONMENT without memory. */
int l4r_rows_make(const struct l4r_records *records, struct l4r_rows *rows);
void l4r_rows_free(struct l4r_rows *rows);

/* Returns the metric "HR@10" or the like of a convention with its 95 % interval. */
struct l4r_shown l4r_row_accuracy(const struct l4r_row *row, int convention, const char *metric);
/* Returns "p50" .. "p99" or "mean" of latency_ns. */
struct l4r_shown l4r_row_latency(const struct l4r_row *row, const char *name);
/* Says why a percentile is absent: the record's reason, or that the record does not hold it. */
const char *l4r_row_withheld(const struct l4r_row *row, const char *name);
/* Returns a number at a path of names, such as "resources.weights_bytes" (l4r_member_at); NaN where
 * it is absent. */
double l4r_row_number(const struct l4r_row *row, const char *path);
/* Returns a text at a path; "" where there is none. */
const char *l4r_row_text(const struct l4r_row *row, const char *path);
/* Returns 1 for weights as they were drawn, which a measurement of speed is content with. Counts
 * have no loss, weights from elsewhere may be trained, and a row that a campaign names has to reach
 * its floor: 0. */
int l4r_row_untrained(const struct l4r_row *row);

/* Converts an estimate to a figure. */
struct l4r_shown l4r_figure_of(const struct l4r_record_estimate *estimate);
/* Adds the first cells of tables for figures: group, arm, thread, threads. */
void l4r_row_place(struct l4r_table *table, const struct l4r_row *row, const char *group);
/* Adds a number for programs, without an interval. */
void l4r_cell_alone(struct l4r_table *table, double value);

#endif
