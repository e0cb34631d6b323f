/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes tables for figures: files of tab-separated columns with a line of keys. */
#ifndef L4R_BENCH_TABLE_TSV_H
#define L4R_BENCH_TABLE_TSV_H

#include "bench/table/sheet.h"
#include "impl/base/file.h"

/* A long table that is printed part by part: the caller adds rows to `table`. */
struct l4r_tsv {
  struct l4r_sheet sheet;
  struct l4r_table table;
  const char *keys;
};
/* Prints the keys, given as for l4r_table_keys. */
void l4r_tsv_begin(struct l4r_tsv *tsv, FILE *stream, const char *keys);
/* Prints the rows added so far and frees them. */
void l4r_tsv_flush(struct l4r_tsv *tsv);
/* Prints the remaining rows where `status` is L4R_OK; returns as l4r_sheet_end does. */
int l4r_tsv_end(struct l4r_tsv *tsv, int status);

/* Several such files in one folder, which may hold other files too. */
enum { L4R_TSV_FILES = 8 };
struct l4r_tsv_file {
  const char *name, *keys;
};
struct l4r_tsv_files {
  struct l4r_output output[L4R_TSV_FILES];
  struct l4r_tsv tsv[L4R_TSV_FILES];
  int count;
};
/* Makes the folder and begins all files; must be ended even after a failure. */
int l4r_tsv_files_open(struct l4r_tsv_files *files, const char *folder,
                       const struct l4r_tsv_file *file, int count);
/* With status L4R_OK, moves all files to their places; otherwise removes them. */
int l4r_tsv_files_end(struct l4r_tsv_files *files, int status);

#endif
