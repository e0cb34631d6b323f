/* SPDX-License-Identifier: BSD-3-Clause */
/* RecBole's atomic files: tables with tabs whose header gives each column a name and a type
 * ("user_id:token", "timestamp:float"). NAME.inter holds user_id, item_id and timestamp; NAME.item
 * holds item_id and texts under names that differ between data sets, so a short list of names is
 * tried for each field. Ids are tokens, not numbers. */
#include "bench/import/import.h"

#include <math.h>
#include <string.h>

#include "impl/base/error.h"

enum { MOST = 128 };

struct table {
  struct l4r_source source;
  int columns;
  char *name[MOST], *type[MOST], *field[MOST];
};

static int open_table(struct table *table, const char *path) {
  memset(table, 0, sizeof *table);
  int status = l4r_source_open(&table->source, path, L4R_UTF8);
  if (status) return status;
  struct l4r_lines *lines = &table->source.lines;
  char *line;
  if (!l4r_lines_next(lines, &line)) return l4r_bad_line(lines, "the file holds no line");
  table->columns = l4r_cut(line, "\t", table->name, MOST);
  if (table->columns > MOST) return l4r_bad_line(lines, "more than %d columns", MOST);
  for (int i = 0; i < table->columns; i++) {
    char *colon = strchr(table->name[i], ':');
    if (!colon)
      return l4r_bad_line(lines,
                          "column '%.40s' has no type (name:token, name:float, ...); is it "
                          "an atomic file of RecBole?",
                          table->name[i]);
    *colon = '\0';
    table->type[i] = colon + 1;
  }
  return 0;
}

/* The first column that has one of the names (the list ends with NULL) and a type starting with
 * `type`; -1 when none. */
static int find_column(const struct table *table, const char *const *names, const char *type) {
  for (; *names; names++)
    for (int i = 0; i < table->columns; i++)
      if (!strcmp(table->name[i], *names) && !strncmp(table->type[i], type, strlen(type))) return i;
  return -1;
}

static int need_column(const struct table *table, const char *name, const char *type, int *column) {
  const char *const names[] = {name, NULL};
  *column = find_column(table, names, type);
  if (*column >= 0) return 0;
  return l4r_bad_line(&table->source.lines,
                      "the header names no column %s:%s; is it the right file?", name, type);
}

static int next_row(struct table *table) {
  char *line;
  if (!l4r_lines_next(&table->source.lines, &line)) return 0;
  const int got = l4r_cut(line, "\t", table->field, MOST);
  if (got == table->columns) return 1;
  return l4r_bad_line(&table->source.lines, "%d fields, but the header names %d; mend this line",
                      got, table->columns);
}

static int take_float_time(const struct l4r_lines *lines, const char *token, double *time) {
  if (l4r_parse_double(token, time))
    return l4r_bad_line(lines, "timestamp '%.40s' is not a number; mend or remove this line",
                        token);
  if (*time < 0 || *time > 0x1p53)
    return l4r_bad_line(lines, "timestamp %.40s is %s; mend or remove this line", token,
                        *time < 0 ? "negative" : "out of range");
  return 0;
}

static int read_interactions(struct l4r_import *import, struct table *table) {
  const struct l4r_lines *lines = &table->source.lines;
  int user, item, time, got = 0;
  int status = need_column(table, "user_id", "token", &user);
  if (!status) status = need_column(table, "item_id", "token", &item);
  if (!status) status = need_column(table, "timestamp", "float", &time);
  while (!status && (got = next_row(table)) == 1) {
    double seconds;
    if (!*table->field[user] || !*table->field[item])
      status = l4r_bad_line(lines, "%s is empty; mend or remove this line",
                            *table->field[user] ? "item_id" : "user_id");
    if (!status) status = take_float_time(lines, table->field[time], &seconds);
    if (!status) status = l4r_import_event(import, table->field[user], table->field[item], seconds);
  }
  return status ? status : got;
}

static int read_items(struct l4r_import *import, struct table *table) {
  static const char *const titles[] = {"title", "movie_title", "name", "item_name", NULL};
  static const char *const brands[] = {"brand", NULL};
  static const char *const kinds[] = {"categories", "category", "class", "genre", "genres", NULL};
  int id, got = 0, status = need_column(table, "item_id", "token", &id);
  const int title = find_column(table, titles, "token");
  const int brand = find_column(table, brands, "token");
  const int kind = find_column(table, kinds, "token");
  while (!status && (got = next_row(table)) == 1)
    status = l4r_import_text(import, table->field[id], title < 0 ? NULL : table->field[title],
                             brand < 0 ? NULL : table->field[brand],
                             kind < 0 ? NULL : table->field[kind], 0);
  return status ? status : got;
}

int l4r_read_recbole(struct l4r_import *import, const struct l4r_import_options *options) {
  struct table table;
  int status = open_table(&table, options->file[0]);
  if (!status) status = read_interactions(import, &table);
  l4r_source_close(&table.source);
  if (status || options->files < 2) return status;
  status = open_table(&table, options->file[1]);
  if (!status) status = read_items(import, &table);
  l4r_source_close(&table.source);
  return status;
}
