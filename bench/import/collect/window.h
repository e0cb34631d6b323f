/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to source.c and csv.c: the window of a source. */
#ifndef L4R_BENCH_IMPORT_COLLECT_WINDOW_H
#define L4R_BENCH_IMPORT_COLLECT_WINDOW_H

#include "bench/import/collect/source.h"

struct l4r_span { /* of a field, in bytes from the record's first */
  size_t start, length;
  int quoted;
};

/* Moves what is unread to the front and reads more behind it: 1, 0 at the file's end, a status with
 * source->fatal set. What points into the buffer is void. */
int l4r_window_more(struct l4r_source *source);

/* The line that begins with what is unread, read until it is whole: 1 and its *length without the
 * break, 0 at the file's end, a status as above. It stays unread. */
int l4r_window_line(struct l4r_source *source, size_t *length);

/* Takes that line: moves on behind it, counts it and cuts its end ("\n", "\r\n") off. */
char *l4r_window_take(struct l4r_source *source, size_t length);

/* Nothing but blanks, tabs and DOS's end of file. */
int l4r_is_blank_line(const char *line);

#endif
