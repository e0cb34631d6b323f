/* SPDX-License-Identifier: BSD-3-Clause */
/* A file of counter groups, and its formulas. */
#include "bench/counters/formula.h"
#include "tests/fuzz/input.h"

#include "bench/counters/group.h"

#include <stdlib.h>
#include <string.h>

static int one(void *context, const char *name, double *value) {
  (void)context, (void)name;
  *value = 1;
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct l4r_group group;
  double result;
  char *text = malloc(size + 1);
  memcpy(text, data, size);
  text[size] = '\0';
  int status = l4r_group_parse("fuzzed", text, &group);
  fuzz_check(status);
  for (int m = 0; !status && m < group.metrics; m++)
    fuzz_check(l4r_formula(group.metric[m].formula, one, NULL, &result));
  free(text);
  return 0;
}
