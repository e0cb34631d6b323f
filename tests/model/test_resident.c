/* SPDX-License-Identifier: BSD-3-Clause */
/* A mapped safetensors file must not stay resident: serving holds packed copies, and a page of the
 * file beside each would double the memory of a model. */
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/safetensors.h"
#include "impl/model/safetensors_write.h"
#include "impl/model/weights.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { TENSORS = 8, ROWS = 1024, COLUMNS = 1024 };

static long resident_file_kilobytes(void) {
  FILE *file = fopen("/proc/self/status", "r");
  char line[256];
  long kilobytes = -1;
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "RssFile: %ld", &kilobytes) == 1) break;
  if (file) fclose(file);
  return kilobytes;
}

Test(resident, checking_and_reading_a_file_keeps_one_tensor_at_a_time) {
  struct l4r_tensor tensor[TENSORS] = {0};
  for (int t = 0; t < TENSORS; ++t) {
    snprintf(tensor[t].name, sizeof tensor[t].name, "tensor.%d", t);
    tensor[t].rows = ROWS;
    tensor[t].columns = COLUMNS;
    tensor[t].count = ROWS * COLUMNS;
    tensor[t].offset = (int64_t)t * ROWS * COLUMNS;
  }
  const struct l4r_tensors list = {
      .tensor = tensor, .count = TENSORS, .floats = (int64_t)TENSORS * ROWS * COLUMNS};
  float *values = l4r_alloc((size_t)list.floats, sizeof *values, "values");
  const char *path = test_path("model.safetensors");
  cr_assert_eq(l4r_safetensors_write(path, &list, values), 0, "%s", l4r_error_message());
  l4r_free(values);
  struct l4r_safetensors *safetensors;
  cr_assert_eq(l4r_safetensors_open(path, &safetensors), 0, "%s", l4r_error_message());
  const long before = resident_file_kilobytes();
  if (before < 0) cr_skip_test("the kernel does not state RssFile");
  cr_assert_eq(l4r_safetensors_check_finite(safetensors), 0);
  const struct l4r_weights weights = {.tensors = &list, .safetensors = safetensors};
  float sum = 0;
  for (int t = 0; t < TENSORS; ++t) {
    const float *view;
    cr_assert_eq(l4r_weights_get(&weights, "", tensor[t].name, ROWS, COLUMNS, &view), 0);
    for (int64_t i = 0; i < tensor[t].count; i += 512) sum += view[i];
  }
  cr_assert_float_eq(sum, 0, 0, "the file holds zeroes");
  const long grown = resident_file_kilobytes() - before, one = ROWS * COLUMNS * 4 / 1024;
  cr_assert_lt(grown, 2 * one, "%ld kB of the file stay resident, a tensor has %ld", grown, one);
  l4r_safetensors_close(safetensors);
}
