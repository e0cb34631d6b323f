/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to impl/model: a list of tensors being made. */
#ifndef L4R_MODEL_TENSORS_LIST_H
#define L4R_MODEL_TENSORS_LIST_H

#include "impl/model/tensors.h"

#include <stddef.h>

/* A buffer's tensors start on cache lines of 64 bytes. */
enum { L4R_TENSOR_FLOATS = 16 };

struct l4r_tensors_list {
  struct l4r_tensors *tensors;
  size_t capacity;
  const char *prefix;
  double embedding; /* deviation of token and item vectors */
  int status;
};

struct l4r_tensor_row { /* as the members of struct l4r_tensor */
  int64_t rows, columns;
  double deviation;
  int decay, embedding;
};

static inline struct l4r_tensor_row l4r_matrix_row(int64_t rows, int64_t columns,
                                                   double deviation) {
  return (struct l4r_tensor_row){rows, columns, deviation, 1, 0};
}

static inline struct l4r_tensor_row l4r_vectors_row(const struct l4r_tensors_list *list,
                                                    int64_t rows, int64_t columns) {
  return (struct l4r_tensor_row){rows, columns, list->embedding, 1, 1};
}

static inline struct l4r_tensor_row l4r_gain_row(int64_t rows) {
  return (struct l4r_tensor_row){.rows = rows, .deviation = -1};
}

#endif
