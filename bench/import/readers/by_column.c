/* SPDX-License-Identifier: BSD-3-Clause */
/* The kinds whose columns the user names, interactions first, then the texts of --items, which may
 * be a table or lines of JSON whatever the interactions are. */
#include "bench/import/collect/collect.h"
#include "bench/import/readers/columns.h"

#include "bench/import/readers/jsonl.h"
#include "bench/import/readers/readers.h"
#include "bench/import/readers/table.h"
#include "impl/base/error.h"

#include <string.h>

static int read_items(struct l4r_import *import, const struct l4r_import_options *options) {
  if (!options->items) return 0;
  if (!l4r_wants_texts(&options->columns))
    return l4r_fail(L4R_USAGE,
                    "--items %s needs --title COLUMN, --brand COLUMN or --categories "
                    "COLUMN: which of its columns are texts",
                    options->items);
  struct l4r_source source;
  int status = l4r_source_open(&source, options->items, L4R_UTF8_OR_1252);
  if (status) return status;
  size_t bytes;
  const char *start = l4r_source_peek(&source, &bytes);
  while (bytes && strchr(" \t\r\n", *start)) start++, bytes--;
  const int json = bytes && (*start == '{' || *start == '[');
  l4r_source_close(&source);
  import->texts_from = options->items;
  return json ? l4r_read_items_jsonl(import, options) : l4r_read_items_table(import, options);
}

int l4r_read_table(struct l4r_import *import, const struct l4r_import_options *options) {
  const struct l4r_columns *columns = &options->columns;
  if (!columns->user || !columns->item)
    return l4r_fail(
        L4R_USAGE,
        "csv needs --user COLUMN and --item COLUMN (names of the header, or numbers from "
        "1): head -1 %s shows them",
        options->file[0]);
  int status = l4r_read_interactions_table(import, options, columns);
  return status ? status : read_items(import, options);
}

int l4r_read_pairs(struct l4r_import *import, const struct l4r_import_options *options) {
  struct l4r_columns columns = options->columns;
  columns.no_header = 1;
  if (!columns.user) columns.user = "1";
  if (!columns.item) columns.item = "2";
  int status = l4r_read_interactions_table(import, options, &columns);
  return status ? status : read_items(import, options);
}

int l4r_read_jsonl(struct l4r_import *import, const struct l4r_import_options *options) {
  const struct l4r_columns *columns = &options->columns;
  if (!columns->user || !columns->item)
    return l4r_fail(L4R_USAGE, "jsonl needs --user FIELD and --item FIELD: head -1 %s shows them",
                    options->file[0]);
  if (!options->items && l4r_wants_texts(columns)) import->texts_from = options->file[0];
  int status = l4r_read_interactions_jsonl(import, options);
  return status ? status : read_items(import, options);
}
