/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/command.h"

#include "tests/support/files.h"

#include <stdio.h>

int test_command(test_main *command, const char *name, const char *word, va_list more) {
  enum { MOST = 24 };
  char *argv[MOST];
  int argc = 0;
  argv[argc++] = (char *)name;
  for (const char *w = word; w; w = va_arg(more, const char *)) {
    cr_assert_lt(argc, MOST - 1);
    argv[argc++] = (char *)w;
  }
  argv[argc] = NULL;
  cr_assert_not_null(freopen(test_path("out"), "w", stdout));
  cr_assert_not_null(freopen(test_path("err"), "w", stderr));
  const int status = command(argc, argv);
  fflush(stdout);
  fflush(stderr);
  return status;
}

int test_run(test_main *command, const char *name, const char *word, ...) {
  va_list more;
  va_start(more, word);
  const int status = test_command(command, name, word, more);
  va_end(more);
  return status;
}

void test_says(const char *part) {
  const char *said = test_read("out");
  cr_assert_not_null(strstr(said, part), "'%s' is not in:\n%s", part, said);
}
