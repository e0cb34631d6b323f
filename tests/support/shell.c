/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int test_shell(const char **output, const char *format, ...) {
  char command[8192];
  va_list arguments;
  va_start(arguments, format);
  const int n = vsnprintf(command, sizeof command, format, arguments);
  va_end(arguments);
  cr_assert(n > 0 && (size_t)n < sizeof command);
  FILE *pipe = popen(command, "r");
  cr_assert_not_null(pipe);
  char *text = NULL;
  size_t bytes = 0;
  FILE *stream = open_memstream(&text, &bytes);
  for (int c; (c = fgetc(pipe)) != EOF;) fputc(c, stream);
  fclose(stream);
  const int status = pclose(pipe);
  cr_assert(WIFEXITED(status), "'%s' died: %s", command, text);
  *output = text; /* lives as long as the test's process */
  return WEXITSTATUS(status);
}

const char *test_program(void) {
  const char *program = getenv("LITE4REC");
  program = program && *program ? program : "./lite4rec";
  if (access(program, X_OK)) cr_skip_test("%s is not built", program);
  return program;
}

const char *test_python_with(const char *modules) {
  const char *python = getenv("L4R_PYTHON"), *output;
  python = python && *python ? python : "/usr/bin/python3";
  if (test_shell(&output, "%s -c 'import %s' 2>/dev/null", python, modules))
    cr_skip_test("%s cannot import %s", python, modules);
  return python;
}
