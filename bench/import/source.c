/* SPDX-License-Identifier: BSD-3-Clause */
/* Source files as lines and fields, with messages that name file and line. */
#include "bench/import/import.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "impl/base/error.h"
#include "impl/base/memory.h"

static int64_t line_of(const char *content, size_t byte) {
  int64_t line = 1;
  for (size_t i = 0; i < byte; i++) line += content[i] == '\n';
  return line;
}

int l4r_source_open(struct l4r_source *source, const char *path, enum l4r_encoding encoding) {
  memset(source, 0, sizeof *source);
  int status = l4r_read_file(path, 1, &source->content, &source->bytes);
  if (status) return status;
  size_t bad = 0;
  if (!l4r_utf8_valid(source->content, source->bytes, &bad)) {
    if (encoding == L4R_UTF8) {
      status = l4r_fail(L4R_INPUT,
                        "%s:%" PRId64 ": byte %zu of the file is not UTF-8, which this format is "
                        "written in; convert the file (iconv -t UTF-8) or fetch it again",
                        path, line_of(source->content, bad), bad + 1);
      l4r_source_close(source);
      return status;
    }
    source->latin1 = 1;
  }
  const size_t mark = source->bytes >= 3 && !memcmp(source->content, "\xef\xbb\xbf", 3) ? 3 : 0;
  l4r_lines_init(&source->lines, path, source->content + mark, source->bytes - mark);
  return 0;
}

void l4r_source_close(struct l4r_source *source) {
  l4r_free(source->content);
  memset(source, 0, sizeof *source);
}

int l4r_bad_line(const struct l4r_lines *lines, const char *format, ...) {
  char what[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  return l4r_fail(L4R_INPUT, "%s:%" PRId64 ": %s", lines->path, lines->number, what);
}

int l4r_cut(char *line, const char *separator, char **field, int most) {
  const size_t width = strlen(separator);
  int count = 0;
  for (;;) {
    if (count < most) field[count] = line;
    count++;
    line = strstr(line, separator);
    if (!line) return count;
    *line = '\0';
    line += width;
  }
}

int l4r_take_id(const struct l4r_lines *lines, const char *what, char **token) {
  const char *at = *token;
  int64_t value = 0;
  int whole = *at != '\0';
  for (; *at; at++) {
    whole = whole && *at >= '0' && *at <= '9';
    if (whole && value < INT32_MAX) value = value * 10 + (*at - '0');
  }
  if (!whole && l4r_parse_int(*token, &value))
    return l4r_bad_line(lines, "%s '%.40s' is not a whole number; mend or remove this line", what,
                        *token);
  if (value < 1 || value > INT32_MAX - 1)
    return l4r_bad_line(lines, "%s %.40s is out of range (1 to %d); mend or remove this line", what,
                        *token, INT32_MAX - 1);
  while (**token == '0') ++*token;
  return 0;
}

int l4r_take_time(const struct l4r_lines *lines, const char *token, double *time) {
  int64_t value = 0;
  if (l4r_parse_int(token, &value))
    return l4r_bad_line(lines, "timestamp '%.40s' is not a whole number; mend or remove this line",
                        token);
  if (value < 0 || value > (INT64_C(1) << 53))
    return l4r_bad_line(lines,
                        "timestamp %.40s is %s; it must be seconds since 1970: mend or remove this "
                        "line",
                        token, value < 0 ? "negative" : "out of range");
  *time = (double)value;
  return 0;
}

int l4r_take_rating(const struct l4r_lines *lines, const char *token) {
  double value;
  if (!l4r_parse_double(token, &value)) return 0;
  return l4r_bad_line(lines, "rating '%.40s' is not a number; mend or remove this line", token);
}
