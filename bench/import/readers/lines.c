/* SPDX-License-Identifier: BSD-3-Clause */
/* What readers share: walking a file's lines or records past bad ones, whole numbers as ids. */
#include "bench/import/readers/lines.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/import/collect/collect.h"
#include "bench/import/import.h"
#include "bench/import/readers/csv.h"
#include "bench/import/readers/values.h"
#include "impl/base/error.h"
#include "impl/base/number.h"
#include "impl/base/text.h"

/* A path is said whole where one line is bad; in a list a long one would push out the rest. */
enum { LONG_PATH = 60 };

int l4r_import_bad(struct l4r_import *import, const struct l4r_source *source, int status) {
  if (status != L4R_INPUT || source->fatal) return status;
  const int64_t n = import->report->bad_lines++;
  if (n >= L4R_BAD_TOLD) return 0;
  const char *message = l4r_error_message();
  const size_t path = strlen(source->path);
  const int cut = n && path > LONG_PATH && !strncmp(message, source->path, path);
  l4r_text_set(import->bad[n], sizeof *import->bad, "%s%s", cut ? "..." : "",
               cut ? message + path - LONG_PATH : message);
  return 0;
}

void l4r_import_close(struct l4r_import *import, struct l4r_source *source) {
  import->report->latin1 += source->decoded;
  import->report->blank_lines += source->blank;
  l4r_source_close(source);
}

static int each_line(struct l4r_import *import, const char *path, enum l4r_encoding encoding,
                     l4r_parse_line *take, int json) {
  struct l4r_source source;
  char *line;
  int got = 0, status = l4r_source_open(&source, path, encoding);
  if (!status && json) status = l4r_check_json_lines(&source);
  while (!status && (got = l4r_source_line(&source, &line)) != 0)
    status = l4r_import_bad(import, &source, got == 1 ? take(import, &source, line) : got);
  l4r_import_close(import, &source);
  return status;
}

int l4r_each_line(struct l4r_import *import, const char *path, enum l4r_encoding encoding,
                  l4r_parse_line *take) {
  return each_line(import, path, encoding, take, 0);
}

int l4r_each_json_line(struct l4r_import *import, const char *path, enum l4r_encoding encoding,
                       l4r_parse_line *take) {
  return each_line(import, path, encoding, take, 1);
}

int l4r_each_record(struct l4r_import *import, struct l4r_source *source, const struct l4r_csv *csv,
                    int columns, l4r_parse_record *take, void *context) {
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

int l4r_parse_id(const struct l4r_source *source, const char *what, char **token) {
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
