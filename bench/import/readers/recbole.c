/* SPDX-License-Identifier: BSD-3-Clause */
/* RecBole's atomic files: tables with tabs whose header gives each column a name and a type
 * ("user_id:token", "timestamp:float"). NAME.inter holds user_id, item_id and timestamp, or columns
 * of other names that the importing person gives; NAME.item holds item_id and texts under names
 * that differ between data sets, so a short list is tried for each field. Ids are tokens, not
 * numbers. */
#include "bench/import/collect/collect.h"
#include "bench/import/collect/warn.h"
#include "bench/import/import.h"

#include <stdio.h>
#include <string.h>

#include "bench/import/readers/csv.h"
#include "bench/import/readers/lines.h"
#include "bench/import/readers/readers.h"
#include "bench/import/readers/values.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

static const struct l4r_csv tabs = {.separator = "\t", .quotes = 0};

struct table {
  struct l4r_source source;
  int columns;
  char *header, *name[L4R_MOST_COLUMNS], *type[L4R_MOST_COLUMNS];
};

static int split_header(struct table *table, char **field) {
  for (int i = 0; i < table->columns; i++) {
    char *colon = strchr(field[i], ':');
    if (!colon)
      return l4r_bad_line(&table->source,
                          "column '%.40s' has no type (name:token, name:float, ...); is it an "
                          "atomic file of RecBole?",
                          field[i]);
    *colon = '\0';
    table->name[i] = field[i];
    table->type[i] = colon + 1;
  }
  return 0;
}

static int open_table(struct table *table, const char *path) {
  memset(table, 0, sizeof *table);
  int status = l4r_source_open(&table->source, path, L4R_UTF8_OR_1252);
  char *line, *field[L4R_MOST_COLUMNS];
  if (status) return status;
  const int got = l4r_source_line(&table->source, &line);
  if (got < 0) return got;
  if (!got) return l4r_bad_line(&table->source, "the file holds no line");
  table->header = l4r_strdup(line); /* the window moves on */
  if (!table->header) return L4R_ENVIRONMENT;
  table->columns = l4r_cut(table->header, "\t", field, L4R_MOST_COLUMNS);
  if (table->columns > L4R_MOST_COLUMNS)
    return l4r_bad_line(&table->source, "more than %d columns", L4R_MOST_COLUMNS);
  return split_header(table, field);
}

static void close_table(struct l4r_import *import, struct table *table) {
  l4r_free(table->header);
  l4r_import_close(import, &table->source);
}

/* --- columns -------------------------------------------------------------------------------------
 */

/* The first column that has one of the names (the list ends with NULL) and a type starting with
 * `type`; -1 when none. */
static int find_column(const struct table *table, const char *const *names, const char *type) {
  for (; *names; names++)
    for (int i = 0; i < table->columns; i++)
      if (!strcmp(table->name[i], *names) && !strncmp(table->type[i], type, strlen(type))) return i;
  return -1;
}

static void list_columns(const struct table *table, char *out, size_t room) {
  *out = '\0';
  for (int i = 0; i < table->columns; i++) {
    const size_t used = strlen(out);
    snprintf(out + used, room - used, "%s%.60s:%.20s", used ? ", " : "", table->name[i],
             table->type[i]);
  }
}

/* The column that was asked for, of any type, or else the one that RecBole calls `name`. */
static int need_column(const struct table *table, const char *asked, const char *name,
                       const char *type, int *column) {
  const char *const names[] = {asked ? asked : name, NULL};
  char known[512];
  *column = find_column(table, names, asked ? "" : type);
  if (*column >= 0) return 0;
  list_columns(table, known, sizeof known);
  return l4r_bad_line(&table->source,
                      "the header names no column %s%s%s; it has %s: is it the right file? Columns "
                      "of other names: --user, --item, --time, --item-id NAME",
                      names[0], asked ? "" : ":", asked ? "" : type, known);
}

/* --- interactions --------------------------------------------------------------------------------
 */

struct places {
  int user, item, time, rating;
};

static int parse_interaction(struct l4r_import *import, struct l4r_source *source, char **field,
                             void *context) {
  const struct places *at = context;
  char *user = l4r_source_text(source, field[at->user]);
  char *item = user ? l4r_source_text(source, field[at->item]) : NULL;
  int taken = 1, status = item ? 0 : L4R_INPUT;
  if (!status && import->options->least)
    status = l4r_import_rating(import, source, field[at->rating], &taken);
  if (status || !taken) return status;
  return l4r_import_event(import, source, user, item, field[at->time]);
}

static int read_interactions(struct l4r_import *import, struct table *table) {
  const struct l4r_columns *asked = &import->options->columns;
  struct places at = {.rating = -1};
  int status = need_column(table, asked->user, "user_id", "token", &at.user);
  if (!status) status = need_column(table, asked->item, "item_id", "token", &at.item);
  if (!status) status = need_column(table, asked->time, "timestamp", "float", &at.time);
  if (!status && import->options->least)
    status = need_column(table, asked->rating, "rating", "float", &at.rating);
  if (status) return status;
  return l4r_each_record(import, &table->source, &tabs, table->columns, parse_interaction, &at);
}

/* --- items ---------------------------------------------------------------------------------------
 */

struct texts {
  int id, titles, title[L4R_TEXT_COLUMNS], brand, categories, category[L4R_TEXT_COLUMNS];
  struct l4r_joined joined[2];
};

static int join(struct l4r_joined *joined, struct l4r_source *source, char **field,
                const int *place, int count, const char *between) {
  int status = l4r_joined_start(joined);
  for (int i = 0; i < count && !status; i++) {
    const char *part = l4r_source_text(source, field[place[i]]);
    status = part ? l4r_joined_add(joined, part, between) : L4R_INPUT;
  }
  return status;
}

static int parse_item(struct l4r_import *import, struct l4r_source *source, char **field,
                      void *context) {
  struct texts *at = context;
  char *item = l4r_source_text(source, field[at->id]);
  int status = item ? join(&at->joined[0], source, field, at->title, at->titles, " ") : L4R_INPUT;
  if (!status) status = join(&at->joined[1], source, field, at->category, at->categories, ", ");
  const char *brand = status || at->brand < 0 ? "" : l4r_source_text(source, field[at->brand]);
  if (status || !brand) return status ? status : L4R_INPUT;
  return l4r_import_text(import, item, at->joined[0].text, brand, at->joined[1].text);
}

/* The columns asked for, or the first of the usual names. */
static int find_texts(const struct table *table, const char *const *asked, const char *const *usual,
                      int *place, int *count) {
  *count = 0;
  for (int i = 0; i < L4R_TEXT_COLUMNS && asked[i]; i++) {
    const int status = need_column(table, asked[i], NULL, "", &place[(*count)++]);
    if (status) return status;
  }
  if (*count) return 0;
  place[0] = find_column(table, usual, "token");
  *count = place[0] >= 0;
  return 0;
}

static int read_items(struct l4r_import *import, struct table *table) {
  static const char *const titles[] = {"title", "movie_title", "name", "item_name", NULL};
  static const char *const brands[] = {"brand", NULL};
  static const char *const kinds[] = {"categories", "category", "class", "genre", "genres", NULL};
  const struct l4r_columns *asked = &import->options->columns;
  struct texts at = {.brand = -1};
  int status = need_column(table, asked->item_id ? asked->item_id : asked->item, "item_id", "token",
                           &at.id);
  if (!status) status = find_texts(table, asked->title, titles, at.title, &at.titles);
  if (!status) status = find_texts(table, asked->categories, kinds, at.category, &at.categories);
  if (!status && asked->brand)
    status = need_column(table, asked->brand, NULL, "", &at.brand);
  else if (!status)
    at.brand = find_column(table, brands, "token");
  char known[512];
  list_columns(table, known, sizeof known);
  if (!status && !at.titles && !at.categories && at.brand < 0)
    return l4r_bad_line(&table->source,
                        "no column of texts is known here; it has %s; looked for: title, "
                        "movie_title, name, item_name, brand, categories, category, class, genre, "
                        "genres. Say which are texts: --title NAME [--brand NAME] [--categories "
                        "NAME], or leave the file out",
                        known);
  if (!status && !at.titles)
    l4r_import_warn(import->report,
                    "%s has no title, movie_title, name or item_name; it has %.300s: --title NAME "
                    "says which it is",
                    table->source.path, known);
  if (!status)
    status = l4r_each_record(import, &table->source, &tabs, table->columns, parse_item, &at);
  l4r_free(at.joined[0].text);
  l4r_free(at.joined[1].text);
  return status;
}

int l4r_read_recbole(struct l4r_import *import, const struct l4r_import_options *options) {
  struct table table;
  int status = open_table(&table, options->file[0]);
  if (!status) status = read_interactions(import, &table);
  close_table(import, &table);
  if (status || options->files < 2) return status;
  import->texts_from = options->file[1];
  status = open_table(&table, options->file[1]);
  if (!status) status = read_items(import, &table);
  close_table(import, &table);
  return status;
}
