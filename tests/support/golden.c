/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/golden.h"

#include "impl/base/error.h"
#include "impl/base/file.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void test_golden(const char *name, const char *text) {
  char path[256], *golden = NULL;
  size_t bytes;
  snprintf(path, sizeof path, "tests/golden/tables/%s", name);
  const char *wish = getenv("L4R_GOLDEN");
  if (wish && !strcmp(wish, "write")) {
    FILE *file = fopen(path, "w");
    cr_assert(file && fputs(text, file) >= 0 && !fclose(file), "%s cannot be written", path);
    return;
  }
  cr_assert_eq(l4r_read_file(path, 0, &golden, &bytes), 0, "%s", l4r_error_message());
  const char *is = text, *was = golden;
  for (int line = 1; *is || *was; line++) {
    const int n = (int)strcspn(is, "\n"), m = (int)strcspn(was, "\n");
    cr_assert(n == m && !strncmp(is, was, (size_t)n) && is[n] == was[m],
              "%s:%d was\n%.*s\nand is\n%.*s", path, line, m, was, n, is);
    is += n + (is[n] == '\n');
    was += m + (was[m] == '\n');
  }
}
