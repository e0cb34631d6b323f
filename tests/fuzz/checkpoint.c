/* SPDX-License-Identifier: BSD-3-Clause */
/* The header of a safetensors file, and the values behind it. */
#include "tests/fuzz/input.h"

#include "impl/model/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct l4r_checkpoint *checkpoint;
  int status = l4r_checkpoint_open(fuzz_file(0, "model.safetensors", data, size), &checkpoint);
  fuzz_check(status);
  if (status) return 0;
  fuzz_check(l4r_checkpoint_check_finite(checkpoint));
  l4r_checkpoint_close(checkpoint);
  return 0;
}
