/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/lite/table.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/lite/catalogue.h"
#include "impl/lite/lite_engine.h"
#include "impl/model/model.h"
#include "impl/stack_options.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Reading 50 rows costs some 13 us, which a head that streams a larger table than this
 * does not notice. */
enum { IN_MEMORY_MOST = 64 << 20 };

int l4r_lite_table_read(struct l4r_lite *lite, const struct l4r_open_options *options) {
  int file;
  const int status = l4r_option_choice(options, "table", "memory", "file", &file);
  if (status || !l4r_option_get(options, "table")) return status;
  if (file && lite->live)
    return l4r_fail(L4R_USAGE, "table=file reads rows that are kept, and items=live keeps none; "
                               "leave one of them out");
  lite->table = file ? L4R_TABLE_FILE : L4R_TABLE_MEMORY;
  return L4R_OK;
}

int64_t l4r_lite_table_bytes(const struct l4r_lite *lite) {
  return lite->vectors ? (lite->end - lite->begin) * lite->width * (int64_t)sizeof(float) : 0;
}

/* The table stays where it is. */
static int open_file(struct l4r_lite *lite, const struct l4r_model *model, const float **weight) {
  static const char name[] = "item_llm.id.weight";
  const int64_t items = lite->config.items, width = lite->width;
  int status = l4r_weights_get(&model->weights, "", name, items, width, weight);
  if (!status)
    status = l4r_safetensors_place(model->safetensors, name, items, width, &lite->rows_file,
                                   &lite->rows_begin);
  if (status) return status;
  lite->in_file = 1;
  *weight += lite->begin * width;
  return L4R_OK;
}

static int make(struct l4r_lite *lite, const struct l4r_model *model,
                const struct l4r_dataset *dataset) {
  lite->vectors = l4r_alloc((size_t)(lite->end - lite->begin),
                            (size_t)lite->width * sizeof *lite->vectors, "item vectors");
  if (!lite->vectors) return L4R_ENVIRONMENT;
  const struct l4r_catalogue catalogue = {.ops = lite->ops,
                                          .stack = lite->stack,
                                          .model = model,
                                          .dataset = dataset,
                                          .items = lite->items,
                                          .begin = lite->begin,
                                          .end = lite->end,
                                          .cache = lite->cache};
  return l4r_catalogue_vectors(&catalogue, lite->vectors, &lite->item_vectors_cached);
}

int l4r_lite_table_open(struct l4r_lite *lite, const struct l4r_model *model,
                        const struct l4r_dataset *dataset, const float **weight) {
  const int are_ids = model->config.items_input == L4R_ITEMS_ID && !lite->items;
  const int64_t bytes = (lite->end - lite->begin) * lite->width * (int64_t)sizeof(float);
  if (lite->table == L4R_TABLE_FILE && !are_ids)
    return l4r_fail(L4R_USAGE,
                    "table=file: %s has no rows of ids that could be read from its file, its item "
                    "vectors are computed; leave the option out",
                    model->path);
  if (are_ids && (lite->table == L4R_TABLE_FILE ||
                  (lite->table == L4R_TABLE_BY_SIZE && bytes > IN_MEMORY_MOST)))
    return open_file(lite, model, weight);
  const int status = make(lite, model, dataset);
  *weight = lite->vectors;
  return status;
}

void l4r_lite_table_close(struct l4r_lite *lite) {
  if (lite->in_file) close(lite->rows_file);
  l4r_free(lite->vectors);
}

int l4r_lite_table_row(const struct l4r_lite *lite, l4r_item item, float *row) {
  const size_t bytes = (size_t)lite->width * sizeof *row;
  if (!lite->in_file) {
    memcpy(row, lite->vectors + (item - 1 - lite->begin) * lite->width, bytes);
    return L4R_OK;
  }
  const int64_t place = lite->rows_begin + (item - 1) * (int64_t)bytes;
  ssize_t got;
  do got = pread(lite->rows_file, row, bytes, place);
  while (got < 0 && errno == EINTR);
  if (got == (ssize_t)bytes) return L4R_OK;
  if (got >= 0) errno = EIO; /* cut short */
  return l4r_fail_errno(L4R_INPUT,
                        "the weights' file has changed since it was opened: byte %lld cannot be "
                        "read",
                        (long long)place);
}
