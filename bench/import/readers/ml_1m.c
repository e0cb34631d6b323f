/* SPDX-License-Identifier: BSD-3-Clause */
/* MovieLens 1M: ratings.dat "user::movie::rating::timestamp", movies.dat "id::title::genres". */
#include "bench/import/collect/collect.h"
#include "bench/import/import.h"

#include "bench/import/readers/lines.h"
#include "bench/import/readers/movies_dat.h"
#include "bench/import/readers/readers.h"
#include "impl/base/error.h"

static int parse_rating(struct l4r_import *import, struct l4r_source *source, char *line) {
  char *field[4];
  int taken = 0;
  const int got = l4r_cut(line, "::", field, 4);
  if (got != 4)
    return l4r_bad_line(
        source, "%d fields between '::', not user::movie::rating::timestamp; mend this line", got);
  int status = l4r_parse_id(source, "user id", &field[0]);
  if (!status) status = l4r_parse_id(source, "movie id", &field[1]);
  if (!status) status = l4r_import_rating(import, source, field[2], &taken);
  if (status || !taken) return status;
  return l4r_import_event(import, source, field[0], field[1], field[3]);
}

int l4r_read_ml_1m(struct l4r_import *import, const struct l4r_import_options *options) {
  int status = l4r_each_line(import, options->file[0], L4R_UTF8, parse_rating);
  if (!status) status = l4r_read_movies_dat(import, options->file[1]);
  return status;
}
