/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands run inside a test, with what they print. */
#ifndef L4R_TESTS_SUPPORT_COMMAND_H
#define L4R_TESTS_SUPPORT_COMMAND_H

#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <string.h>

typedef int test_main(int argc, char **argv);

/* Run `NAME WORD...` (the words end with NULL); standard output and error go to "out"
 * and "err" of the scratch folder. */
int test_command(test_main *command, const char *name, const char *word, va_list more);
int test_run(test_main *command, const char *name, const char *word, ...);
/* Fails the test unless "out" of the last command holds that text. */
void test_says(const char *part);

#define OK(call) cr_assert_eq(call, 0, "%s", l4r_error_message())
#define FAILS(call, code, text)                                                                    \
  do {                                                                                             \
    cr_assert_eq(call, code, "%s", l4r_error_message());                                           \
    cr_assert_not_null(strstr(l4r_error_message(), text), "'%s' is not in: %s", text,              \
                       l4r_error_message());                                                       \
  } while (0)

#endif
