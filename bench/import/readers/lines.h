/* SPDX-License-Identifier: BSD-3-Clause */
/* Hands a file's lines and records to a reader; it notes bad ones and goes on reading. */
#ifndef L4R_BENCH_IMPORT_READERS_LINES_H
#define L4R_BENCH_IMPORT_READERS_LINES_H

#include "bench/import/collect/collect.h"
#include "bench/import/readers/csv.h"

/* Decides about the status of one line: notes a bad line and returns 0, so that reading goes on;
 * returns any other status. */
int l4r_import_bad(struct l4r_import *import, const struct l4r_source *source, int status);

/* Opens a file and hands over its lines, bad ones noted, until `take` fails for another reason. */
typedef int l4r_parse_line(struct l4r_import *import, struct l4r_source *source, char *line);
int l4r_each_line(struct l4r_import *import, const char *path, enum l4r_encoding encoding,
                  l4r_parse_line *take);
/* Does the same with a file that holds one JSON object on each line; it refuses JSON in another
 * layout. */
int l4r_each_json_line(struct l4r_import *import, const char *path, enum l4r_encoding encoding,
                       l4r_parse_line *take);
/* Hands over the rest of an open source as records of `columns` fields; records of another number
 * of fields are bad lines. */
enum { L4R_MOST_COLUMNS = 256 };
typedef int l4r_parse_record(struct l4r_import *import, struct l4r_source *source, char **field,
                             void *context);
int l4r_each_record(struct l4r_import *import, struct l4r_source *source, const struct l4r_csv *csv,
                    int columns, l4r_parse_record *take, void *context);
/* Adds what a source counted to the report, and closes it. */
void l4r_import_close(struct l4r_import *import, struct l4r_source *source);

/* Checks that *token is a whole number from 1 to 2^31 - 2 and moves it past leading zeros. */
int l4r_parse_id(const struct l4r_source *source, const char *what, char **token);

#endif
