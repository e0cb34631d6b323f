/* SPDX-License-Identifier: BSD-3-Clause */
/* config.json of a model. What is accepted must be what is written again. */
#include "tests/fuzz/input.h"

#include "impl/model/config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct l4r_model_config config, again;
  fuzz_file(0, "config.json", data, size);
  int status = l4r_config_read(fuzz_folder(), &config);
  fuzz_check(status);
  if (status) return 0;
  if (l4r_config_write(fuzz_folder(), &config) || l4r_config_read(fuzz_folder(), &again)) abort();
  if (config.kind != again.kind || config.items != again.items || strcmp(config.size, again.size))
    abort();
  return 0;
}
