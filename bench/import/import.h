/* SPDX-License-Identifier: BSD-3-Clause */
/* Importing: from other people's files to a data set folder.
 *
 * A kind of source is a reader in a file of its own: it hands over interactions and item texts, and
 * knows nothing of filters, numbering or splits. One pipeline does those for all kinds, so that the
 * same interactions give the same train.txt whatever files they came from:
 *
 *   read -> order (user, time, tie rule) -> repeats -> drop short users -> k-core
 *        -> with a split by time: cut, drop users without anything before the last cut
 *        -> number items and users by ascending source id -> l4r_dataset_write
 *
 * A reader streams its file: memory is that of the interactions and texts that are kept. A bad line
 * does not end an import at once: all are counted and the first ten told, so that a file is mended
 * in one go. */
#ifndef L4R_BENCH_IMPORT_IMPORT_H
#define L4R_BENCH_IMPORT_IMPORT_H

#include <stddef.h>
#include <stdint.h>

#include "bench/import/collect/clock.h"
#include "bench/import/collect/source.h"
#include "impl/data/dataset.h"
#include "impl/data/dataset_write.h"

enum l4r_tie { L4R_TIE_FILE, L4R_TIE_ITEM };
enum l4r_repeats { L4R_REPEATS_FIRST, L4R_REPEATS_LAST, L4R_REPEATS_ALL };

enum { L4R_TEXT_COLUMNS = 8 };

/* Columns by their names in the header, or by place from 1; for JSON lines the names of fields
 * ("a.b" is b inside a). All borrowed, NULL where not given. */
struct l4r_columns {
  const char *user, *item, *time, *rating;
  const char *item_id; /* of the items file; NULL: as `item` */
  const char *title[L4R_TEXT_COLUMNS], *brand, *categories[L4R_TEXT_COLUMNS];
  const char *separator; /* NULL: found out */
  int no_header, no_quotes;
};

struct l4r_import_options {
  const char *file[4]; /* what the kind's row in the table names, in that order; NULL: not given */
  int files;
  const char *items;     /* item texts, for kinds whose files do not name them; NULL: none */
  const char *name;      /* of the data set; NULL: the last part of `out` */
  const char *out;       /* folder to write */
  const char *tie_label; /* only for kinds without times: the rule that was used; NULL "unstated" */
  enum l4r_tie tie;      /* how equal times are ordered */
  enum l4r_repeats repeats;   /* which of several interactions of a user with an item stay */
  const struct l4r_cut *cut;  /* split by time there; NULL: leave-one-out */
  int64_t kcore;              /* each user and item keeps at least this many interactions; 0 off */
  int64_t skip_bad;           /* at most so many bad lines are dropped; 0: none may be there */
  int keep_markup;            /* texts keep their HTML */
  const double *least;        /* interactions with a lower rating are dropped; NULL: none */
  struct l4r_columns columns; /* for kinds that take them */
};

/* Where a split by time cuts: two shares of all kept interactions (0 to 1: .8 and .9 cut at the
 * times that the 80 % and 90 % places of the global order have) or two times in seconds (above 1),
 * ascending. An interaction at the very time of a cut belongs to what comes after it. */
struct l4r_cut {
  double at[2];
};

/* Reads "0.8,0.9" or "978300000,978400000". L4R_USAGE with the text and what is wrong. */
int l4r_cut_parse(const char *text, struct l4r_cut *cut);

/* What happened, for the person who imports. */
enum { L4R_WARNINGS = 16, L4R_BAD_TOLD = 10 };
struct l4r_import_report {
  int64_t read_interactions, read_users, read_items;
  int64_t low_ratings;                               /* interactions below the least rating */
  int64_t repeats;                                   /* of a user-item pair, dropped (or kept) */
  int64_t short_users, short_interactions;           /* users with fewer than three items */
  int64_t core_users, core_items, core_interactions; /* dropped by the k-core filter */
  int64_t late_users, late_interactions;             /* users who first come after the last cut */
  int64_t users, items, interactions;                /* kept */
  int64_t latin1;                                    /* lines or fields read as Windows-1252 */
  int64_t cleaned;                                   /* texts with control characters blanked */
  int64_t markup;                                    /* texts whose HTML was taken out */
  int64_t trimmed;                                   /* ids whose outer blanks were cut off */
  int64_t blank_lines;
  int64_t bad_lines; /* dropped by --skip-bad */
  int64_t negative_times;
  char negative[160];            /* the lines of the first of them */
  int64_t equal_times;           /* kept interactions whose order is a tie's */
  int64_t ascending, descending; /* users of three and more whose items are in order of ids */
  int64_t without_text;          /* kept items with neither title, brand nor categories */
  char times[256];               /* what was recognised: unit and range; "" without times */
  char columns[512]; /* which columns were taken for what; "" where the format says it */
  char order[192];   /* how source ids were ordered */
  char warning[L4R_WARNINGS][512];
  int warnings;
};

/* Adds a warning, a sentence, which is shown in the first lines; the last of too many are lost. */
void l4r_import_warn(struct l4r_import_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* --- the kinds
 * ------------------------------------------------------------------------------------*/

struct l4r_import;

struct l4r_import_kind {
  const char *name;
  const char *files; /* for messages: "ratings.dat movies.dat" */
  int min_files, max_files;
  int takes_items;   /* --items is known */
  int takes_columns; /* --user, --item and the like are known */
  int has_times;     /* 0: order is the file's, the tie rule is the user's word; -1: with --time */
  int has_rating;
  int (*read)(struct l4r_import *import, const struct l4r_import_options *options);
};

extern const struct l4r_import_kind l4r_import_kinds[]; /* ends with name NULL */

int l4r_read_ml_1m(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_ml_100k(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_ml_latest(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_amazon(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_sequences(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_lists(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_recbole(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_table(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_pairs(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_jsonl(struct l4r_import *import, const struct l4r_import_options *options);

/* The kind's row, NULL where none has the name. */
const struct l4r_import_kind *l4r_import_kind(const char *name);
/* Whether this import knows times: its kind has them, or a column was named. */
int l4r_import_has_times(const struct l4r_import_kind *kind,
                         const struct l4r_import_options *options);

/* Runs a whole import. L4R_USAGE for files or options the kind does not take, L4R_INPUT with
 * file:line for bad content, L4R_ENVIRONMENT for memory and disk; nothing is written then. */
int l4r_import_run(const char *kind, const struct l4r_import_options *options,
                   struct l4r_import_report *report);

/* --- what readers call
 * ----------------------------------------------------------------------------*/

/* Source ids, each with a small index in order of first appearance. */
struct l4r_ids {
  char **name; /* [count], in memory of `block` */
  size_t count, name_capacity;
  int32_t *slot; /* open addressing: index + 1, 0 free */
  size_t slots;
  struct l4r_text_block *block;
  int32_t last; /* found last, as files are often sorted by user */
};

/* Index of a name, added when new; -1 with a message when memory is short. */
int32_t l4r_ids_add(struct l4r_ids *ids, const char *name);
int32_t l4r_ids_find(const struct l4r_ids *ids, const char *name); /* -1: unknown */
void l4r_ids_free(struct l4r_ids *ids);

struct l4r_interaction {
  int64_t time;       /* in units of the import's clock */
  int32_t user, item; /* first indexes of `users` and `items`, later ranks by source id */
};

/* Events as they are read, in blocks that do not move. */
struct l4r_interaction_block;

struct l4r_import {
  struct l4r_ids users, items;
  struct l4r_interaction_block *first_block, *last_block;
  struct l4r_interaction *event; /* [events], once they are in order */
  size_t events;
  struct l4r_clock clock;
  struct l4r_item_text *text; /* [items.count] by item index; NULL fields: nothing known */
  size_t text_capacity;
  int64_t texts, matched;       /* texts that were handed over; items that had any */
  const char *texts_from;       /* the file they came from; NULL: none was given */
  struct l4r_text_block *block; /* holds the texts */
  char *scratch;                /* for one text */
  size_t scratch_room;
  int has_times;
  const struct l4r_import_options *options;
  struct l4r_import_report *report;
  char bad[L4R_BAD_TOLD][512]; /* the first bad lines' messages */
  char unmatched[64];          /* an id of the texts that no interaction has */
};

/* Takes one interaction, from outside: ids lose their outer blanks. `time` is NULL where the source
 * has none, and then not read. L4R_INPUT through l4r_bad_line for an empty id, an id with a tab or
 * a line break in it, and a time that cannot be. */
int l4r_import_event(struct l4r_import *import, const struct l4r_source *source, char *user,
                     char *item, const char *time);
/* Whether the rating is high enough; counts those that are not. *taken is left 0 then. L4R_INPUT
 * for what is no number, where somebody wants to know. */
int l4r_import_rating(struct l4r_import *import, const struct l4r_source *source,
                      const char *rating, int *taken);

/* Takes the texts of one item, if an interaction named it (others are not part of the data set).
 * Of several lines for one item each field's first that is not empty stays. NULL or "" for what is
 * missing. Texts are cleaned (markup.h). */
int l4r_import_text(struct l4r_import *import, char *item, const char *title, const char *brand,
                    const char *categories);

/* What to do about a status of one line: 0 where it was a bad line, which is noted, and reading
 * goes on; else the status. */
int l4r_import_bad(struct l4r_import *import, const struct l4r_source *source, int status);

/* Opens a file and hands over its lines, bad ones noted, until `take` fails for another reason. */
typedef int l4r_parse_line(struct l4r_import *import, struct l4r_source *source, char *line);
int l4r_each_line(struct l4r_import *import, const char *path, enum l4r_encoding encoding,
                  l4r_parse_line *take);
/* The same of a file that holds an object a line; refuses what is JSON in another layout. */
int l4r_each_json_line(struct l4r_import *import, const char *path, enum l4r_encoding encoding,
                       l4r_parse_line *take);
/* The rest of an open source as records of `columns` fields; others are bad lines. */
enum { L4R_MOST_COLUMNS = 256 };
typedef int l4r_parse_record(struct l4r_import *import, struct l4r_source *source, char **field,
                             void *context);
int l4r_each_record(struct l4r_import *import, struct l4r_source *source, const struct l4r_csv *csv,
                    int columns, l4r_parse_record *take, void *context);
/* Adds what a source counted to the report, and closes it. */
void l4r_import_close(struct l4r_import *import, struct l4r_source *source);

/* Checks that *token is a whole number from 1 to 2^31 - 2 and moves it past leading zeros. */
int l4r_parse_id(const struct l4r_source *source, const char *what, char **token);

/* Item texts in MovieLens' movies.dat form ("id::title::genre|genre"). */
int l4r_read_movies_dat(struct l4r_import *import, const char *path);
/* "a|b" to "a, b" in `out`, which has room for 2 * strlen(genres) + 1 bytes. */
void l4r_genres(const char *genres, char *out);

/* --- the pipeline
 * ---------------------------------------------------------------------------------*/

/* The times, in units of 10^-digits seconds, that `cut` means for these events, which stay as they
 * are. L4R_INPUT when they leave one of the three parts empty. */
int l4r_cut_times(const struct l4r_interaction *event, size_t events, const struct l4r_cut *cut,
                  int digits, int64_t time[2]);
/* Drops, in place, the events of users none of whose events is before `last` (events are in order
 * of users). Returns how many are left. */
size_t l4r_cut_drop_late(struct l4r_interaction *event, size_t events, int64_t last);

/* Orders, filters and numbers what was read, then writes the folder. */
int l4r_import_finish(struct l4r_import *import, const struct l4r_import_options *options,
                      const struct l4r_dataset_source *labels);

#endif
