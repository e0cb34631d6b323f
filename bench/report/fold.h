/* SPDX-License-Identifier: BSD-3-Clause */
/* Folds older records of a report away below the newest. */
#ifndef L4R_BENCH_REPORT_FOLD_H
#define L4R_BENCH_REPORT_FOLD_H

#include "bench/report/inner.h"
#include "bench/table/sheet.h"

/* Among several records with the same arm, thread count and rate, a table shows the newest, and the
 * older ones are folded below it. l4r_export_plot_tables must have placed the rows before. */
enum l4r_rows_shown { L4R_ROWS_NEWEST, L4R_ROWS_OLDER, L4R_ROWS_ALL };
/* Puts on the page what `export` prints for a group's newest rows and, folded below, what it prints
 * for `rest` where there are older ones. `name` begins the ids of footnotes. */
int l4r_report_rows_put(struct l4r_report *report, int group, enum l4r_rows_shown rest,
                        const char *name,
                        int (*export)(const struct l4r_rows *rows, struct l4r_sheet *sheet));
/* Returns the number of such rows. */
int l4r_report_rows(const struct l4r_report *report, int group, enum l4r_rows_shown shown);

/* About four screens of a table: a section's groups are open until they have that many rows. One
 * that begins at L4R_FOLD_FIRST opens its first group alone. */
enum { L4R_OPEN_ROWS = 60, L4R_FOLD_FIRST = L4R_OPEN_ROWS - 1 };
struct l4r_fold { /* zeroed at the begin of a section, or with rows L4R_FOLD_FIRST */
  int rows;       /* number of rows so far */
};
/* Adds a sentence that groups are folded, if any will be. */
void l4r_fold_lead(const struct l4r_report *report);
/* Begin "<details><summary><h3>TITLE ..", open or folded, and end it. */
void l4r_group_begin(struct l4r_report *report, struct l4r_fold *fold, int g);
void l4r_group_end(struct l4r_report *report);
#endif
