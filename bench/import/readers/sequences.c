/* SPDX-License-Identifier: BSD-3-Clause */
/* Sequence files: one user a line, "user item item ...", oldest first, ids as whole numbers.
 *
 * Lists are the same of any ids, in one file or two (LightGCN's train.txt and test.txt): ids from
 * 0, as LightGCN counts, or names, as OpenP5 has.
 *
 * They carry no times, so their order is taken as it stands and the tie rule that made it is the
 * importing person's word (--tie-label). Item texts come from --items, in one of two forms told
 * apart by the first line: MovieLens' movies.dat ("id::title::genres"), or a table with tabs and a
 * header that names at least item_id (or item) and title. */
#include "bench/import/collect/collect.h"
#include "bench/import/import.h"

#include <string.h>

#include "bench/import/readers/csv.h"
#include "bench/import/readers/lines.h"
#include "bench/import/readers/movies_dat.h"
#include "bench/import/readers/readers.h"
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

static int parse_sequence(struct l4r_import *import, struct l4r_source *source, char *line) {
  char *user = next_token(&line), *item;
  int status = l4r_parse_id(source, "user id", &user);
  if (status) return status;
  const size_t known = import->users.count;
  if (l4r_ids_add(&import->users, user) < 0) return L4R_ENVIRONMENT;
  if (import->users.count == known)
    return l4r_bad_line(source, "user %s has a line above already; join the two lines", user);
  while (!status && (item = next_token(&line)) != NULL) {
    status = l4r_parse_id(source, "item id", &item);
    if (!status) status = l4r_import_event(import, source, user, item, NULL);
  }
  return status;
}

static int parse_list(struct l4r_import *import, struct l4r_source *source, char *line) {
  char *user = next_token(&line), *item;
  int status = 0;
  while (!status && (item = next_token(&line)) != NULL)
    status = l4r_import_event(import, source, user, item, NULL);
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

struct places {
  int id, title, brand, categories;
};

static int parse_item(struct l4r_import *import, struct l4r_source *source, char **field,
                      void *context) {
  const struct places *at = context;
  const int place[] = {at->title, at->brand, at->categories};
  const char *text[3] = {NULL, NULL, NULL};
  for (int i = 0; i < 3; i++) {
    if (place[i] < 0) continue;
    text[i] = l4r_source_text(source, field[place[i]]);
    if (!text[i]) return L4R_INPUT;
  }
  int status = l4r_parse_id(source, "item id", &field[at->id]);
  return status ? status : l4r_import_text(import, field[at->id], text[0], text[1], text[2]);
}

static int read_table(struct l4r_import *import, struct l4r_source *source) {
  static const struct l4r_csv tabs = {.separator = "\t"};
  char *header[COLUMNS];
  int columns;
  const int got = l4r_source_record(source, &tabs, header, COLUMNS, &columns);
  if (got < 0) return got;
  if (!got) return l4r_bad_line(source, "the file holds no line");
  if (columns > COLUMNS) return l4r_bad_line(source, "more than %d columns", COLUMNS);
  struct places at = {.id = find_column(header, columns, "item_id"),
                      .title = find_column(header, columns, "title"),
                      .brand = find_column(header, columns, "brand"),
                      .categories = find_column(header, columns, "categories")};
  if (at.id < 0) at.id = find_column(header, columns, "item");
  if (at.id < 0 || at.title < 0)
    return l4r_bad_line(source, "neither movies.dat (id::title::genres) nor a table whose header "
                                "names item_id and title, with tabs between");
  return l4r_each_record(import, source, &tabs, columns, parse_item, &at);
}

static int is_movies_dat(const struct l4r_source *source) {
  size_t bytes;
  const char *start = l4r_source_peek(source, &bytes);
  const char *end = memchr(start, '\n', bytes);
  const size_t length = end ? (size_t)(end - start) : bytes;
  return memmem(start, length, "::", 2) && !memchr(start, '\t', length);
}

static int read_items(struct l4r_import *import, const char *path) {
  struct l4r_source source;
  import->texts_from = path;
  int status = l4r_source_open(&source, path, L4R_UTF8_OR_1252);
  if (status) return status;
  const int movies = is_movies_dat(&source);
  if (!movies) status = read_table(import, &source);
  l4r_import_close(import, &source);
  return movies ? l4r_read_movies_dat(import, path) : status;
}

int l4r_read_sequences(struct l4r_import *import, const struct l4r_import_options *options) {
  int status = l4r_each_line(import, options->file[0], L4R_UTF8, parse_sequence);
  if (!status && options->items) status = read_items(import, options->items);
  return status;
}

int l4r_read_lists(struct l4r_import *import, const struct l4r_import_options *options) {
  int status = 0;
  for (int i = 0; i < options->files && !status; i++)
    status = l4r_each_line(import, options->file[i], L4R_UTF8_OR_1252, parse_list);
  return status;
}
