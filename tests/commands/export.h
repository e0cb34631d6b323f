/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of `lite4rec export` share: running it, and the records that they vary. */
#ifndef L4R_TESTS_COMMANDS_EXPORT_H
#define L4R_TESTS_COMMANDS_EXPORT_H

#include "bench/commands/commands.h"
#include "tests/support/command.h"
#include "tests/support/records.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Runs `lite4rec export WORD...` (ended by NULL); its standard output goes to "out" of the scratch
 * folder, its standard error to "err". */
static inline int export(const char *word, ...) {
  va_list more;
  va_start(more, word);
  const int status = test_command(l4r_command_export, "export", word, more);
  va_end(more);
  return status;
}

static inline void has(const char *text, const char *part) {
  cr_assert_not_null(strstr(text, part), "'%s' is not in:\n%s", part, text);
}

static inline int lines_of(const char *text) {
  int lines = 0;
  for (; *text; text++) lines += *text == '\n';
  return lines;
}

/* Field `column` of line `line` (0: the names), split by `separator`. */
static inline const char *field(const char *text, int line, const char *column, char separator) {
  static char out[8][256];
  static int next;
  char *found = out[next++ % 8];
  int at = 0, wanted = -1;
  for (const char *name = text; wanted < 0; at++) {
    const size_t n = strcspn(name, "\t,\r\n");
    if (n == strlen(column) && !strncmp(name, column, n)) wanted = at;
    cr_assert(wanted >= 0 || name[n] == separator, "no column %s", column);
    name += n + 1;
  }
  for (; line > 0; line--) text = strchr(text, '\n') + 1;
  for (; wanted > 0; wanted--) text = strchr(text, separator) + 1;
  const char ends[] = {separator, '\r', '\n', '\0'};
  snprintf(found, sizeof out[0], "%.*s", (int)strcspn(text, ends), text);
  return found;
}

static inline void field_is(const char *text, int line, const char *column, const char *expected) {
  const char *value = field(text, line, column, '\t');
  cr_assert_str_eq(value, expected, "line %d, %s: '%s', expected '%s' in\n%s", line, column, value,
                   expected, text);
}

static const struct test_record fast = {"blis@lite", "small", "single-stream", 1, 400, 2e6, .3,
                                        0,           0};

static inline struct test_record like(struct test_record record, const char *arm, int threads,
                                      double ns, double hits) {
  record.arm = arm;
  record.threads = threads;
  record.ns = ns;
  record.hits = hits;
  return record;
}

#endif
