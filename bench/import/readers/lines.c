/* SPDX-License-Identifier: BSD-3-Clause */
/* What readers share: walking a file's lines or records past bad ones, whole numbers as ids. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/import/import.h"
#include "impl/base/error.h"
#include "impl/base/file.h"

int l4r_import_bad(struct l4r_import *import, const struct l4r_source *source, int status) {
  if (status != L4R_INPUT || source->fatal) return status;
  const int64_t n = import->report->bad_lines++;
  if (n < L4R_BAD_TOLD) snprintf(import->bad[n], sizeof *import->bad, "%s", l4r_error_message());
  return 0;
}

void l4r_import_close(struct l4r_import *import, struct l4r_source *source) {
  import->report->latin1 += source->decoded;
  import->report->blank_lines += source->blank;
  l4r_source_close(source);
}

int l4r_each_line(struct l4r_import *import, const char *path, enum l4r_encoding encoding,
                  l4r_take_line *take) {
  struct l4r_source source;
  char *line;
  int got = 0, status = l4r_source_open(&source, path, encoding);
  while (!status && (got = l4r_source_line(&source, &line)) != 0)
    status = l4r_import_bad(import, &source, got == 1 ? take(import, &source, line) : got);
  l4r_import_close(import, &source);
  return status;
}

int l4r_each_record(struct l4r_import *import, struct l4r_source *source, const struct l4r_csv *csv,
                    int columns, l4r_take_record *take, void *context) {
  char *field[L4R_MOST_COLUMNS];
  int got, count, status = 0;
  while (!status && (got = l4r_source_record(source, csv, field, L4R_MOST_COLUMNS, &count)) != 0) {
    if (got == 1 && count != columns)
      got = l4r_bad_line(source, "%d fields, but the header names %d; mend this line", count,
                         columns);
    status = l4r_import_bad(import, source, got == 1 ? take(import, source, field, context) : got);
  }
  return status;
}

int l4r_take_id(const struct l4r_source *source, const char *what, char **token) {
  const char *at = *token;
  int64_t value = 0;
  int whole = *at != '\0';
  for (; *at; at++) {
    whole = whole && *at >= '0' && *at <= '9';
    if (whole && value < INT32_MAX) value = value * 10 + (*at - '0');
  }
  if (!whole && l4r_parse_int(*token, &value))
    return l4r_bad_line(source, "%s '%.40s' is not a whole number; mend or remove this line", what,
                        *token);
  if (value < 1 || value > INT32_MAX - 1)
    return l4r_bad_line(source, "%s %.40s is out of range (1 to %d); mend or remove this line",
                        what, *token, INT32_MAX - 1);
  while (**token == '0') ++*token;
  return 0;
}
