/* SPDX-License-Identifier: BSD-3-Clause */
/* An object a line (JSON, or a Python literal) with fields that somebody names. */
#include "bench/import/readers/jsonl.h"
#include <string.h>

#include "bench/import/collect/collect.h"
#include "bench/import/readers/columns.h"
#include "bench/import/readers/lines.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

enum { LONGEST_ID = 1024 };

/* Which columns the lines at hand are read for. */
static const struct l4r_columns *columns_of(const struct l4r_import *import) {
  return &import->options->columns;
}

static int add_texts(struct l4r_import *import, const json_t *root, char *item) {
  const struct l4r_columns *columns = columns_of(import);
  struct l4r_joined title = {0}, brand = {0}, path = {0};
  int status = l4r_joined_start(&title);
  if (!status) status = l4r_joined_start(&brand);
  if (!status) status = l4r_joined_start(&path);
  for (int i = 0; i < L4R_TEXT_COLUMNS && columns->title[i] && !status; i++)
    status = l4r_joined_add_value(&title, l4r_value_at(root, columns->title[i]), " ");
  if (!status && columns->brand)
    status = l4r_joined_add_value(&brand, l4r_value_at(root, columns->brand), " ");
  for (int i = 0; i < L4R_TEXT_COLUMNS && columns->categories[i] && !status; i++)
    status = l4r_joined_add_value(&path, l4r_value_at(root, columns->categories[i]),
                                  path.used && i ? ", " : " > ");
  if (!status) status = l4r_import_text(import, item, title.text, brand.text, path.text);
  l4r_free(title.text);
  l4r_free(brand.text);
  l4r_free(path.text);
  return status;
}

static int parse_fields(struct l4r_import *import, struct l4r_source *source, const json_t *root) {
  const struct l4r_columns *columns = columns_of(import);
  char user[LONGEST_ID], item[LONGEST_ID], time[64], rating[64];
  int taken = 1;
  int status = l4r_value_text(source, root, columns->user, user, sizeof user);
  if (!status) status = l4r_value_text(source, root, columns->item, item, sizeof item);
  if (!status && columns->time)
    status = l4r_value_text(source, root, columns->time, time, sizeof time);
  if (!status && columns->rating) {
    status = import->options->least
                 ? l4r_value_text(source, root, columns->rating, rating, sizeof rating)
                 : 0;
    if (!status && import->options->least)
      status = l4r_import_rating(import, source, rating, &taken);
  }
  if (status || !taken) return status;
  status = l4r_import_event(import, source, user, item, columns->time ? time : NULL);
  if (status || import->options->items || !l4r_wants_texts(columns)) return status;
  return add_texts(import, root, item);
}

static int parse_interaction(struct l4r_import *import, struct l4r_source *source, char *line) {
  json_t *root = l4r_parse_dictionary(source, line);
  const int status = root ? parse_fields(import, source, root) : L4R_INPUT;
  json_decref(root);
  return status;
}

static int parse_item(struct l4r_import *import, struct l4r_source *source, char *line) {
  const struct l4r_columns *columns = columns_of(import);
  char item[LONGEST_ID];
  json_t *root = l4r_parse_dictionary(source, line);
  int status = root ? 0 : L4R_INPUT;
  if (!status)
    status = l4r_value_text(source, root, columns->item_id ? columns->item_id : columns->item, item,
                            sizeof item);
  if (!status) status = add_texts(import, root, item);
  json_decref(root);
  return status;
}

int l4r_read_items_jsonl(struct l4r_import *import, const struct l4r_import_options *options) {
  return l4r_each_json_line(import, options->items, L4R_UTF8_OR_1252, parse_item);
}

int l4r_read_interactions_jsonl(struct l4r_import *import,
                                const struct l4r_import_options *options) {
  return l4r_each_json_line(import, options->file[0], L4R_UTF8_OR_1252, parse_interaction);
}
