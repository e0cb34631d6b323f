/* SPDX-License-Identifier: BSD-3-Clause */
/* Sequence files: one user a line, "user item item ...", oldest first, ids as whole numbers.
 *
 * They carry no times, so their order is taken as it stands and the tie rule that made it is the
 * importing person's word (--tie-label). Item texts come from --items, in one of two forms told
 * apart by the first line: MovieLens' movies.dat ("id::title::genres"), or a table with tabs and a
 * header that names at least item_id (or item) and title. */
#include "bench/import/import.h"

#include <string.h>

#include "impl/base/error.h"

static char *next_token(char **cursor) {
  char *token = *cursor + strspn(*cursor, " \t");
  if (!*token) return NULL;
  char *end = token + strcspn(token, " \t");
  *cursor = end;
  if (*end) {
    *end = '\0';
    *cursor = end + 1;
  }
  return token;
}

static int read_line(struct l4r_import *import, const struct l4r_lines *lines, char *line) {
  char *user = next_token(&line), *item;
  if (!user) return l4r_bad_line(lines, "the line is blank; it should read: user item item ...");
  int status = l4r_take_id(lines, "user id", &user);
  if (status) return status;
  const size_t known = import->users.count;
  if (l4r_ids_add(&import->users, user) < 0) return L4R_ENVIRONMENT;
  if (import->users.count == known)
    return l4r_bad_line(lines, "user %s has a line above already; join the two lines", user);
  while (!status && (item = next_token(&line)) != NULL) {
    status = l4r_take_id(lines, "item id", &item);
    if (!status) status = l4r_import_event(import, user, item, 0);
  }
  return status;
}

/* --- the table with tabs -------------------------------------------------------------------------
 */

enum { COLUMNS = 64 };

static int find_column(char **header, int columns, const char *name) {
  for (int i = 0; i < columns; i++)
    if (!strcmp(header[i], name)) return i;
  return -1;
}

static int read_table(struct l4r_import *import, struct l4r_source *source) {
  struct l4r_lines *lines = &source->lines;
  char *line, *header[COLUMNS], *field[COLUMNS];
  if (!l4r_lines_next(lines, &line)) return l4r_bad_line(lines, "the file holds no line");
  const int columns = l4r_cut(line, "\t", header, COLUMNS);
  if (columns > COLUMNS) return l4r_bad_line(lines, "more than %d columns", COLUMNS);
  int id = find_column(header, columns, "item_id");
  if (id < 0) id = find_column(header, columns, "item");
  const int title = find_column(header, columns, "title");
  const int brand = find_column(header, columns, "brand");
  const int categories = find_column(header, columns, "categories");
  if (id < 0 || title < 0)
    return l4r_bad_line(lines, "neither movies.dat (id::title::genres) nor a table whose header "
                               "names item_id and title, with tabs between");
  while (l4r_lines_next(lines, &line)) {
    const int got = l4r_cut(line, "\t", field, COLUMNS);
    if (got != columns)
      return l4r_bad_line(lines, "%d fields, but the header names %d; mend this line", got,
                          columns);
    int status = l4r_take_id(lines, "item id", &field[id]);
    if (!status)
      status = l4r_import_text(import, field[id], field[title], brand < 0 ? NULL : field[brand],
                               categories < 0 ? NULL : field[categories], 0);
    if (status) return status;
  }
  return 0;
}

static int is_movies_dat(const struct l4r_source *source) {
  const char *start = source->lines.next;
  const char *end = memchr(start, '\n', (size_t)(source->lines.end - start));
  if (!end) end = source->lines.end;
  return memmem(start, (size_t)(end - start), "::", 2) &&
         !memchr(start, '\t', (size_t)(end - start));
}

static int read_items(struct l4r_import *import, const char *path) {
  struct l4r_source source;
  int status = l4r_source_open(&source, path, L4R_UTF8_OR_LATIN1);
  if (status) return status;
  const int movies = is_movies_dat(&source);
  if (!movies && source.latin1) {
    l4r_source_close(&source);
    status = l4r_source_open(&source, path, L4R_UTF8); /* fails, and says where */
    if (status) return status;
  }
  status = movies ? l4r_read_movies_dat(import, path) : read_table(import, &source);
  l4r_source_close(&source);
  return status;
}

int l4r_read_sequences(struct l4r_import *import, const struct l4r_import_options *options) {
  struct l4r_source source;
  int status = l4r_source_open(&source, options->file[0], L4R_UTF8);
  char *line;
  while (!status && l4r_lines_next(&source.lines, &line))
    status = read_line(import, &source.lines, line);
  l4r_source_close(&source);
  if (!status && options->items) status = read_items(import, options->items);
  return status;
}
