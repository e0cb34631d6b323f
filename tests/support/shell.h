/* SPDX-License-Identifier: BSD-3-Clause */
/* Other programs, as tests meet them. */
#ifndef L4R_TESTS_SUPPORT_SHELL_H
#define L4R_TESTS_SUPPORT_SHELL_H

/* Runs a command line by sh (printf format), asserts that it did not die of a signal, and gives its
 * exit code; *output is what it wrote to its standard output, in memory freed when the process
 * ends. */
int test_shell(const char **output, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The program under test: $LITE4REC, else ./lite4rec; skips the test where it is not built. */
const char *test_program(void);

/* A Python for oracles: $L4R_PYTHON, else /usr/bin/python3; skips the test where it cannot import
 * `modules` ("scipy, numpy"). */
const char *test_python_with(const char *modules);

#endif
