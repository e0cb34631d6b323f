/* SPDX-License-Identifier: BSD-3-Clause */
/* Records of fields of a source (RFC 4180, and what people write instead). */
#ifndef L4R_BENCH_IMPORT_READERS_CSV_H
#define L4R_BENCH_IMPORT_READERS_CSV_H

#include "bench/import/collect/source.h"

/* How a table separates its fields. */
struct l4r_csv {
  char separator[8]; /* "," or "\t" or "::"; " " means runs of blanks and tabs */
  int quotes;        /* a field may stand in double quotes, doubled inside (RFC 4180) */
};

/* Reads the next record that is not blank. At most `most` fields are stored, each NUL-terminated,
 * and *count says how many there are. Returns as l4r_source_line does. Text in quotes may hold line
 * breaks. Where the separator is not a comma or a semicolon, a quote that does not close right
 * before a separator is a byte like others. Fields are as they are in the file: take those you need
 * through l4r_source_text. */
int l4r_source_record(struct l4r_source *source, const struct l4r_csv *csv, char **field, int most,
                      int *count);

#endif
