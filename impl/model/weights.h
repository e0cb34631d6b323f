/* SPDX-License-Identifier: BSD-3-Clause */
/* The source of the values of a model's tensors: training reads a flat buffer, serving a mapped
 * file. */
#ifndef L4R_MODEL_WEIGHTS_H
#define L4R_MODEL_WEIGHTS_H

#include "impl/model/safetensors.h"
#include "impl/model/tensors.h"

#include <stdint.h>

struct l4r_weights {
  const struct l4r_tensors *tensors;
  const float *values;                       /* flat, or NULL: */
  const struct l4r_safetensors *safetensors; /* mapped file */
};
/* Finds the values of prefix+name, row-major [rows][columns] and 4-byte aligned. They are borrowed.
 * L4R_INPUT when the tensor is missing or has another shape; the message names it and both shapes.
 */
int l4r_weights_get(const struct l4r_weights *weights, const char *prefix, const char *name,
                    int64_t rows, int64_t columns, const float **values);

#endif
