/* SPDX-License-Identifier: BSD-3-Clause */
/* MovieLens 100K: u.data "user TAB movie TAB rating TAB timestamp"; u.item, Latin-1 as published,
 * "id|title|released|video|url|" and one 0/1 flag for each of 19 genres, in the order of its
 * README. */
#include "bench/import/collect/collect.h"
#include "bench/import/import.h"

#include <stdio.h>
#include <string.h>

#include "bench/import/readers/lines.h"
#include "bench/import/readers/readers.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

static const char *const genre[] = {
    "unknown",     "Action", "Adventure", "Animation", "Children's", "Comedy",  "Crime",
    "Documentary", "Drama",  "Fantasy",   "Film-Noir", "Horror",     "Musical", "Mystery",
    "Romance",     "Sci-Fi", "Thriller",  "War",       "Western",
};
enum { GENRES = sizeof genre / sizeof *genre, BEFORE_GENRES = 5 };

static int parse_rating(struct l4r_import *import, struct l4r_source *source, char *line) {
  char *field[4];
  int taken = 0;
  const int got = l4r_cut(line, "\t", field, 4);
  if (got != 4)
    return l4r_bad_line(source,
                        "%d fields, not user, movie, rating and timestamp with tabs between; "
                        "mend this line",
                        got);
  int status = l4r_parse_id(source, "user id", &field[0]);
  if (!status) status = l4r_parse_id(source, "movie id", &field[1]);
  if (!status) status = l4r_import_rating(import, source, field[2], &taken);
  if (status || !taken) return status;
  return l4r_import_event(import, source, field[0], field[1], field[3]);
}

static int parse_movie(struct l4r_import *import, struct l4r_source *source, char *line) {
  char *field[BEFORE_GENRES + GENRES], genres[256] = "";
  const int got = l4r_cut(line, "|", field, BEFORE_GENRES + GENRES);
  if (got != BEFORE_GENRES + GENRES)
    return l4r_bad_line(source, "%d fields between '|', not %d; mend this line", got,
                        BEFORE_GENRES + GENRES);
  int status = l4r_parse_id(source, "movie id", &field[0]);
  if (status) return status;
  size_t used = 0;
  for (int i = 0; i < GENRES; i++) {
    const char *flag = field[BEFORE_GENRES + i];
    if (strcmp(flag, "0") && strcmp(flag, "1"))
      return l4r_bad_line(source, "genre flag '%.20s' is neither 0 nor 1; mend this line", flag);
    if (*flag == '1')
      l4r_text_add(genres, sizeof genres, &used, "%s%s", used ? ", " : "", genre[i]);
  }
  return l4r_import_text(import, field[0], field[1], NULL, genres);
}

int l4r_read_ml_100k(struct l4r_import *import, const struct l4r_import_options *options) {
  int status = l4r_each_line(import, options->file[0], L4R_UTF8, parse_rating);
  import->texts_from = options->file[1];
  if (!status) status = l4r_each_line(import, options->file[1], L4R_UTF8_OR_1252, parse_movie);
  return status;
}
