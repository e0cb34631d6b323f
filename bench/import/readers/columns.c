/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/import/readers/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/import/collect/collect.h"
#include "bench/import/readers/csv.h"
#include "bench/import/readers/lines.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/nearest.h"
#include "impl/base/number.h"

int l4r_wants_texts(const struct l4r_columns *columns) {
  return columns->title[0] || columns->brand || columns->categories[0];
}

/* --- finding columns -----------------------------------------------------------------------------
 */

static char *trimmed(char *name) {
  name += strspn(name, " \t");
  for (size_t n = strlen(name); n && strchr(" \t", name[n - 1]); n--) name[n - 1] = '\0';
  return name;
}

/* By name, also without the type behind a colon that RecBole writes; by place from 1; -1. */
static int find_column(const struct l4r_named_table *table, const char *wanted) {
  const size_t length = strlen(wanted);
  const int most = table->count < L4R_MOST_COLUMNS ? table->count : L4R_MOST_COLUMNS;
  for (int i = 0; table->header && i < most; i++)
    if (!strcmp(table->name[i], wanted)) return i;
  for (int i = 0; table->header && i < most; i++)
    if (!strncmp(table->name[i], wanted, length) && table->name[i][length] == ':') return i;
  int64_t place = 0;
  if (!l4r_parse_int(wanted, &place) && place >= 1 && place <= most) return (int)place - 1;
  return -1;
}

/* Fills one place; *absent is the first name that is in no column. */
static void resolve(const struct l4r_named_table *table, const char *wanted, int *place,
                    const char **absent) {
  *place = wanted ? find_column(table, wanted) : -1;
  if (wanted && *place < 0 && !*absent) *absent = wanted;
}

static const char *resolve_all(struct l4r_named_table *table, const struct l4r_wanted *wanted) {
  const struct l4r_columns *columns = wanted->columns;
  const char *absent = NULL;
  const char *item = wanted->items && columns->item_id ? columns->item_id : columns->item;
  resolve(table, wanted->items ? NULL : columns->user, &table->user, &absent);
  resolve(table, item, &table->item, &absent);
  resolve(table, wanted->items ? NULL : columns->time, &table->time, &absent);
  resolve(table, wanted->items ? NULL : columns->rating, &table->rating, &absent);
  resolve(table, wanted->with_texts ? columns->brand : NULL, &table->brand, &absent);
  table->titles = table->categories = 0;
  for (int i = 0; wanted->with_texts && i < L4R_TEXT_COLUMNS && columns->title[i]; i++)
    resolve(table, columns->title[i], &table->title[table->titles++], &absent);
  for (int i = 0; wanted->with_texts && i < L4R_TEXT_COLUMNS && columns->categories[i]; i++)
    resolve(table, columns->categories[i], &table->category[table->categories++], &absent);
  return absent;
}

/* --- the separator -------------------------------------------------------------------------------
 */

/* Fields of a first line, cut as records are: quotes are taken off. The line's copy is the header.
 */
static void cut_header(struct l4r_named_table *table, char *line) {
  const char *separator = table->csv.separator;
  const size_t width = strlen(separator);
  table->count = 0;
  for (char *at = line; at;) {
    if (*separator == ' ') at += strspn(at, " \t");
    char *name = at, *end;
    if (table->csv.quotes && *at == '"' && (end = strchr(at + 1, '"')) != NULL) {
      name = at + 1;
      *end = '\0';
      at = end + 1;
    }
    end = *separator == ' ' ? at + strcspn(at, " \t") : strstr(at, separator);
    if (*separator == ' ' && end == at && !*end && name == at) break; /* blanks at the end */
    if (table->count < L4R_MOST_COLUMNS) table->name[table->count] = name;
    table->count++;
    at = end && *end ? end + (*separator == ' ' ? 1 : width) : NULL;
    if (end) *end = '\0';
  }
  for (int i = 0; i < table->count && i < L4R_MOST_COLUMNS; i++)
    table->name[i] = trimmed(table->name[i]);
}

/* A copy of the first line that is not blank; NULL when memory is short. */
static char *first_line(const struct l4r_source *source) {
  size_t bytes;
  const char *at = l4r_source_peek(source, &bytes);
  while (bytes && (*at == '\n' || *at == '\r')) at++, bytes--;
  const char *end = memchr(at, '\n', bytes);
  size_t length = end ? (size_t)(end - at) : bytes;
  if (length && at[length - 1] == '\r') length--;
  char *line = l4r_alloc(length + 1, 1, "a header");
  if (line) memcpy(line, at, length);
  return line;
}

static const char *separator_named(const char *text) {
  static const char *const names[][2] = {{"tab", "\t"},  {"\\t", "\t"},      {"comma", ","},
                                         {"space", " "}, {"semicolon", ";"}, {"pipe", "|"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!strcmp(text, names[i][0])) return names[i][1];
  return text;
}

static int try_separator(struct l4r_named_table *table, const struct l4r_source *source,
                         const struct l4r_wanted *wanted, const char *separator,
                         const char **absent) {
  l4r_free(table->header);
  table->header = first_line(source);
  if (!table->header) return L4R_ENVIRONMENT;
  snprintf(table->csv.separator, sizeof table->csv.separator, "%s", separator);
  cut_header(table, table->header);
  if (wanted->columns->no_header) { /* places alone count */
    l4r_free(table->header);
    table->header = NULL;
  }
  *absent = resolve_all(table, wanted);
  return 0;
}

static int fail_column(const struct l4r_named_table *table, const struct l4r_source *source,
                       const char *absent) {
  /* "user" is meant by userId and by user_id; one or two letters stand in many names. */
  struct l4r_nearest nearest = {.word = absent, .anywhere = strlen(absent) > 2};
  char known[512] = "", meant[320];
  for (int i = 0; table->header && i < table->count && i < L4R_MOST_COLUMNS; i++) {
    const size_t used = strlen(known);
    snprintf(known + used, sizeof known - used, "%s%.60s", used ? ", " : "", table->name[i]);
    l4r_nearest_try(&nearest, table->name[i], i);
  }
  if (!table->header)
    return l4r_fail(L4R_INPUT,
                    "%s:1: there is no column %s: the first line has %d; without a header columns "
                    "are numbers from 1",
                    source->path, absent, table->count);
  return l4r_fail(
      L4R_INPUT,
      "%s:1: the header names no column '%s'; its columns: %s%s (a file without a header: "
      "--no-header, and numbers from 1)",
      source->path, absent, known, l4r_nearest_text(&nearest, "", meant, sizeof meant));
}

/* Ids are numbers more often than columns are called by one. */
static void warn_of_data(const struct l4r_named_table *table, const struct l4r_source *source,
                         const struct l4r_wanted *wanted) {
  int64_t number;
  if (wanted->items || !table->header) return;
  const char *user = table->name[table->user], *item = table->name[table->item];
  if (l4r_parse_int(user, &number) && l4r_parse_int(item, &number)) return;
  l4r_warn("%s:1: the first line was taken for a header and is no interaction, with user '%.60s' "
           "and item '%.60s'; if it is data, give --no-header",
           source->path, user, item);
}

int l4r_named_table_open(struct l4r_named_table *table, struct l4r_source *source,
                         const struct l4r_wanted *wanted) {
  static const char *const candidates[] = {",", "\t", ";", "|", "::", " "};
  const char *given = wanted->columns->separator, *absent = NULL;
  if (given && (!*given || strlen(separator_named(given)) >= sizeof table->csv.separator))
    return l4r_fail(
        L4R_USAGE,
        "--delimiter must be one to seven bytes, or comma, semicolon, tab, pipe or space, not '%s'",
        given);
  table->csv.quotes = !wanted->columns->no_quotes;
  int status = 0, best = 0, most = 0;
  const int tries = given ? 1 : (int)(sizeof candidates / sizeof *candidates);
  for (int i = 0; i < tries && !status; i++) {
    status = try_separator(table, source, wanted, given ? separator_named(given) : candidates[i],
                           &absent);
    if (!status && !absent) break;
    if (table->count > most) {
      most = table->count;
      best = i;
    }
  }
  if (!status && absent && !given)
    status = try_separator(table, source, wanted, candidates[best], &absent);
  if (!status && absent) status = fail_column(table, source, absent);
  if (!status && !wanted->items && table->user == table->item)
    status = l4r_fail(L4R_USAGE,
                      "--user %s and --item %s are the same column of %s (a name comes before a "
                      "number)",
                      wanted->columns->user, wanted->columns->item, source->path);
  if (!status) warn_of_data(table, source, wanted);
  if (!status && table->count > L4R_MOST_COLUMNS)
    status = l4r_bad_line(source, "more than %d columns", L4R_MOST_COLUMNS);
  if (status || !table->header) return status;
  char *field[1];
  int count;
  const int got = l4r_source_record(source, &table->csv, field, 1, &count);
  if (got < 0) return got;
  return count == table->count
             ? 0
             : l4r_bad_line(source, "the header is not one line of plain names; mend it");
}

void l4r_named_table_close(struct l4r_named_table *table) {
  l4r_free(table->header);
  l4r_free(table->text[0].text);
  l4r_free(table->text[1].text);
  memset(table, 0, sizeof *table);
}

/* --- texts ---------------------------------------------------------------------------------------
 */

int l4r_named_table_texts(struct l4r_named_table *table, struct l4r_import *import,
                          struct l4r_source *source, char *item, char **field) {
  struct l4r_joined *title = &table->text[0], *category = &table->text[1];
  int status = l4r_joined_start(title);
  if (!status) status = l4r_joined_start(category);
  for (int i = 0; i < table->titles && !status; i++) {
    const char *part = l4r_source_text(source, field[table->title[i]]);
    status = part ? l4r_joined_add(title, part, " ") : L4R_INPUT;
  }
  for (int i = 0; i < table->categories && !status; i++) {
    const char *part = l4r_source_text(source, field[table->category[i]]);
    status = part ? l4r_joined_add_categories(category, part) : L4R_INPUT;
  }
  const char *brand = table->brand < 0 || status ? ""
                                                 : l4r_source_text(source, field[table->brand]);
  if (status || !brand) return status ? status : L4R_INPUT;
  return l4r_import_text(import, item, title->text, brand, category->text);
}

/* --- the summary ---------------------------------------------------------------------------------
 */

static void say_one(const struct l4r_named_table *table, struct l4r_import_report *report,
                    const char *what, int place) {
  if (place < 0) return;
  char *text = report->columns;
  const size_t used = strlen(text), room = sizeof report->columns - used;
  if (table->header)
    snprintf(text + used, room, "%s%s=%.60s", used ? " " : "", what, table->name[place]);
  else
    snprintf(text + used, room, "%s%s=%d", used ? " " : "", what, place + 1);
}

void l4r_named_table_say(const struct l4r_named_table *table, struct l4r_import_report *report) {
  say_one(table, report, "user", table->user);
  say_one(table, report, table->user < 0 ? "item-id" : "item", table->item);
  say_one(table, report, "time", table->time);
  say_one(table, report, "rating", table->rating);
  for (int i = 0; i < table->titles; i++) say_one(table, report, "title", table->title[i]);
  say_one(table, report, "brand", table->brand);
  for (int i = 0; i < table->categories; i++)
    say_one(table, report, "categories", table->category[i]);
}
