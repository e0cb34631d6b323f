/* SPDX-License-Identifier: BSD-3-Clause */
/* MovieLens "latest": ratings.csv (userId,movieId,rating,timestamp) and movies.csv
 * (movieId,title,genres), UTF-8, titles with commas in quotes. Columns are found by the header's
 * names. */
#include "bench/import/collect/collect.h"
#include "bench/import/import.h"

#include <string.h>

#include "bench/import/readers/csv.h"
#include "bench/import/readers/lines.h"
#include "bench/import/readers/movies_dat.h"
#include "bench/import/readers/readers.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

enum { WANTED = 4 };

static const struct l4r_csv commas = {.separator = ",", .quotes = 1};

struct columns {
  int at[WANTED], count;
};

/* Opens a table and finds the `wanted` columns (up to WANTED of them, then NULL). */
static int open_table(struct l4r_source *source, const char *path, const char *const *wanted,
                      struct columns *columns) {
  char *name[L4R_MOST_COLUMNS];
  int status = l4r_source_open(source, path, L4R_UTF8_OR_1252);
  if (status) return status;
  const int got = l4r_source_record(source, &commas, name, L4R_MOST_COLUMNS, &columns->count);
  if (got < 0) return got;
  if (got == 0 || columns->count > L4R_MOST_COLUMNS)
    return l4r_bad_line(source, "no header line of a table");
  for (int i = 0; i < WANTED && wanted[i]; i++) {
    int at = 0;
    while (at < columns->count && strcmp(name[at], wanted[i])) at++;
    if (at == columns->count)
      return l4r_bad_line(source, "the header names no column '%s'; is it the right file?",
                          wanted[i]);
    columns->at[i] = at;
  }
  return 0;
}

static int parse_rating(struct l4r_import *import, struct l4r_source *source, char **all,
                        void *context) {
  const struct columns *columns = context;
  int taken = 0;
  char *field[WANTED];
  for (int i = 0; i < WANTED; i++) field[i] = all[columns->at[i]];
  int status = l4r_parse_id(source, "user id", &field[0]);
  if (!status) status = l4r_parse_id(source, "movie id", &field[1]);
  if (!status) status = l4r_import_rating(import, source, field[2], &taken);
  if (status || !taken) return status;
  return l4r_import_event(import, source, field[0], field[1], field[3]);
}

static int parse_movie(struct l4r_import *import, struct l4r_source *source, char **all,
                       void *context) {
  const struct columns *columns = context;
  char *id = all[columns->at[0]], *title = l4r_source_text(source, all[columns->at[1]]);
  char *listed = title ? l4r_source_text(source, all[columns->at[2]]) : NULL;
  if (!listed) return L4R_INPUT;
  int status = l4r_parse_id(source, "movie id", &id);
  if (status) return status;
  if (!strcmp(listed, "(no genres listed)")) *listed = '\0';
  char *genres = l4r_alloc(2 * strlen(listed) + 1, 1, "genres");
  if (!genres) return L4R_ENVIRONMENT;
  l4r_genres(listed, genres);
  status = l4r_import_text(import, id, title, NULL, genres);
  l4r_free(genres);
  return status;
}

static int read_table(struct l4r_import *import, const char *path, const char *const *wanted,
                      l4r_parse_record *take) {
  struct columns columns;
  struct l4r_source source;
  int status = open_table(&source, path, wanted, &columns);
  if (!status) status = l4r_each_record(import, &source, &commas, columns.count, take, &columns);
  l4r_import_close(import, &source);
  return status;
}

int l4r_read_ml_latest(struct l4r_import *import, const struct l4r_import_options *options) {
  static const char *const ratings[WANTED] = {"userId", "movieId", "rating", "timestamp"};
  static const char *const movies[WANTED] = {"movieId", "title", "genres", NULL};
  int status = read_table(import, options->file[0], ratings, parse_rating);
  import->texts_from = options->file[1];
  if (!status) status = read_table(import, options->file[1], movies, parse_movie);
  return status;
}
