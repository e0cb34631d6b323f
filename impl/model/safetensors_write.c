/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes safetensors files: the header, padded with spaces so that values begin at a multiple of 64
 * bytes of the file, then every tensor in the given order, back to back. */
#include "impl/model/safetensors_write.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE = 64 };

static int64_t count_of(const struct l4r_safetensors_part *part) {
  return part->rows * (part->columns ? part->columns : 1);
}

static json_t *header_of(const struct l4r_safetensors_part *part, int64_t parts) {
  json_t *root = json_object();
  int bad = json_object_set_new(root, "__metadata__", json_pack("{s:s}", "format", "pt"));
  json_int_t place = 0;
  for (int64_t i = 0; i < parts && !bad; i++) {
    json_t *shape = json_pack("[I]", (json_int_t)part[i].rows);
    if (part[i].columns) bad |= json_array_append_new(shape, json_integer(part[i].columns));
    json_int_t end = place + 4 * (json_int_t)count_of(&part[i]);
    json_t *entry = json_pack("{s:s,s:o,s:[I,I]}", "dtype", "F32", "shape", shape, "data_offsets",
                              place, end);
    bad |= json_object_set_new(root, part[i].name, entry);
    place = end;
  }
  if (!bad) return root;
  json_decref(root);
  return NULL;
}

int l4r_safetensors_print(FILE *stream, const char *path, const struct l4r_safetensors_part *part,
                          int64_t parts) {
  json_t *root = header_of(part, parts);
  char *header = root ? json_dumps(root, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
  json_decref(root);
  if (!header) return l4r_fail(L4R_ENVIRONMENT, "no memory for the header of %s", path);
  size_t length = strlen(header), padded = (length + 8 + PLACE - 1) / PLACE * PLACE - 8;
  for (int i = 0; i < 8; i++) fputc((int)(padded >> 8 * i & 255), stream);
  fprintf(stream, "%-*s", (int)padded, header);
  free(header);
  int status = L4R_OK;
  for (int64_t i = 0; i < parts && !status; i++)
    if (part[i].more)
      status = part[i].more->print(part[i].more->context, stream);
    else
      fwrite(part[i].values, sizeof *part[i].values, (size_t)count_of(&part[i]), stream);
  return status;
}

static int write_parts(const char *path, const struct l4r_safetensors_part *part, int64_t parts) {
  struct l4r_output output;
  int status = l4r_output_open(&output, path);
  if (status) return status;
  status = l4r_safetensors_print(output.stream, path, part, parts);
  if (!status) return l4r_output_commit(&output); /* reports failed writes */
  l4r_output_abort(&output);
  return status;
}

int l4r_safetensors_write(const char *path, const struct l4r_tensors *tensors,
                          const float *values) {
  return l4r_safetensors_write_divided(path, tensors, values, NULL);
}

int l4r_safetensors_write_divided(const char *path, const struct l4r_tensors *tensors,
                                  const float *values, const struct l4r_safetensors_rows *divided) {
  struct l4r_safetensors_part *part = l4r_alloc((size_t)tensors->count, sizeof *part,
                                                "the tensors of a safetensors file");
  if (!part) return L4R_ENVIRONMENT;
  for (int64_t i = 0; i < tensors->count; i++) {
    const struct l4r_tensor *tensor = &tensors->tensor[i];
    part[i] = (struct l4r_safetensors_part){
        tensor->name, tensor->whole ? tensor->whole : tensor->rows, tensor->columns,
        values + tensor->offset, tensor->whole ? divided : NULL};
  }
  int status = write_parts(path, part, tensors->count);
  l4r_free(part);
  return status;
}
