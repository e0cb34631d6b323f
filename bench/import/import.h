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

#include <stdint.h>

struct l4r_cut;
struct l4r_import;

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
  const struct l4r_cut *cut;  /* split by time there (cut.h); NULL: leave-one-out */
  int64_t kcore;              /* each user and item keeps at least this many interactions; 0 off */
  int64_t skip_bad;           /* at most so many bad lines are dropped; 0: none may be there */
  int keep_markup;            /* texts keep their HTML */
  const double *least;        /* interactions with a lower rating are dropped; NULL: none */
  struct l4r_columns columns; /* for kinds that take them */
};

/* The report of an import, for the person who imports. */
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

/* Returns the kind's row, or NULL when no kind has the name. */
const struct l4r_import_kind *l4r_import_kind(const char *name);
/* Returns whether this import knows times: its kind has them, or a column was named. */
int l4r_import_has_times(const struct l4r_import_kind *kind,
                         const struct l4r_import_options *options);

/* Runs a whole import. L4R_USAGE for files or options the kind does not take, L4R_INPUT with
 * file:line for bad content, L4R_ENVIRONMENT for memory and disk; nothing is written then. */
int l4r_import_run(const char *kind, const struct l4r_import_options *options,
                   struct l4r_import_report *report);

#endif
