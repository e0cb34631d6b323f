/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines are cut in place: nothing is copied. */
#include "impl/base/lines.h"

#include <string.h>

void l4r_lines_init(struct l4r_lines *lines, const char *path, char *content, size_t bytes) {
  *lines = (struct l4r_lines){.path = path, .next = content, .end = content + bytes};
}

int l4r_lines_next(struct l4r_lines *lines, char **line) {
  if (lines->next >= lines->end) return 0;
  char *start = lines->next;
  char *newline = memchr(start, '\n', (size_t)(lines->end - start));
  char *stop = newline ? newline : lines->end;
  lines->next = newline ? newline + 1 : lines->end;
  if (stop > start && stop[-1] == '\r') --stop;
  *stop = '\0';
  ++lines->number;
  *line = start;
  return 1;
}
