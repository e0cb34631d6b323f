/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables of any columns: csv, whose columns are named or counted, and pairs, "user item" a line.
 *
 * Nothing is guessed but the separator: which column is the user and which the item changes every
 * result, so they are asked for, and the message shows what there is. */
#include "bench/import/readers/table.h"
#include "bench/import/collect/collect.h"
#include "bench/import/collect/warn.h"
#include "bench/import/readers/columns.h"

#include <string.h>
#include <strings.h>

#include "bench/import/readers/lines.h"
#include "impl/base/error.h"
#include "impl/base/number.h"

static int parse_interaction(struct l4r_import *import, struct l4r_source *source, char **field,
                             void *context) {
  struct l4r_named_table *table = context;
  char *user = l4r_source_text(source, field[table->user]);
  char *item = user ? l4r_source_text(source, field[table->item]) : NULL;
  int taken = 1, status = item ? 0 : L4R_INPUT;
  if (!status && table->rating >= 0)
    status = l4r_import_rating(import, source, field[table->rating], &taken);
  if (status || !taken) return status;
  status = l4r_import_event(import, source, user, item,
                            table->time < 0 ? NULL : field[table->time]);
  const int texts = table->titles || table->categories || table->brand >= 0;
  return status || !texts ? status : l4r_named_table_texts(table, import, source, item, field);
}

/* Times that are there and not asked for: the order of lines may be another than theirs. */
static void warn_of_times(const struct l4r_named_table *table, struct l4r_import *import) {
  static const char *const names[] = {"timestamp", "time", "date", "datetime", "ts", "unixtime"};
  for (int i = 0; table->header && table->time < 0 && i < table->count; i++)
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
      if (!strncasecmp(table->name[i], names[n], strlen(names[n])) &&
          !strchr("_-", table->name[i][strlen(names[n])])) {
        l4r_import_warn(import->report,
                        "the order of lines is taken for that of time, though there is a column "
                        "'%.60s': --time %.60s",
                        table->name[i], table->name[i]);
        return;
      }
}

/* A name of a header that is a number or a time; those that pandas writes count from 0. */
static int is_value(const char *name, int place) {
  struct l4r_moment moment;
  int64_t number;
  if (l4r_moment_parse(name, &moment)) return 0;
  return l4r_parse_int(name, &number) || (number != place && number != place - 1);
}

/* Columns by place are asked for where there is no header; then the first line is a record. */
static void warn_of_header(const struct l4r_named_table *table, struct l4r_import *import,
                           const char *path, const char *asked, const char *remedy) {
  int64_t place;
  if (!table->header || l4r_parse_int(asked, &place)) return;
  for (int i = 0; i < table->count; i++)
    if (is_value(table->name[i], i)) {
      l4r_import_warn(import->report,
                      "%s:1 was taken for a header, though '%.60s' in it looks like data: %s", path,
                      table->name[i], remedy);
      return;
    }
}

int l4r_read_interactions_table(struct l4r_import *import, const struct l4r_import_options *options,
                                const struct l4r_columns *columns) {
  const struct l4r_wanted wanted = {.columns = columns,
                                    .with_texts = !options->items && l4r_wants_texts(columns)};
  struct l4r_source source;
  struct l4r_named_table table = {0};
  if (wanted.with_texts) import->texts_from = options->file[0];
  int status = l4r_source_open(&source, options->file[0], L4R_UTF8_OR_1252);
  if (!status) status = l4r_named_table_open(&table, &source, &wanted);
  if (!status) {
    l4r_named_table_say(&table, import->report);
    warn_of_times(&table, import);
    warn_of_header(&table, import, source.path, columns->user,
                   "--no-header makes it the first interaction");
    status = l4r_each_record(import, &source, &table.csv, table.count, parse_interaction, &table);
  }
  l4r_named_table_close(&table);
  l4r_import_close(import, &source);
  return status;
}

/* --- texts ---------------------------------------------------------------------------------------
 */

static int parse_item(struct l4r_import *import, struct l4r_source *source, char **field,
                      void *context) {
  struct l4r_named_table *table = context;
  char *item = l4r_source_text(source, field[table->item]);
  return item ? l4r_named_table_texts(table, import, source, item, field) : L4R_INPUT;
}

int l4r_read_items_table(struct l4r_import *import, const struct l4r_import_options *options) {
  struct l4r_columns columns = options->columns;
  columns.separator = NULL; /* the other file's */
  columns.no_header = 0;
  const struct l4r_wanted wanted = {.columns = &columns, .items = 1, .with_texts = 1};
  struct l4r_source source;
  struct l4r_named_table table = {0};
  int status = l4r_source_open(&source, options->items, L4R_UTF8_OR_1252);
  if (!status) status = l4r_named_table_open(&table, &source, &wanted);
  if (!status) {
    l4r_named_table_say(&table, import->report);
    warn_of_header(&table, import, source.path, columns.item_id ? columns.item_id : columns.item,
                   "write a line of names above it");
    status = l4r_each_record(import, &source, &table.csv, table.count, parse_item, &table);
  }
  l4r_named_table_close(&table);
  l4r_import_close(import, &source);
  return status;
}
