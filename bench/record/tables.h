/* SPDX-License-Identifier: BSD-3-Clause */
/* Records as a flat table, for spreadsheets and plots. */
#ifndef L4R_BENCH_RECORD_TABLES_H
#define L4R_BENCH_RECORD_TABLES_H

#include "bench/record/fields.h"

#include <stdio.h>

struct l4r_csv_column {
  char name[64], path[128]; /* path: of a record's member (l4r_member_at), "@file" of its origin */
  int place;
};
enum { L4R_CSV_COLUMNS = 256 };
/* The columns that rows of the table name (.csv), in their order; how many. Pure. */
int l4r_csv_columns(struct l4r_csv_column column[L4R_CSV_COLUMNS]);

/* A line of names. RFC 4180. */
void l4r_csv_head(FILE *stream);
/* A line of one record: arm, threads, accuracy with intervals, latency with intervals, users/s,
 * memory; what is withheld or absent is empty. */
void l4r_csv_line(FILE *stream, const struct l4r_record *record);

#endif
