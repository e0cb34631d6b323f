/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report/columns.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Cuts a line into cells; returns how many there are. */
static int cut(struct l4r_tsv_rows *table, char *line) {
  int cells = 0;
  for (char *rest = line, *cell; (cell = strsep(&rest, "\t")); cells++) {
    const size_t at = (size_t)(table->rows + (table->columns > 0)) * (size_t)table->columns;
    if (table->columns && cells == table->columns) break;
    if (l4r_grow(&table->cell, &table->room, at + (size_t)cells + 1, sizeof *table->cell,
                 "cells of a table"))
      return -1;
    table->cell[at + (size_t)cells] = cell;
  }
  return cells;
}

int l4r_columns_read(struct l4r_tsv_rows *table, const char *folder, const char *name) {
  char path[L4R_PATH_MAX];
  size_t bytes;
  *table = (struct l4r_tsv_rows){.rows = 0};
  int status = l4r_path_join(path, folder, name);
  if (status || access(path, F_OK)) return status;
  status = l4r_read_file(path, 0, &table->text, &bytes);
  if (status) return status;
  for (char *rest = table->text, *line; (line = strsep(&rest, "\n"));) {
    if (!*line) continue;
    const int cells = cut(table, line);
    if (cells < 0) return L4R_ENVIRONMENT;
    if (!table->columns)
      table->columns = cells;
    else if (cells == table->columns)
      table->rows++;
  }
  return L4R_OK;
}

void l4r_columns_free(struct l4r_tsv_rows *table) {
  l4r_free(table->text);
  l4r_free(table->cell);
  *table = (struct l4r_tsv_rows){.rows = 0};
}

const char *l4r_columns_text(const struct l4r_tsv_rows *table, int64_t row, const char *key) {
  for (int c = 0; c < table->columns && row < table->rows; c++)
    if (!strcmp(table->cell[c], key))
      return table->cell[(size_t)(row + 1) * (size_t)table->columns + (size_t)c];
  return "";
}

double l4r_columns_number(const struct l4r_tsv_rows *table, int64_t row, const char *key) {
  const char *text = l4r_columns_text(table, row, key);
  char *end;
  const double value = strtod(text, &end);
  return end == text || *end || !isfinite(value) ? NAN : value;
}
