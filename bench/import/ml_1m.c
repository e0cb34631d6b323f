/* SPDX-License-Identifier: BSD-3-Clause */
/* MovieLens 1M: ratings.dat "user::movie::rating::timestamp", movies.dat "id::title::genres". */
#include "bench/import/import.h"

#include "impl/base/error.h"

static int read_rating(struct l4r_import *import, const struct l4r_lines *lines, char *line) {
  char *field[4];
  double time;
  const int got = l4r_cut(line, "::", field, 4);
  if (got != 4)
    return l4r_bad_line(
        lines, "%d fields between '::', not user::movie::rating::timestamp; mend this line", got);
  int status = l4r_take_id(lines, "user id", &field[0]);
  if (!status) status = l4r_take_id(lines, "movie id", &field[1]);
  if (!status) status = l4r_take_rating(lines, field[2]);
  if (!status) status = l4r_take_time(lines, field[3], &time);
  if (!status) status = l4r_import_event(import, field[0], field[1], time);
  return status;
}

int l4r_read_ml_1m(struct l4r_import *import, const struct l4r_import_options *options) {
  struct l4r_source source;
  int status = l4r_source_open(&source, options->file[0], L4R_UTF8);
  char *line;
  while (!status && l4r_lines_next(&source.lines, &line))
    status = read_rating(import, &source.lines, line);
  l4r_source_close(&source);
  if (!status) status = l4r_read_movies_dat(import, options->file[1]);
  return status;
}
