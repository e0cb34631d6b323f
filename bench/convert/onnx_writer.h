/* SPDX-License-Identifier: BSD-3-Clause */
/* An ONNX file (https://github.com/onnx/onnx/blob/main/docs/IR.md) written without its library: a
 * graph is a few hundred small protobuf messages and the weights, whose bytes go from where they
 * are to the file, so that they are never held twice.
 *
 * Values are numbers from 1 on; 0 is none. The first failure sticks: from then on every function
 * gives 0, and l4r_onnx_write its status. Belongs to one thread. */
#ifndef L4R_BENCH_CONVERT_ONNX_WRITER_H
#define L4R_BENCH_CONVERT_ONNX_WRITER_H

#include <stdint.h>

enum { L4R_ONNX_OPSET = 14, L4R_ONNX_INPUTS = 4, L4R_ONNX_ATTRIBUTES = 2 };
enum l4r_onnx_type { L4R_ONNX_FLOAT = 1, L4R_ONNX_INT64 = 7 }; /* TensorProto.DataType */

struct l4r_onnx;
typedef int l4r_onnx_value;

int l4r_onnx_open(struct l4r_onnx **onnx);
void l4r_onnx_close(struct l4r_onnx *onnx);

/* A line of the file's metadata. */
void l4r_onnx_note(struct l4r_onnx *onnx, const char *key, const char *value);

/* Two dimensions: names ("batch") of what differs by call, NULL: the number. */
struct l4r_onnx_shape {
  const char *name[2];
  int64_t size[2];
};
l4r_onnx_value l4r_onnx_input(struct l4r_onnx *onnx, const char *name, enum l4r_onnx_type type,
                              const struct l4r_onnx_shape *shape);
/* Declares a value that a node names (l4r_onnx_node's `output`). */
void l4r_onnx_output(struct l4r_onnx *onnx, const char *name, enum l4r_onnx_type type,
                     const struct l4r_onnx_shape *shape);

struct l4r_onnx_weights {
  int64_t rows, columns; /* columns 0: a vector */
  const float *values;   /* borrowed until l4r_onnx_write has returned */
  int transposed;        /* stored as [columns][rows] */
};
l4r_onnx_value l4r_onnx_weights(struct l4r_onnx *onnx, const char *name,
                                const struct l4r_onnx_weights *weights);
l4r_onnx_value l4r_onnx_real(struct l4r_onnx *onnx, const char *name, float value);
l4r_onnx_value l4r_onnx_integer(struct l4r_onnx *onnx, const char *name, int64_t value);
/* A vector of at most 4 integers, copied. */
l4r_onnx_value l4r_onnx_integers(struct l4r_onnx *onnx, const char *name, const int64_t *value,
                                 int count);

struct l4r_onnx_attribute {
  const char *name;                                                         /* NULL: none */
  enum { L4R_ONNX_REAL = 1, L4R_ONNX_WHOLE = 2, L4R_ONNX_WHOLES = 7 } type; /* AttributeType */
  float real;
  int64_t whole[4];
  int count; /* of WHOLES */
};
struct l4r_onnx_node {
  const char *op;
  l4r_onnx_value input[L4R_ONNX_INPUTS]; /* ended by 0 */
  struct l4r_onnx_attribute attribute[L4R_ONNX_ATTRIBUTES];
  const char *output; /* NULL: the operator and a number */
};
/* A node's one output. */
l4r_onnx_value l4r_onnx_apply(struct l4r_onnx *onnx, const struct l4r_onnx_node *node);

/* The bytes that l4r_onnx_write writes. */
int64_t l4r_onnx_bytes(struct l4r_onnx *onnx);
/* Writes the file, atomically. L4R_INPUT, before anything is written, when it would have more than
 * the 2 GiB - 1 that protobuf's readers take. */
int l4r_onnx_write(struct l4r_onnx *onnx, const char *path);

#endif
