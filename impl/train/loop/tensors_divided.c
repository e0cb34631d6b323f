/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/train/loop/tensors_divided.h"

#include "impl/model/tensors_list.h"

#include <assert.h>
#include <string.h>

int64_t l4r_tensor_padded(int64_t floats) {
  return (floats + L4R_TENSOR_FLOATS - 1) / L4R_TENSOR_FLOATS * L4R_TENSOR_FLOATS;
}

void l4r_tensors_divide(struct l4r_tensors *tensors, const char *name, int rank, int ranks) {
  struct l4r_tensor *table = NULL;
  int64_t less = 0;
  for (int64_t i = 0; i < tensors->count; i++) {
    struct l4r_tensor *tensor = &tensors->tensor[i];
    tensor->offset -= less;
    if (table || strcmp(tensor->name, name) != 0) continue;
    table = tensor;
    table->whole = table->rows;
    table->rows = (table->whole + ranks - 1) / ranks;
    table->first = table->rows * rank;
    less = l4r_tensor_padded(table->count);
    table->count = table->rows * table->columns;
    less -= l4r_tensor_padded(table->count);
  }
  assert(table && table->columns > 0 && tensors->trained == tensors->floats);
  tensors->trained = tensors->floats -= less;
}

const struct l4r_tensor *l4r_tensors_divided(const struct l4r_tensors *tensors) {
  for (int64_t i = 0; i < tensors->count; i++)
    if (tensors->tensor[i].whole > 0) return &tensors->tensor[i];
  return NULL;
}

int64_t l4r_tensors_whole(const struct l4r_tensors *tensors, int64_t floats) {
  const struct l4r_tensor *divided = l4r_tensors_divided(tensors);
  if (!divided) return floats;
  return floats - l4r_tensor_padded(divided->count) +
         l4r_tensor_padded(divided->whole * divided->columns);
}
