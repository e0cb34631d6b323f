/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds the values of a tensor by its name. */
#include "impl/model/weights.h"

#include "impl/base/error.h"
#include "impl/model/safetensors.h"

#include <stdio.h>

int l4r_weights_get(const struct l4r_weights *weights, const char *prefix, const char *name,
                    int64_t rows, int64_t columns, const float **values) {
  char full[2 * sizeof((struct l4r_tensor *)0)->name];
  snprintf(full, sizeof full, "%s%s", prefix ? prefix : "", name);
  const struct l4r_tensor *tensor = weights->tensors ? l4r_tensors_find(weights->tensors, full)
                                                     : NULL;
  if (!tensor && (weights->tensors || !weights->safetensors)) {
    return l4r_fail(L4R_INPUT, "tensor %s is missing from the model", full);
  }
  if (tensor && (tensor->rows != rows || tensor->columns != columns)) {
    return l4r_fail(L4R_INPUT, "tensor %s is %lld x %lld in the model, %lld x %lld is needed", full,
                    (long long)tensor->rows, (long long)tensor->columns, (long long)rows,
                    (long long)columns);
  }
  if (weights->values && tensor) {
    *values = weights->values + tensor->offset;
    return L4R_OK;
  }
  if (!weights->safetensors) return l4r_fail(L4R_INPUT, "tensor %s has no values", full);
  /* A stack packs tensor after tensor; pages of packed tensors would stay resident beside their
   * copies. A view that is still in use reads its pages again from the file. */
  l4r_safetensors_drop_pages(weights->safetensors);
  return l4r_safetensors_view(weights->safetensors, full, rows, columns, values);
}
