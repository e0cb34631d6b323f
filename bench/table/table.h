/* SPDX-License-Identifier: BSD-3-Clause */
/* Records as tables for people: one row an arm and thread count, accuracy and latency side by side,
 * within 160 columns; what is not there is '-' with a footnote. */
#ifndef L4R_BENCH_TABLE_TABLE_H
#define L4R_BENCH_TABLE_TABLE_H

#include "bench/record/read.h"
#include "bench/table/sheet.h"

#include <jansson.h>

/* The columns of a record's row, and the row: in a document the name is code with what stands
 * against it as footnotes; in text, remarks stand below. threads 0: unknown. */
void l4r_record_columns(struct l4r_table *table, int document);
void l4r_record_row(struct l4r_table *table, const struct l4r_record *record, const char *name,
                    int document);

/* The table of `run`, as text: records as written, those of another data set, scenario, pin or k
 * under a heading of their own, those of one name told apart (bench/record/distinct.h).
 * L4R_ENVIRONMENT without memory. */
int l4r_table_run(FILE *stream, const struct l4r_records *records);
/* One of several tables: the records for which chosen[records] is not 0; their names are told apart
 * from those of all. */
int l4r_table_run_among(struct l4r_sheet *sheet, const struct l4r_records *all, const char *chosen);
/* A line a group of a record's accuracy: bounds, users, HR@10 and NDCG@10 under both conventions;
 * nothing where there are no groups. */
void l4r_table_groups(struct l4r_sheet *sheet, const char *title,
                      const struct l4r_record_groups *groups);
/* The table of `eval`: objects with "arm" and "accuracy", and "control" {name} for those that are
 * no arm's normal figures. L4R_ENVIRONMENT without memory. */
int l4r_table_accuracy(struct l4r_sheet *sheet, const char *title, const json_t *rows);

#endif
