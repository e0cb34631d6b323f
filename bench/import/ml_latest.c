/* SPDX-License-Identifier: BSD-3-Clause */
/* MovieLens "latest": ratings.csv (userId,movieId,rating,timestamp) and movies.csv
 * (movieId,title,genres), UTF-8, titles with commas in quotes. Columns are found by the header's
 * names. */
#include "bench/import/import.h"

#include <string.h>

#include "bench/import/csv.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

enum { MOST = 16, WANTED = 4 };

struct table {
  struct l4r_source source;
  int64_t after;
  int column[WANTED], columns;
  char *field[MOST];
};

/* Opens a table and finds the `wanted` columns (up to WANTED of them, then NULL). */
static int open_table(struct table *table, const char *path, const char *const *wanted) {
  memset(table, 0, sizeof *table);
  int status = l4r_source_open(&table->source, path, L4R_UTF8);
  if (status) return status;
  struct l4r_lines *lines = &table->source.lines;
  const int got = l4r_csv_next(lines, &table->after, table->field, MOST, &table->columns);
  if (got < 0) return got;
  if (got == 0 || table->columns > MOST) return l4r_bad_line(lines, "no header line of a table");
  for (int i = 0; i < WANTED && wanted[i]; i++) {
    int at = 0;
    while (at < table->columns && strcmp(table->field[at], wanted[i])) at++;
    if (at == table->columns)
      return l4r_bad_line(lines, "the header names no column '%s'; is it the right file?",
                          wanted[i]);
    table->column[i] = at;
  }
  return 0;
}

/* 1 and the wanted fields in `out`, 0 at the end, or a status. */
static int next_row(struct table *table, char **out, int wanted) {
  int count = 0;
  const int got = l4r_csv_next(&table->source.lines, &table->after, table->field, MOST, &count);
  if (got != 1) return got;
  if (count != table->columns)
    return l4r_bad_line(&table->source.lines, "%d fields, but the header names %d; mend this line",
                        count, table->columns);
  for (int i = 0; i < wanted; i++) out[i] = table->field[table->column[i]];
  return 1;
}

static int read_ratings(struct l4r_import *import, const char *path) {
  static const char *const wanted[WANTED] = {"userId", "movieId", "rating", "timestamp"};
  struct table table;
  char *field[WANTED];
  double time;
  int got = 0, status = open_table(&table, path, wanted);
  const struct l4r_lines *lines = &table.source.lines;
  while (!status && (got = next_row(&table, field, WANTED)) == 1) {
    status = l4r_take_id(lines, "user id", &field[0]);
    if (!status) status = l4r_take_id(lines, "movie id", &field[1]);
    if (!status) status = l4r_take_rating(lines, field[2]);
    if (!status) status = l4r_take_time(lines, field[3], &time);
    if (!status) status = l4r_import_event(import, field[0], field[1], time);
  }
  l4r_source_close(&table.source);
  return status ? status : got;
}

static int take_movie(struct l4r_import *import, const struct l4r_lines *lines, char **field) {
  int status = l4r_take_id(lines, "movie id", &field[0]);
  if (status) return status;
  const char *listed = strcmp(field[2], "(no genres listed)") ? field[2] : "";
  char *genres = l4r_alloc(2 * strlen(listed) + 1, 1, "genres");
  if (!genres) return L4R_ENVIRONMENT;
  l4r_genres(listed, genres);
  status = l4r_import_text(import, field[0], field[1], NULL, genres, 0);
  l4r_free(genres);
  return status;
}

static int read_movies(struct l4r_import *import, const char *path) {
  static const char *const wanted[WANTED] = {"movieId", "title", "genres", NULL};
  struct table table;
  char *field[WANTED];
  int got = 0, status = open_table(&table, path, wanted);
  while (!status && (got = next_row(&table, field, 3)) == 1)
    status = take_movie(import, &table.source.lines, field);
  l4r_source_close(&table.source);
  return status ? status : got;
}

int l4r_read_ml_latest(struct l4r_import *import, const struct l4r_import_options *options) {
  int status = read_ratings(import, options->file[0]);
  if (!status) status = read_movies(import, options->file[1]);
  return status;
}
