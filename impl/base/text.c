/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines, numbers and UTF-8. */
#include "impl/base/error.h"
#include "impl/base/file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
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

/* How many bytes the sequence at s has, 0 when it is not valid (RFC 3629's table). */
static size_t utf8_sequence(const unsigned char *s, size_t left) {
  if (s[0] < 0x80) return 1;
  const size_t size = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
  if (s[0] < 0xc2 || s[0] > 0xf4 || left < size) return 0;
  for (size_t i = 1; i < size; ++i)
    if ((s[i] & 0xc0) != 0x80) return 0;
  if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f)) return 0;
  if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) return 0;
  return size;
}

int l4r_utf8_valid(const char *text, size_t bytes, size_t *bad_byte) {
  const unsigned char *s = (const unsigned char *)text;
  for (size_t i = 0; i < bytes;) {
    const size_t size = utf8_sequence(s + i, bytes - i);
    if (size == 0) {
      *bad_byte = i;
      return 0;
    }
    i += size;
  }
  return 1;
}

int l4r_parse_int(const char *text, int64_t *value) {
  char *end;
  errno = 0;
  const long long parsed = strtoll(text, &end, 10);
  const int starts = (text[0] >= '0' && text[0] <= '9') || text[0] == '-';
  if (!starts || end == text || *end || errno)
    return l4r_fail(L4R_INPUT, "'%.40s' is not a whole number", text);
  *value = parsed;
  return L4R_OK;
}

int l4r_parse_double(const char *text, double *value) {
  char *end;
  errno = 0;
  const double parsed = strtod(text, &end);
  const int starts = (text[0] >= '0' && text[0] <= '9') || text[0] == '-' || text[0] == '.';
  if (!starts || end == text || *end || !isfinite(parsed))
    return l4r_fail(L4R_INPUT, "'%.40s' is not a number", text);
  *value = parsed;
  return L4R_OK;
}
