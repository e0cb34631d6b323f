/* The safetensors writer: the header, padded with spaces so that values begin on a multiple of 64
 * bytes of the file, then every tensor of a list in the list's order, back to back. */
#include "impl/model/checkpoint.h"

#include "impl/base/error.h"
#include "impl/base/file.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE = 64 };

static json_t *header_of(const struct l4r_tensors *tensors) {
  json_t *root = json_object();
  int bad = json_object_set_new(root, "__metadata__", json_pack("{s:s}", "format", "pt"));
  json_int_t place = 0;
  for (int64_t i = 0; i < tensors->count && !bad; i++) {
    const struct l4r_tensor *tensor = &tensors->tensor[i];
    json_t *shape = json_pack("[I]", (json_int_t)tensor->rows);
    if (tensor->columns) bad |= json_array_append_new(shape, json_integer(tensor->columns));
    json_int_t end = place + 4 * (json_int_t)tensor->count;
    json_t *entry = json_pack("{s:s,s:o,s:[I,I]}", "dtype", "F32", "shape", shape, "data_offsets",
                              place, end);
    bad |= json_object_set_new(root, tensor->name, entry);
    place = end;
  }
  if (!bad) return root;
  json_decref(root);
  return NULL;
}

static void write_all(FILE *stream, const char *header, const struct l4r_tensors *tensors,
                      const float *values) {
  size_t length = strlen(header), padded = (length + 8 + PLACE - 1) / PLACE * PLACE - 8;
  for (int i = 0; i < 8; i++) fputc((int)(padded >> 8 * i & 255), stream);
  fprintf(stream, "%-*s", (int)padded, header);
  for (int64_t i = 0; i < tensors->count; i++) {
    const struct l4r_tensor *tensor = &tensors->tensor[i];
    fwrite(values + tensor->offset, sizeof *values, (size_t)tensor->count, stream);
  }
}

int l4r_checkpoint_write(const char *path, const struct l4r_tensors *tensors, const float *values) {
  json_t *root = header_of(tensors);
  char *header = root ? json_dumps(root, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
  json_decref(root);
  if (!header) return l4r_fail(L4R_ENVIRONMENT, "no memory for the header of %s", path);
  struct l4r_output output;
  int status = l4r_output_open(&output, path);
  if (!status) {
    write_all(output.stream, header, tensors, values);
    status = l4r_output_commit(&output); /* a failed write shows here */
  }
  free(header);
  return status;
}
