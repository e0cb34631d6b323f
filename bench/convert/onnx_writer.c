/* SPDX-License-Identifier: BSD-3-Clause */
/* Protobuf (https://protobuf.dev/programming-guides/encoding) as far as ONNX needs it: a field is
 * its number and wire type in one varint, then a varint, four bytes, or a length and that many
 * bytes. Messages are fields of messages by their length, which must be known first: small ones
 * are put together in memory, and a weight's is worked out from its shape.
 *
 *   ModelProto   version, producer, opset, metadata
 *     GraphProto   NodeProto...  name  TensorProto...  inputs, outputs
 *
 * Field numbers are those of onnx.proto. */
#include "bench/convert/onnx_writer.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"

#include <stdio.h>
#include <string.h>

/* IR version 7 came with opset 14 (ONNX 1.9): older readers are few, newer ones take it. */
enum { IR_VERSION = 7 };
enum wire { VARINT = 0, BYTES = 2, FOUR = 5 };
enum { /* field numbers */
       MODEL_IR = 1,
       MODEL_PRODUCER = 2,
       MODEL_GRAPH = 7,
       MODEL_OPSET = 8,
       MODEL_NOTE = 14,
       OPSET_VERSION = 2,
       NOTE_KEY = 1,
       NOTE_VALUE = 2,
       GRAPH_NODE = 1,
       GRAPH_NAME = 2,
       GRAPH_TENSOR = 5,
       GRAPH_INPUT = 11,
       GRAPH_OUTPUT = 12,
       NODE_INPUT = 1,
       NODE_OUTPUT = 2,
       NODE_NAME = 3,
       NODE_OP = 4,
       NODE_ATTRIBUTE = 5,
       ATTRIBUTE_NAME = 1,
       ATTRIBUTE_F = 2,
       ATTRIBUTE_I = 3,
       ATTRIBUTE_INTS = 8,
       ATTRIBUTE_TYPE = 20,
       TENSOR_DIM = 1,
       TENSOR_TYPE = 2,
       TENSOR_NAME = 8,
       TENSOR_RAW = 9,
       INFO_NAME = 1,
       INFO_TYPE = 2,
       TYPE_TENSOR = 1,
       TENSOR_TYPE_ELEMENT = 1,
       TENSOR_TYPE_SHAPE = 2,
       SHAPE_DIM = 1,
       DIM_SIZE = 1,
       DIM_NAME = 2,
};

struct bytes {
  unsigned char *byte;
  size_t used, capacity;
};

struct tensor {
  int name; /* number of the value */
  enum l4r_onnx_type type;
  int64_t dimension[2]; /* as stored */
  int dimensions, transposed;
  const float *values;           /* NULL: */
  unsigned char own[4 * 8];      /* a constant's bytes */
  int64_t head_bytes, raw_bytes; /* of the message before the values; of these */
};

enum { NAME = 128 };
struct l4r_onnx {
  char (*name)[NAME]; /* [values + 1], of value 0 unused */
  size_t values, name_capacity;
  struct bytes nodes, ends, notes; /* messages as fields of the graph; notes: of the model */
  struct tensor *tensor;
  size_t tensors, tensor_capacity;
  int status;
};

/* --- protobuf --- */

static void put(struct l4r_onnx *onnx, struct bytes *out, const void *content, size_t count) {
  if (onnx->status) return;
  onnx->status = l4r_grow(&out->byte, &out->capacity, out->used + count, 1, "an ONNX graph");
  if (onnx->status) return;
  memcpy(out->byte + out->used, content, count);
  out->used += count;
}

static void put_varint(struct l4r_onnx *onnx, struct bytes *out, uint64_t value) {
  unsigned char byte[10];
  size_t count = 0;
  do {
    byte[count] = (unsigned char)((value & 127) | (value > 127 ? 128 : 0));
    count++;
    value >>= 7;
  } while (value);
  put(onnx, out, byte, count);
}

static void put_number(struct l4r_onnx *onnx, struct bytes *out, int field, int64_t value) {
  put_varint(onnx, out, (uint64_t)field << 3 | VARINT);
  put_varint(onnx, out, (uint64_t)value);
}

/* Field and length of what follows. */
static void put_head(struct l4r_onnx *onnx, struct bytes *out, int field, uint64_t length) {
  put_varint(onnx, out, (uint64_t)field << 3 | BYTES);
  put_varint(onnx, out, length);
}

static void put_text(struct l4r_onnx *onnx, struct bytes *out, int field, const char *text) {
  put_head(onnx, out, field, strlen(text));
  put(onnx, out, text, strlen(text));
}

/* A message as a field of another; it is emptied. */
static void put_message(struct l4r_onnx *onnx, struct bytes *out, int field,
                        struct bytes *message) {
  put_head(onnx, out, field, message->used);
  if (message->used) put(onnx, out, message->byte, message->used);
  l4r_free(message->byte);
  *message = (struct bytes){0};
}

/* --- values --- */

int l4r_onnx_open(struct l4r_onnx **onnx) {
  struct l4r_onnx *made = l4r_alloc(1, sizeof *made, "an ONNX graph");
  if (!made) return L4R_ENVIRONMENT;
  *onnx = made;
  return L4R_OK;
}

void l4r_onnx_close(struct l4r_onnx *onnx) {
  if (!onnx) return;
  l4r_free(onnx->name);
  l4r_free(onnx->nodes.byte);
  l4r_free(onnx->ends.byte);
  l4r_free(onnx->notes.byte);
  l4r_free(onnx->tensor);
  l4r_free(onnx);
}

void l4r_onnx_note(struct l4r_onnx *onnx, const char *key, const char *value) {
  struct bytes note = {0};
  put_text(onnx, &note, NOTE_KEY, key);
  put_text(onnx, &note, NOTE_VALUE, value);
  put_message(onnx, &onnx->notes, MODEL_NOTE, &note);
}

static l4r_onnx_value new_value(struct l4r_onnx *onnx, const char *name) {
  if (onnx->status) return 0;
  onnx->status = l4r_grow(&onnx->name, &onnx->name_capacity, onnx->values + 2, sizeof *onnx->name,
                          "names of an ONNX graph");
  if (onnx->status) return 0;
  onnx->values++;
  snprintf(onnx->name[onnx->values], NAME, "%s", name);
  return (l4r_onnx_value)onnx->values;
}

/* ValueInfoProto */
static void put_end(struct l4r_onnx *onnx, int field, const char *name, enum l4r_onnx_type type,
                    const struct l4r_onnx_shape *shape) {
  struct bytes dimensions = {0}, tensor = {0}, any = {0}, info = {0};
  for (int d = 0; d < 2; d++) {
    struct bytes one = {0};
    if (shape->name[d])
      put_text(onnx, &one, DIM_NAME, shape->name[d]);
    else
      put_number(onnx, &one, DIM_SIZE, shape->size[d]);
    put_message(onnx, &dimensions, SHAPE_DIM, &one);
  }
  put_number(onnx, &tensor, TENSOR_TYPE_ELEMENT, type);
  put_message(onnx, &tensor, TENSOR_TYPE_SHAPE, &dimensions);
  put_message(onnx, &any, TYPE_TENSOR, &tensor);
  put_text(onnx, &info, INFO_NAME, name);
  put_message(onnx, &info, INFO_TYPE, &any);
  put_message(onnx, &onnx->ends, field, &info);
}

l4r_onnx_value l4r_onnx_input(struct l4r_onnx *onnx, const char *name, enum l4r_onnx_type type,
                              const struct l4r_onnx_shape *shape) {
  put_end(onnx, GRAPH_INPUT, name, type, shape);
  return new_value(onnx, name);
}

void l4r_onnx_output(struct l4r_onnx *onnx, const char *name, enum l4r_onnx_type type,
                     const struct l4r_onnx_shape *shape) {
  put_end(onnx, GRAPH_OUTPUT, name, type, shape);
}

/* --- weights and constants --- */

/* TensorProto up to its values. */
static void put_tensor_head(struct l4r_onnx *onnx, struct bytes *out, const struct tensor *tensor) {
  for (int d = 0; d < tensor->dimensions; d++)
    put_number(onnx, out, TENSOR_DIM, tensor->dimension[d]);
  put_number(onnx, out, TENSOR_TYPE, tensor->type);
  put_text(onnx, out, TENSOR_NAME, onnx->name[tensor->name]);
  put_head(onnx, out, TENSOR_RAW, (uint64_t)tensor->raw_bytes);
}

static l4r_onnx_value add_tensor(struct l4r_onnx *onnx, const char *name, struct tensor tensor) {
  struct bytes head = {0};
  int64_t size = tensor.type == L4R_ONNX_FLOAT ? (int64_t)sizeof(float) : (int64_t)sizeof(int64_t);
  for (int d = 0; d < tensor.dimensions; d++)
    if (__builtin_mul_overflow(size, tensor.dimension[d], &size) && !onnx->status)
      onnx->status = l4r_fail(L4R_INPUT, "tensor %s is too large", name);
  tensor.raw_bytes = size;
  tensor.name = new_value(onnx, name);
  if (onnx->status) return 0;
  put_tensor_head(onnx, &head, &tensor);
  tensor.head_bytes = (int64_t)head.used;
  l4r_free(head.byte);
  if (!onnx->status)
    onnx->status = l4r_grow(&onnx->tensor, &onnx->tensor_capacity, onnx->tensors + 1,
                            sizeof *onnx->tensor, "tensors of an ONNX graph");
  if (onnx->status) return 0;
  onnx->tensor[onnx->tensors++] = tensor;
  return tensor.name;
}

l4r_onnx_value l4r_onnx_weights(struct l4r_onnx *onnx, const char *name,
                                const struct l4r_onnx_weights *weights) {
  const int64_t rows = weights->rows, columns = weights->columns;
  const int turned = weights->transposed && columns;
  const struct tensor tensor = {.type = L4R_ONNX_FLOAT,
                                .dimension = {turned ? columns : rows, turned ? rows : columns},
                                .dimensions = columns ? 2 : 1,
                                .transposed = turned,
                                .values = weights->values};
  return add_tensor(onnx, name, tensor);
}

l4r_onnx_value l4r_onnx_real(struct l4r_onnx *onnx, const char *name, float value) {
  struct tensor tensor = {.type = L4R_ONNX_FLOAT};
  memcpy(tensor.own, &value, sizeof value);
  return add_tensor(onnx, name, tensor);
}

l4r_onnx_value l4r_onnx_integer(struct l4r_onnx *onnx, const char *name, int64_t value) {
  struct tensor tensor = {.type = L4R_ONNX_INT64};
  memcpy(tensor.own, &value, sizeof value);
  return add_tensor(onnx, name, tensor);
}

l4r_onnx_value l4r_onnx_integers(struct l4r_onnx *onnx, const char *name, const int64_t *value,
                                 int count) {
  struct tensor tensor = {.type = L4R_ONNX_INT64, .dimension = {count}, .dimensions = 1};
  memcpy(tensor.own, value, (size_t)count * sizeof *value);
  return add_tensor(onnx, name, tensor);
}

/* --- nodes --- */

static void put_attribute(struct l4r_onnx *onnx, struct bytes *node,
                          const struct l4r_onnx_attribute *attribute) {
  struct bytes message = {0};
  put_text(onnx, &message, ATTRIBUTE_NAME, attribute->name);
  if (attribute->type == L4R_ONNX_REAL) {
    put_varint(onnx, &message, ATTRIBUTE_F << 3 | FOUR);
    put(onnx, &message, &attribute->real, sizeof attribute->real);
  } else if (attribute->type == L4R_ONNX_WHOLE) {
    put_number(onnx, &message, ATTRIBUTE_I, attribute->whole[0]);
  } else {
    for (int i = 0; i < attribute->count; i++)
      put_number(onnx, &message, ATTRIBUTE_INTS, attribute->whole[i]);
  }
  put_number(onnx, &message, ATTRIBUTE_TYPE, attribute->type);
  put_message(onnx, node, NODE_ATTRIBUTE, &message);
}

l4r_onnx_value l4r_onnx_apply(struct l4r_onnx *onnx, const struct l4r_onnx_node *node) {
  char name[NAME];
  snprintf(name, sizeof name, "%s_%zu", node->op, onnx->values + 1);
  const l4r_onnx_value value = new_value(onnx, node->output ? node->output : name);
  if (!value) return 0;
  struct bytes message = {0};
  for (int i = 0; i < L4R_ONNX_INPUTS && node->input[i]; i++)
    put_text(onnx, &message, NODE_INPUT, onnx->name[node->input[i]]);
  put_text(onnx, &message, NODE_OUTPUT, onnx->name[value]);
  put_text(onnx, &message, NODE_NAME, name);
  put_text(onnx, &message, NODE_OP, node->op);
  for (int a = 0; a < L4R_ONNX_ATTRIBUTES && node->attribute[a].name; a++)
    put_attribute(onnx, &message, &node->attribute[a]);
  put_message(onnx, &onnx->nodes, GRAPH_NODE, &message);
  return value;
}

/* --- the file --- */

static int64_t varint_bytes(uint64_t value) {
  int64_t count = 1;
  while (value >>= 7) count++;
  return count;
}

/* Of a field of `length` bytes: with its number and its length; field numbers here are below 16. */
static int64_t field_bytes(int64_t length) {
  return 1 + varint_bytes((uint64_t)length) + length;
}

static const char graph_name[] = "lite";

static int64_t graph_bytes(const struct l4r_onnx *onnx) {
  int64_t sum = (int64_t)(onnx->nodes.used + onnx->ends.used) +
                field_bytes((int64_t)strlen(graph_name));
  for (size_t t = 0; t < onnx->tensors; t++)
    sum += field_bytes(onnx->tensor[t].head_bytes + onnx->tensor[t].raw_bytes);
  return sum;
}

/* ModelProto up to its graph, which is its last field. */
static void put_model(struct l4r_onnx *onnx, struct bytes *out) {
  struct bytes opset = {0};
  put_number(onnx, out, MODEL_IR, IR_VERSION);
  put_text(onnx, out, MODEL_PRODUCER, "lite4rec");
  put_number(onnx, &opset, OPSET_VERSION, L4R_ONNX_OPSET);
  put_message(onnx, out, MODEL_OPSET, &opset);
  if (onnx->notes.used) put(onnx, out, onnx->notes.byte, onnx->notes.used);
  put_head(onnx, out, MODEL_GRAPH, (uint64_t)graph_bytes(onnx));
}

static int write_turned(const struct tensor *tensor, FILE *stream) {
  const int64_t rows = tensor->dimension[1], columns = tensor->dimension[0]; /* in memory */
  float *column = l4r_alloc((size_t)rows, sizeof *column, "a column of weights");
  if (!column) return L4R_ENVIRONMENT;
  for (int64_t c = 0; c < columns; c++) {
    for (int64_t r = 0; r < rows; r++) column[r] = tensor->values[r * columns + c];
    fwrite(column, sizeof *column, (size_t)rows, stream);
  }
  l4r_free(column);
  return L4R_OK;
}

static int write_tensor(struct l4r_onnx *onnx, const struct tensor *tensor, FILE *stream) {
  struct bytes head = {0};
  put_head(onnx, &head, GRAPH_TENSOR, (uint64_t)(tensor->head_bytes + tensor->raw_bytes));
  put_tensor_head(onnx, &head, tensor);
  if (!onnx->status) fwrite(head.byte, 1, head.used, stream);
  l4r_free(head.byte);
  if (onnx->status) return onnx->status;
  if (tensor->transposed) return write_turned(tensor, stream);
  fwrite(tensor->values ? (const void *)tensor->values : tensor->own, 1, (size_t)tensor->raw_bytes,
         stream);
  return L4R_OK;
}

static int write_all(struct l4r_onnx *onnx, FILE *stream) {
  struct bytes head = {0};
  put_model(onnx, &head);
  if (onnx->nodes.used) put(onnx, &head, onnx->nodes.byte, onnx->nodes.used);
  put_text(onnx, &head, GRAPH_NAME, graph_name);
  if (onnx->ends.used) put(onnx, &head, onnx->ends.byte, onnx->ends.used);
  if (!onnx->status) fwrite(head.byte, 1, head.used, stream);
  l4r_free(head.byte);
  for (size_t t = 0; t < onnx->tensors && !onnx->status; t++)
    onnx->status = write_tensor(onnx, &onnx->tensor[t], stream);
  return onnx->status;
}

int64_t l4r_onnx_bytes(struct l4r_onnx *onnx) {
  struct bytes head = {0};
  put_model(onnx, &head);
  const int64_t bytes = (int64_t)head.used + graph_bytes(onnx);
  l4r_free(head.byte);
  return bytes;
}

int l4r_onnx_write(struct l4r_onnx *onnx, const char *path) {
  const int64_t bytes = l4r_onnx_bytes(onnx);
  if (onnx->status) return onnx->status;
  if (bytes > INT32_MAX)
    return l4r_fail(L4R_INPUT,
                    "%s would have %.2f GiB; an ONNX file is one protobuf message, which must stay "
                    "below 2 GiB: export a model of fewer items or a smaller width, or take "
                    "`lite4rec export hf`",
                    path, (double)bytes / (1 << 30));
  struct l4r_output output;
  int status = l4r_output_open(&output, path);
  if (status) return status;
  status = write_all(onnx, output.stream);
  if (!status) return l4r_output_commit(&output); /* a failed write shows here */
  l4r_output_abort(&output);
  return status;
}
