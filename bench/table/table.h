/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints records as tables for people: one row per arm and thread count, accuracy and latency side
 * by side, within 160 columns. An absent figure is '-' with a footnote. */
#ifndef L4R_BENCH_TABLE_TABLE_H
#define L4R_BENCH_TABLE_TABLE_H

#include "bench/record/read.h"
#include "bench/table/sheet.h"

#include <jansson.h>

/* Add the columns of a record's row, and the row. In a document the name is printed as code and
 * warnings are footnotes; in text, remarks follow below. 0 threads means unknown. */
void l4r_record_columns(struct l4r_table *table, int document);
void l4r_record_row(struct l4r_table *table, const struct l4r_record *record, const char *name,
                    int document);

/* Prints the table of `run` as text. Records keep their order; those with another data set,
 * scenario, pin or k get a heading of their own, and records with the same name get suffixes
 * (bench/record/distinct.h). L4R_ENVIRONMENT without memory. */
int l4r_table_run(FILE *stream, const struct l4r_records *records);
/* Prints one of several tables: the records for which chosen[records] is not 0. Their names are
 * told apart from those of all records. */
int l4r_table_run_among(struct l4r_sheet *sheet, const struct l4r_records *all, const char *chosen);
/* Prints the groups of a record's accuracy, one line each: bounds, users, HR@10 and NDCG@10 under
 * both conventions. Prints nothing where there are no groups. */
void l4r_table_groups(struct l4r_sheet *sheet, const char *title,
                      const struct l4r_record_groups *groups);
/* Prints the table of `eval`: `rows` are objects with "arm" and "accuracy", and "control" {name}
 * for figures of a control instead of the arm itself. L4R_ENVIRONMENT without memory. */
int l4r_table_accuracy(struct l4r_sheet *sheet, const char *title, const json_t *rows);

#endif
