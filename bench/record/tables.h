/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints records as a flat table for spreadsheets and plots. */
#ifndef L4R_BENCH_RECORD_TABLES_H
#define L4R_BENCH_RECORD_TABLES_H

#include "bench/record/fields.h"

#include <stdio.h>

struct l4r_csv_column {
  char name[64], path[128]; /* path of a record's member (l4r_member_at), or "@file" and the like */
  int place;
};
enum { L4R_CSV_COLUMNS = 256 };
/* Gives the columns that rows of the table name (.csv), in their order; returns how many. Pure. */
int l4r_csv_columns(struct l4r_csv_column column[L4R_CSV_COLUMNS]);

/* Prints the line of column names (RFC 4180). */
void l4r_csv_head(FILE *stream);
/* Prints the line of one record: arm, threads, accuracy and latency with intervals, users/s,
 * memory. A withheld or absent value is an empty field. */
void l4r_csv_line(FILE *stream, const struct l4r_record *record);

#endif
