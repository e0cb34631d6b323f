/* SPDX-License-Identifier: BSD-3-Clause */
/* One record of a CSV file, in place: a closing quote or a comma becomes the field's end, doubled
 * quotes shrink to one, so that a field never grows. */
#include "bench/import/csv.h"

#include <string.h>

#include "bench/import/import.h"
#include "impl/base/error.h"

/* Takes a quoted field whose opening quote is at *at; leaves *at on the byte after the closing one.
 * NULL when it never closes. */
static char *take_quoted(struct l4r_lines *lines, char **at, int64_t *breaks) {
  char *text = *at, *out = *at, *from = *at + 1;
  for (; from < lines->end; from++) {
    if (*from == '"') {
      if (from + 1 >= lines->end || from[1] != '"') break;
      from++;
    }
    *breaks += *from == '\n';
    *out++ = *from;
  }
  if (from >= lines->end) return NULL;
  *at = from + 1;
  *out = '\0'; /* at most on the closing quote */
  return text;
}

static char *take_plain(const struct l4r_lines *lines, char **at) {
  char *text = *at;
  while (*at < lines->end && **at != ',' && **at != '\n' &&
         !(**at == '\r' && *at + 1 < lines->end && (*at)[1] == '\n'))
    ++*at;
  return text;
}

/* The byte that ends a field: moves past it; 1 when another field follows, 0 at the record's end,
 * -1 when something else stands there. The field's NUL is written here. */
static int take_end(const struct l4r_lines *lines, char **at) {
  if (*at >= lines->end) { /* memory has a NUL behind the text */
    **at = '\0';
    return 0;
  }
  const char byte = **at;
  if (byte == ',' || byte == '\n') {
    *(*at)++ = '\0';
    return byte == ',';
  }
  if (byte == '\r' && (*at + 1 == lines->end || (*at)[1] == '\n')) {
    **at = '\0';
    *at += *at + 1 == lines->end ? 1 : 2;
    return 0;
  }
  return -1;
}

int l4r_csv_next(struct l4r_lines *lines, int64_t *after, char **field, int most, int *count) {
  if (lines->next >= lines->end) return 0;
  lines->number = *after + 1;
  int64_t breaks = 0;
  char *at = lines->next;
  int more = 1;
  for (*count = 0; more; ++*count) {
    const int quoted = at < lines->end && *at == '"';
    char *text = quoted ? take_quoted(lines, &at, &breaks) : take_plain(lines, &at);
    if (!text)
      return l4r_bad_line(lines, "a quote opens field %d and never closes; mend this line",
                          *count + 1);
    more = take_end(lines, &at);
    if (more < 0)
      return l4r_bad_line(lines, "text follows the closing quote of field %d; mend this line",
                          *count + 1);
    if (*count < most) field[*count] = text;
  }
  lines->next = at;
  *after = lines->number + breaks;
  return 1;
}
