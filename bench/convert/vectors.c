/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/convert/vectors.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/folder.h"
#include "impl/base/memory.h"
#include "impl/base/team.h"
#include "impl/base/text.h"
#include "impl/lite/lite.h"
#include "impl/lite/parts.h"
#include "impl/model/model.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { BATCH = 64, TENSORS = 4 };

struct tensor {
  const char *name;
  const float *values;   /* NULL: there is none */
  int64_t rows, columns; /* columns 0: one dimension */
};

struct export {
  struct l4r_dataset *dataset;
  struct l4r_model *model;
  struct l4r_team *team;
  void *handle;
  struct l4r_lite_parts parts;
  float *users;
  struct tensor tensor[TENSORS];
};

static int open_all(struct export *e, const char *model, const char *data) {
  enum l4r_kind kind;
  int status = l4r_model_kind(model, &kind);
  if (!status && kind != L4R_KIND_LITE && kind != L4R_KIND_SASREC)
    status = l4r_fail(L4R_USAGE,
                      "%s: a model of kind %s has no vectors of items and users; those of kinds "
                      "lite and sasrec have",
                      model, l4r_kind_name(kind));
  if (!status)
    status = l4r_dataset_open(data, L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEXT,
                              &e->dataset);
  if (!status) status = l4r_model_open(model, e->dataset, &e->model);
  if (!status) status = l4r_team_create(1, NULL, &e->team);
  if (status) return status;
  const struct l4r_option table = {"table", "memory"}; /* all rows are written */
  const struct l4r_open_options options = {.model = model,
                                           .dataset = e->dataset,
                                           .team = e->team,
                                           .option = &table,
                                           .options = 1,
                                           .max_batch = BATCH,
                                           .max_k = 1};
  status = l4r_engine_lite_blis.open(&options, &e->handle);
  if (!status) l4r_lite_parts(e->handle, &e->parts);
  return status;
}

static void close_all(struct export *e) {
  if (e->handle) l4r_engine_lite_blis.close(e->handle);
  if (e->team) l4r_team_free(e->team);
  if (e->model) l4r_model_close(e->model);
  if (e->dataset) l4r_dataset_close(e->dataset);
  l4r_free(e->users);
}

static int make_users(struct export *e) {
  const struct l4r_dataset *data = e->dataset;
  const int64_t longest = l4r_dataset_longest(data) + 1, width = e->parts.width;
  l4r_item *history = l4r_alloc((size_t)(BATCH * longest), sizeof *history, "histories");
  e->users = l4r_alloc((size_t)data->users, (size_t)width * sizeof *e->users, "states of users");
  int status = history && e->users ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t first = 0; first < data->users && !status; first += BATCH) {
    struct l4r_request request[BATCH];
    const int64_t n = data->users - first < BATCH ? data->users - first : BATCH;
    for (int64_t r = 0; r < n; r++) {
      l4r_item *own = history + r * longest;
      request[r] = (struct l4r_request){
          .user = first + r,
          .history = own,
          .length = l4r_dataset_history(data, first + r, 1, own, longest)};
    }
    status = l4r_lite_states(e->handle, request, n, e->users + first * width);
  }
  l4r_free(history);
  return status;
}

static int gather(struct export *e) {
  const int64_t items = e->parts.items, width = e->parts.width;
  const float *head = NULL, *bias = NULL;
  int status = make_users(e);
  if (!status && !e->parts.tied_head) {
    status = l4r_weights_get(&e->model->weights, "item_head.", "weight", items, width, &head);
    if (!status)
      status = l4r_weights_get(&e->model->weights, "item_head.", "bias", items, 0, &bias);
  }
  e->tensor[0] = (struct tensor){"items", e->parts.vectors, items, width};
  e->tensor[1] = (struct tensor){"users", e->users, e->dataset->users, width};
  e->tensor[2] = (struct tensor){"head", head, items, width};
  e->tensor[3] = (struct tensor){"bias", bias, items, 0};
  return status;
}

static size_t bytes_of(const struct tensor *tensor) {
  const int64_t columns = tensor->columns ? tensor->columns : 1;
  return (size_t)(tensor->rows * columns) * sizeof(float);
}

/* What whoever reads the vectors needs to know of them. */
static json_t *facts_of(const struct export *e) {
  char scale[32];
  snprintf(scale, sizeof scale, "%.9g", (double)e->parts.scale);
  return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "kind", l4r_kind_name(e->model->config.kind),
                   "model_sha256", e->model->sha256, "dataset", e->dataset->name, "dataset_sha256",
                   e->dataset->sha256, "scores",
                   e->parts.tied_head ? "scale * users . items^T" : "users . head^T + bias",
                   "scale", scale);
}

/* NumPy's format, version 1.0: magic, header length, a Python literal padded to 64 bytes, data. */
static int write_npy(const char *folder, const struct tensor *tensor) {
  char path[L4R_PATH_MAX], name[64], header[192], shape[64];
  struct l4r_output output;
  if (tensor->columns)
    l4r_text_set(shape, sizeof shape, "(%lld, %lld)", (long long)tensor->rows,
                 (long long)tensor->columns);
  else
    l4r_text_set(shape, sizeof shape, "(%lld,)", (long long)tensor->rows);
  l4r_text_set(header, sizeof header, "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }",
               shape);
  l4r_text_set(name, sizeof name, "%s.npy", tensor->name);
  int status = l4r_path_join(path, folder, name);
  if (!status) status = l4r_output_open(&output, path);
  if (status) return status;
  const int length = 128 - 10; /* of the header with its padding and the end of its line */
  fprintf(output.stream, "\x93NUMPY%c%c%c%c%-*s\n", 1, 0, length, 0, length - 1, header);
  fwrite(tensor->values, 1, bytes_of(tensor), output.stream);
  return l4r_output_commit(&output);
}

static int write_folder(const struct export *e, const char *out) {
  struct l4r_folder folder;
  char path[L4R_PATH_MAX];
  int status = l4r_folder_begin(&folder, out);
  if (status) return status;
  for (int t = 0; t < TENSORS && !status; t++)
    if (e->tensor[t].values) status = write_npy(folder.path, &e->tensor[t]);
  json_t *facts = facts_of(e);
  char *text = facts ? json_dumps(facts, JSON_INDENT(2)) : NULL;
  if (!status && !text) status = l4r_fail(L4R_ENVIRONMENT, "no memory for vectors.json");
  if (!status) status = l4r_path_join(path, folder.path, "vectors.json");
  if (!status) status = l4r_write_file(path, text, strlen(text));
  free(text);
  json_decref(facts);
  return l4r_folder_end(&folder, status, NULL, "vectors.json");
}

/* Length of the header, header, data (github.com/huggingface/safetensors). */
static int write_safetensors(const struct export *e, const char *out) {
  struct l4r_output output;
  json_t *header = json_object();
  json_int_t at = 0;
  json_object_set_new(header, "__metadata__", facts_of(e));
  for (int t = 0; t < TENSORS; t++) {
    const struct tensor *tensor = &e->tensor[t];
    if (!tensor->values) continue;
    const json_int_t end = at + (json_int_t)bytes_of(tensor);
    json_t *shape = tensor->columns
                        ? json_pack("[I, I]", (json_int_t)tensor->rows, (json_int_t)tensor->columns)
                        : json_pack("[I]", (json_int_t)tensor->rows);
    json_object_set_new(
        header, tensor->name,
        json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape, "data_offsets", at, end));
    at = end;
  }
  char *text = header ? json_dumps(header, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
  json_decref(header);
  int status = text ? l4r_output_open(&output, out)
                    : l4r_fail(L4R_ENVIRONMENT, "no memory for a header");
  if (!status) {
    const size_t used = strlen(text),
                 length = (used + 7) / 8 * 8; /* data begin at a multiple of 8 */
    for (int b = 0; b < 8; b++) fputc((int)((uint64_t)length >> 8 * b & 255), output.stream);
    fprintf(output.stream, "%-*s", (int)length, text);
    for (int t = 0; t < TENSORS; t++)
      if (e->tensor[t].values)
        fwrite(e->tensor[t].values, 1, bytes_of(&e->tensor[t]), output.stream);
    status = l4r_output_commit(&output);
  }
  free(text);
  return status;
}

int l4r_export_vectors(const char *model, const char *data, enum l4r_vectors_format format,
                       const char *out) {
  struct export e = {.dataset = NULL};
  int status = open_all(&e, model, data);
  if (!status) status = gather(&e);
  if (!status)
    status = format == L4R_VECTORS_NPY ? write_folder(&e, out) : write_safetensors(&e, out);
  close_all(&e);
  return status;
}
