/* SPDX-License-Identifier: BSD-3-Clause */
/* MovieLens' movies.dat: "id::title::genre|genre", Latin-1 as published, UTF-8 where somebody has
 * converted it. Shared by the ml-1m and sequences importers. */
#include "bench/import/readers/movies_dat.h"
#include "bench/import/collect/collect.h"

#include <string.h>

#include "bench/import/readers/lines.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

void l4r_genres(const char *genres, char *out) {
  for (; *genres; genres++) {
    *out++ = *genres == '|' ? ',' : *genres;
    if (*genres == '|') *out++ = ' ';
  }
  *out = '\0';
}

static int parse_movie(struct l4r_import *import, struct l4r_source *source, char *line) {
  char *field[3];
  const int got = l4r_cut(line, "::", field, 3);
  if (got != 3)
    return l4r_bad_line(source, "%d fields between '::', not id::title::genres; mend this line",
                        got);
  int status = l4r_parse_id(source, "movie id", &field[0]);
  if (status) return status;
  char *genres = l4r_alloc(2 * strlen(field[2]) + 1, 1, "genres");
  if (!genres) return L4R_ENVIRONMENT;
  l4r_genres(field[2], genres);
  status = l4r_import_text(import, field[0], field[1], NULL, genres);
  l4r_free(genres);
  return status;
}

int l4r_read_movies_dat(struct l4r_import *import, const char *path) {
  import->texts_from = path;
  return l4r_each_line(import, path, L4R_UTF8_OR_1252, parse_movie);
}
