/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the tables of bench/table/tsv.h again, from which `make plots` and the page draw. */
#ifndef L4R_BENCH_REPORT_COLUMNS_H
#define L4R_BENCH_REPORT_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

struct l4r_tsv_rows {
  char *text;        /* the file, cut into cells */
  const char **cell; /* [rows + 1][columns]: the keys, then the rows */
  size_t room;
  int64_t rows;
  int columns;
};

/* Reads folder/name. A file that is not there gives no rows and is no error. A row with fewer cells
 * than there are keys is left out. L4R_ENVIRONMENT without memory, L4R_INPUT for a file that cannot
 * be read. Free with l4r_columns_free, also after a failure. */
int l4r_columns_read(struct l4r_tsv_rows *table, const char *folder, const char *name);
void l4r_columns_free(struct l4r_tsv_rows *table);
/* Returns the cell of a row (from 0) in the column of that key: "" where there is no such column;
 * NaN where the cell is '-' or no number. */
const char *l4r_columns_text(const struct l4r_tsv_rows *table, int64_t row, const char *key);
double l4r_columns_number(const struct l4r_tsv_rows *table, int64_t row, const char *key);

#endif
