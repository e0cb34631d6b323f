/* SPDX-License-Identifier: BSD-3-Clause */
/* Comma-separated values as RFC 4180 has them: quoted fields may hold commas, line breaks and
 * doubled quotes. */
#ifndef L4R_BENCH_IMPORT_CSV_H
#define L4R_BENCH_IMPORT_CSV_H

#include "impl/base/file.h"

/* Reads the next record of a text in memory, in place. Stores at most `most` fields
 * (NUL-terminated, inside the text) and *count, how many there are. Returns 1, 0 at the end, or
 * L4R_INPUT with file:line (a quote that never closes, text after a closing quote). lines->number
 * becomes the line on which the record starts; lines->next moves. `*after` carries the line count
 * past records that span several lines: 0 before the first call. */
int l4r_csv_next(struct l4r_lines *lines, int64_t *after, char **field, int most, int *count);

#endif
