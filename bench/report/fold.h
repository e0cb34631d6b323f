/* SPDX-License-Identifier: BSD-3-Clause */
/* Older records of a report, folded away below the newest. */
#ifndef L4R_BENCH_REPORT_FOLD_H
#define L4R_BENCH_REPORT_FOLD_H

#include "bench/report/inner.h"
#include "bench/table/sheet.h"

/* Of several records of one arm, thread count and rate a table shows the newest; the older ones
 * stand below it, folded. Known once l4r_export_plot_tables has placed the rows. */
enum l4r_rows_shown { L4R_ROWS_NEWEST, L4R_ROWS_OLDER, L4R_ROWS_ALL };
/* Puts what `export` makes of a group's newest rows on the page, and folded below it what it makes
 * of the `rest`, where there are older ones. `name` begins the ids of footnotes. */
int l4r_report_rows_put(struct l4r_report *report, int group, enum l4r_rows_shown rest,
                        const char *name,
                        int (*export)(const struct l4r_rows *rows, struct l4r_sheet *sheet));
/* How many there are. */
int l4r_report_rows(const struct l4r_report *report, int group, enum l4r_rows_shown shown);

struct l4r_fold { /* zero where a section begins */
  int rows;       /* of the groups so far: they are open until these fill some screens */
};
/* Says that groups are folded, where some will be. */
void l4r_fold_lead(const struct l4r_report *report);
/* "<details><summary><h3>TITLE ..", open or folded; and its end. */
void l4r_group_begin(struct l4r_report *report, struct l4r_fold *fold, int g);
void l4r_group_end(struct l4r_report *report);
#endif
