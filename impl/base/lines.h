/* SPDX-License-Identifier: BSD-3-Clause */
/* The lines of a text in memory, one after another. */
#ifndef L4R_BASE_LINES_H
#define L4R_BASE_LINES_H

#include <stddef.h>
#include <stdint.h>

/* Walks the lines of a text in memory: each call sets *line (NUL-terminated in place, without \n
 * and a trailing \r) and counts; returns 0 at the end. A last line without newline counts. */
struct l4r_lines {
  const char *path; /* for messages; borrowed */
  char *next, *end;
  int64_t number; /* of the line last returned, from 1 */
};
void l4r_lines_init(struct l4r_lines *lines, const char *path, char *content, size_t bytes);
int l4r_lines_next(struct l4r_lines *lines, char **line);

#endif
