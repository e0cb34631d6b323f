/* SPDX-License-Identifier: BSD-3-Clause */
/* The header of a safetensors file, and the values behind it. */
#include "tests/fuzz/input.h"

#include "impl/model/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct l4r_safetensors *safetensors;
  int status = l4r_safetensors_open(fuzz_file(0, "model.safetensors", data, size), &safetensors);
  fuzz_check(status);
  if (status) return 0;
  fuzz_check(l4r_safetensors_check_finite(safetensors));
  l4r_safetensors_close(safetensors);
  return 0;
}
