/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/every.h"

#include <stdlib.h>

int test_every(void) {
  const char *every = getenv("LITE4REC_TESTS_EVERY");
  const int n = every ? atoi(every) : 1;
  return n > 1 ? n : 1;
}
