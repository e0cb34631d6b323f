/* SPDX-License-Identifier: BSD-3-Clause */
/* MovieLens' movies.dat: "id::title::genre|genre", Latin-1 as published, UTF-8 where somebody has
 * converted it. Shared by the ml-1m and sequences importers. */
#include "bench/import/import.h"

#include <string.h>

#include "impl/base/error.h"
#include "impl/base/memory.h"

void l4r_genres(const char *genres, char *out) {
  for (; *genres; genres++) {
    *out++ = *genres == '|' ? ',' : *genres;
    if (*genres == '|') *out++ = ' ';
  }
  *out = '\0';
}

static int take_movie(struct l4r_import *import, const struct l4r_source *source, char **field) {
  int status = l4r_take_id(&source->lines, "movie id", &field[0]);
  if (status) return status;
  char *genres = l4r_alloc(2 * strlen(field[2]) + 1, 1, "genres");
  if (!genres) return L4R_ENVIRONMENT;
  l4r_genres(field[2], genres);
  status = l4r_import_text(import, field[0], field[1], NULL, genres, source->latin1);
  l4r_free(genres);
  return status;
}

int l4r_read_movies_dat(struct l4r_import *import, const char *path) {
  struct l4r_source source;
  int status = l4r_source_open(&source, path, L4R_UTF8_OR_LATIN1);
  char *line, *field[3];
  while (!status && l4r_lines_next(&source.lines, &line)) {
    const int got = l4r_cut(line, "::", field, 3);
    status = got == 3
                 ? take_movie(import, &source, field)
                 : l4r_bad_line(&source.lines,
                                "%d fields between '::', not id::title::genres; mend this line",
                                got);
  }
  l4r_source_close(&source);
  return status;
}
