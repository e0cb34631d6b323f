/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the values of a model's tensors come from: training reads a flat buffer, serving a mapped
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
/* The values of prefix+name, borrowed (row-major [rows][columns], 4-byte aligned). L4R_INPUT when
 * missing or shaped otherwise; the message names the tensor and both shapes. */
int l4r_weights_get(const struct l4r_weights *weights, const char *prefix, const char *name,
                    int64_t rows, int64_t columns, const float **values);

#endif
