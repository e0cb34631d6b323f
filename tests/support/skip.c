/* SPDX-License-Identifier: BSD-3-Clause */
/* Criterion counts a skipped test nowhere in its summary. The linker sends every call of
 * criterion_skip_test here (--wrap), where a line says which test was skipped and why, for
 * tests/run.sh to count and to list. The runner without Criterion's library (tests/plain) prints
 * such lines itself and links neither of the two names below. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>

extern const struct criterion_test *const criterion_current_test __attribute__((weak));
_Noreturn void __real_criterion_skip_test(const char *format, ...) __attribute__((weak));
_Noreturn void __wrap_criterion_skip_test(const char *format, ...);

_Noreturn void __wrap_criterion_skip_test(const char *format, ...) {
  char reason[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(reason, sizeof reason, format, arguments);
  va_end(arguments);
  fprintf(stderr, "[SKIP] %s::%s: %s\n", criterion_current_test->category,
          criterion_current_test->name, reason);
  __real_criterion_skip_test("%s", reason);
}
