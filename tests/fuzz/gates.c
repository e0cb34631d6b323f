/* SPDX-License-Identifier: BSD-3-Clause */
/* A file of gates. What is accepted has a figure and a margin in each of its gates. */
#include "tests/fuzz/input.h"

#include "bench/compare/targets.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct l4r_targets targets;
  const int status = l4r_targets_of_gate(fuzz_file(0, "gate.json", data, size), NULL, &targets);
  fuzz_check(status);
  if (!status && targets.count < 1) abort();
  for (int t = 0; t < targets.count && !status; t++) {
    const struct l4r_target *target = &targets.at[t];
    if (!*target->figure.name) abort();
    if (!isnan(target->margin) && !(target->margin > 0 && target->margin < 1)) abort();
  }
  l4r_targets_free(&targets);
  return 0;
}
