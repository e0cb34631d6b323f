/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables whose columns somebody names: which of a header they are, and the texts of a record. */
#ifndef L4R_BENCH_IMPORT_READERS_COLUMNS_H
#define L4R_BENCH_IMPORT_READERS_COLUMNS_H

#include "bench/import/collect/collect.h"
#include "bench/import/import.h"
#include "bench/import/readers/csv.h"
#include "bench/import/readers/lines.h"
#include "bench/import/readers/values.h"

struct l4r_named_table {
  struct l4r_csv csv;
  int count;                    /* of columns */
  char *name[L4R_MOST_COLUMNS]; /* of the header; in `header`, NULL without one */
  char *header;
  int user, item, time, rating; /* places from 0, -1 where not asked for */
  int title[L4R_TEXT_COLUMNS], titles, brand, category[L4R_TEXT_COLUMNS], categories;
  struct l4r_joined text[2]; /* of titles and categories of the record at hand */
};

/* Takes the header of an open source, or counts the fields of its first line, and finds the
 * separator, unless one is given, as the first under which all wanted columns are there. `items`
 * says that this is the file of texts, whose id column is then `item`; `with_texts` that text
 * columns are here. L4R_INPUT for a column that is not there, with those that are. */
struct l4r_wanted {
  const struct l4r_columns *columns;
  int items, with_texts;
};
int l4r_named_table_open(struct l4r_named_table *table, struct l4r_source *source,
                         const struct l4r_wanted *wanted);
void l4r_named_table_close(struct l4r_named_table *table);

/* Hands the texts of a record to the import, as those of `item`. */
int l4r_named_table_texts(struct l4r_named_table *table, struct l4r_import *import,
                          struct l4r_source *source, char *item, char **field);

/* Adds "user=userId item=movieId" to the report. */
void l4r_named_table_say(const struct l4r_named_table *table, struct l4r_import_report *report);

/* Returns whether any text columns are asked for. */
int l4r_wants_texts(const struct l4r_columns *columns);

#endif
