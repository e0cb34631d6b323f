/* SPDX-License-Identifier: BSD-3-Clause */
/* Importing: from other people's files to a data set folder.
 *
 * A kind of source is a reader in a file of its own: it hands over interactions and item texts, and
 * knows nothing of filters, numbering or splits. One pipeline does those for all kinds, so that the
 * same interactions give the same train.txt whatever files they came from:
 *
 *   read -> order (user, time, tie rule) -> drop repeats -> drop short users -> k-core
 *        -> with a split by time: cut, drop users without anything before the last cut
 *        -> number items and users by ascending source id -> l4r_dataset_write
 */
#ifndef L4R_BENCH_IMPORT_IMPORT_H
#define L4R_BENCH_IMPORT_IMPORT_H

#include <stddef.h>
#include <stdint.h>

#include "impl/base/file.h"
#include "impl/data/dataset.h"

enum l4r_tie { L4R_TIE_ITEM, L4R_TIE_FILE };

struct l4r_import_options {
  const char *file[4]; /* what the kind's row in the table names, in that order; NULL: not given */
  int files;
  const char *items;     /* item texts, for kinds whose files do not name them; NULL: none */
  const char *name;      /* of the data set; NULL: the last part of `out` */
  const char *out;       /* folder to write */
  const char *tie_label; /* only for kinds without times: the rule that was used; NULL "unstated" */
  enum l4r_tie tie;      /* how equal times are ordered */
  const struct l4r_cut *cut; /* split by time there; NULL: leave-one-out */
  int64_t kcore;             /* each user and item keeps at least this many interactions; 0 off */
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
struct l4r_import_report {
  int64_t read_interactions, read_users, read_items;
  int64_t repeats;                                   /* later ones of a user-item pair, dropped */
  int64_t short_users, short_interactions;           /* users with fewer than three items */
  int64_t core_users, core_items, core_interactions; /* dropped by the k-core filter */
  int64_t late_users, late_interactions;             /* users who first come after the last cut */
  int64_t users, items, interactions;                /* kept */
  int64_t latin1;                                    /* texts converted from Latin-1 */
  int64_t cleaned;                                   /* texts with control characters blanked */
  int64_t equal_times;                               /* kept interactions whose order is a tie's */
  int64_t without_text; /* kept items with neither title, brand nor categories */
};

/* --- the kinds
 * ------------------------------------------------------------------------------------*/

struct l4r_import;

struct l4r_import_kind {
  const char *name;
  const char *files; /* for messages: "ratings.dat movies.dat" */
  int min_files, max_files;
  int takes_items; /* --items is known */
  int has_times;   /* 0: order is the file's, the tie rule is the user's word */
  int (*read)(struct l4r_import *import, const struct l4r_import_options *options);
};

extern const struct l4r_import_kind l4r_import_kinds[]; /* ends with name NULL */

int l4r_read_ml_1m(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_ml_100k(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_ml_latest(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_amazon_2014(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_sequences(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_recbole(struct l4r_import *import, const struct l4r_import_options *options);

/* Runs a whole import. L4R_USAGE for files or options the kind does not take, L4R_INPUT with
 * file:line for bad content, L4R_ENVIRONMENT for memory and disk; nothing is written then. */
int l4r_import_run(const char *kind, const struct l4r_import_options *options,
                   struct l4r_import_report *report);

/* --- what readers call
 * ----------------------------------------------------------------------------*/

/* Source ids, each with a small index in order of first appearance. */
struct l4r_ids {
  char **name;    /* [count], in memory of `block` */
  int64_t *value; /* [count], the number a name spells, -1 for other names */
  size_t count, name_capacity, value_capacity;
  int32_t *slot; /* open addressing: index + 1, 0 free */
  size_t slots;
  struct l4r_text_block *block;
};

/* Index of a name, added when new; -1 with a message when memory is short. */
int32_t l4r_ids_add(struct l4r_ids *ids, const char *name);
int32_t l4r_ids_find(const struct l4r_ids *ids, const char *name); /* -1: unknown */
void l4r_ids_free(struct l4r_ids *ids);

struct l4r_event {
  double time;        /* seconds; whole numbers up to 2^53 stay exact */
  int64_t order;      /* place in the file */
  int32_t user, item; /* first indexes of `users` and `items`, later ranks by source id */
};

struct l4r_import {
  struct l4r_ids users, items;
  struct l4r_event *event;
  size_t events, event_capacity;
  struct l4r_item_text *text; /* [items.count] by item index; NULL fields: nothing known */
  size_t text_capacity;
  struct l4r_text_block *block; /* holds the texts */
  int has_times;
  struct l4r_import_report *report;
};

/* Takes one interaction. `time` 0 where the source has none. */
int l4r_import_event(struct l4r_import *import, const char *user, const char *item, double time);

/* Takes the texts of one item, if an interaction named it (others are not part of the data set) and
 * none came before. NULL or "" for what is missing. Control characters, tabs and line breaks become
 * single blanks; `latin1` says that the bytes are Latin-1. */
int l4r_import_text(struct l4r_import *import, const char *item, const char *title,
                    const char *brand, const char *categories, int latin1);

/* A file as lines. `content` is freed by l4r_source_close, which accepts a closed one. */
struct l4r_source {
  struct l4r_lines lines;
  char *content;
  size_t bytes;
  int latin1; /* the file is not UTF-8 and was allowed to be Latin-1 */
};
enum l4r_encoding { L4R_UTF8, L4R_UTF8_OR_LATIN1 };

/* Opens a text file (.gz too), refuses empty ones, NUL bytes and, for L4R_UTF8, anything else than
 * UTF-8 with file:line; a byte order mark is skipped. A file that may be Latin-1 is taken as UTF-8
 * when all of it is valid UTF-8. */
int l4r_source_open(struct l4r_source *source, const char *path, enum l4r_encoding encoding);
void l4r_source_close(struct l4r_source *source);

/* L4R_INPUT "path:line: ..." */
int l4r_bad_line(const struct l4r_lines *lines, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Cuts `line` in place at every `separator`; at most `most` fields are stored. Returns how many
 * there are. */
int l4r_cut(char *line, const char *separator, char **field, int most);

/* Checks that *token is a whole number from 1 to 2^31 - 2 and moves it past leading zeros. */
int l4r_take_id(const struct l4r_lines *lines, const char *what, char **token);
/* A time in whole seconds, not negative. */
int l4r_take_time(const struct l4r_lines *lines, const char *token, double *time);
int l4r_take_rating(const struct l4r_lines *lines, const char *token);

/* Item texts in MovieLens' movies.dat form ("id::title::genre|genre"). */
int l4r_read_movies_dat(struct l4r_import *import, const char *path);
/* "a|b" to "a, b" in `out`, which has room for 2 * strlen(genres) + 1 bytes. */
void l4r_genres(const char *genres, char *out);

/* --- the pipeline
 * ---------------------------------------------------------------------------------*/

/* The times in seconds that `cut` means for these events, which stay as they are. L4R_INPUT when
 * they leave one of the three parts empty. */
int l4r_cut_times(const struct l4r_event *event, size_t events, const struct l4r_cut *cut,
                  int64_t time[2]);
/* Drops, in place, the events of users none of whose events is before `last` (events are in order
 * of users). Returns how many are left. */
size_t l4r_cut_drop_late(struct l4r_event *event, size_t events, int64_t last);

/* Orders, filters and numbers what was read, then writes the folder. */
int l4r_import_finish(struct l4r_import *import, const struct l4r_import_options *options,
                      const struct l4r_dataset_source *labels);

#endif
