/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes safetensors files. */
#ifndef L4R_MODEL_SAFETENSORS_WRITE_H
#define L4R_MODEL_SAFETENSORS_WRITE_H

#include "impl/model/tensors.h"

#include <stdint.h>
#include <stdio.h>

/* Prints the rows of a table that this process has only a part of; status as other calls. */
struct l4r_safetensors_rows {
  int (*print)(void *context, FILE *stream);
  void *context;
};
struct l4r_safetensors_part {
  const char *name;
  int64_t rows, columns;                   /* columns 0: a vector */
  const float *values;                     /* row-major */
  const struct l4r_safetensors_rows *more; /* prints the values instead; or NULL */
};
/* Prints a whole file to a stream: the parts in F32, in their order, with metadata "format":"pt".
 * `path` is for messages. L4R_ENVIRONMENT when memory is short; a failed write is reported when the
 * stream is committed. */
int l4r_safetensors_print(FILE *stream, const char *path, const struct l4r_safetensors_part *part,
                          int64_t parts);
/* Writes the tensors of a list from a flat buffer in this form, atomically. */
int l4r_safetensors_write(const char *path, const struct l4r_tensors *tensors, const float *values);
/* The same of a list with a table that ranks divide, which `divided` prints. */
int l4r_safetensors_write_divided(const char *path, const struct l4r_tensors *tensors,
                                  const float *values, const struct l4r_safetensors_rows *divided);

#endif
