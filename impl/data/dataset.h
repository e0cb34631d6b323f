/* SPDX-License-Identifier: BSD-3-Clause */
/* A data set as models need it: per-user sequences (training part), held-out items, the catalogue
 * with its texts.
 *
 * Users are 0..users-1 here (line u+1 of train.txt is user u+1 in files); items are 1..items
 * everywhere, 0 means "none". Files of the folder: train.txt, validation.txt, test.txt, items.tsv,
 * optional times.txt and users.tsv, dataset.json. Training code opens TRAIN, TEXT and, for
 * selection, VALIDATION; it never opens TEST.
 *
 * Two splits, and a data set has one of them for good (its identity tells them apart):
 *
 *   leave-one-out   a user's last interaction is the test part, the one before it the validation
 *                   part, the rest the training part
 *   time            one cut for all users: what happened before cut[0] is the training part, from
 *                   cut[0] on and before cut[1] the validation part, from cut[1] on the test part
 *
 * In both the target is the first interaction of the part, and its history is everything the user
 * did in the parts before it. A user without a target, or without any history before it, is not
 * evaluated on that part (never so under leave-one-out). */
#ifndef L4R_DATA_DATASET_H
#define L4R_DATA_DATASET_H

#include <stddef.h>
#include <stdint.h>

typedef int32_t l4r_item;

enum l4r_dataset_part {
  L4R_PART_TRAIN = 1,      /* train.txt */
  L4R_PART_VALIDATION = 2, /* validation.txt, and TRAIN, which its targets' histories are in */
  L4R_PART_TEST = 4,       /* test.txt, and TRAIN */
  L4R_PART_TEXT = 8,       /* items.tsv */
  L4R_PART_USERS = 16,     /* users.tsv, which older folders have not */
};

struct l4r_item_text { /* UTF-8, borrowed from the data set; "" where absent, never NULL */
  const char *source_id, *title, *brand, *categories;
};

struct l4r_held_out { /* NULL when the part was not asked for */
  int64_t *start;     /* [users + 1] offsets into item */
  l4r_item *item;     /* oldest first */
};

struct l4r_dataset {
  char path[4096], name[128];
  int64_t users, items, interactions; /* interactions of all parts */
  int64_t *train_start;               /* [users + 1] offsets into train_item */
  l4r_item *train_item;               /* oldest first */
  l4r_item *validation, *test;        /* [users], 0 = none; NULL when the part was not asked for */
  struct l4r_held_out validation_part, test_part; /* whole parts, targets included */
  int64_t *train_count;                           /* [items + 1] training popularity; [0] unused */
  struct l4r_item_text *text;                     /* [items + 1]; NULL unless TEXT */
  const char **user_id;                  /* [users] source ids; NULL: unknown or not asked */
  char tie[32], split[32], filters[128]; /* split: "leave-one-out" or "time" */
  char time_unit[4];                     /* of cut and times.txt: s, ms, us or ns since 1970 */
  int repeats;           /* a user may have an item several times, and a test item in the history */
  int64_t cut[2];        /* times of the cuts; 0 under leave-one-out */
  int64_t parts[3];      /* interactions of the training, validation and test part */
  char sha256[65];       /* of dataset.json's list of file hashes: identifies the data set */
  char items_sha256[65]; /* of items.tsv */
  void *storage;         /* private */
};

/* Opens a folder, checking every id, count and (for the parts opened) the SHA-256 that dataset.json
 * states. L4R_INPUT with file and line. Free with l4r_dataset_close. The struct is read-only after
 * opening and may be shared by threads. */
int l4r_dataset_open(const char *folder, unsigned parts, struct l4r_dataset **dataset);
void l4r_dataset_close(struct l4r_dataset *dataset);

/* The user (from 0; -1 for none) or the item (from 1; 0 for none) that the imported files call so.
 * USERS or TEXT must have been opened, and a folder without users.tsv knows no user. One walk
 * through the names: build a table of your own for many. */
int64_t l4r_dataset_find_user(const struct l4r_dataset *dataset, const char *source_id);
l4r_item l4r_dataset_find_item(const struct l4r_dataset *dataset, const char *source_id);

/* What a writer is given: whole sequences, oldest first, over items 1..items. */
struct l4r_dataset_source {
  const char *name, *source; /* "ml-1m"; what was imported, one line (base names only) */
  const char *tie, *filters; /* "item"; "kcore=5" or "" */
  int64_t users, items;
  const int64_t *start;               /* [users + 1] */
  const l4r_item *item;               /* [start[users]] */
  const int64_t *time;                /* the same shape, or NULL: no times.txt */
  const struct l4r_item_text *text;   /* [items + 1] */
  const int64_t *cut;                 /* [2], ascending times: split by time; NULL: leave-one-out */
  const char *sibling_name, *content; /* name and text of one more file; NULL: none */
  const char *time_unit;              /* "s", "ms", "us", "ns"; NULL: "s" */
  const char *const *user_id;         /* [users] source ids, or NULL: no users.tsv */
  int repeats;                        /* items may stand several times in a sequence */
};

/* Splits and writes the folder, which is the old or the new one at every instant
 * (impl/base/folder.h). L4R_INPUT for what
 * should have been dropped before: under leave-one-out users shorter than 3, under time users whose
 * first interaction is not before cut[1]; and for cuts that leave nothing to train on, or no user
 * with a validation or a test target. A line of validation.txt and test.txt is a user and that
 * part, which may be empty in a split by time. times.txt holds "user time time ..." for the
 * training part and then the held-out two, so it is not opened by training code. */
int l4r_dataset_write(const char *folder, const struct l4r_dataset_source *source);

/* Length of the history before the validation target, or with `with_validation` (and that part
 * opened) before the test target. */
int64_t l4r_dataset_history_length(const struct l4r_dataset *dataset, int64_t user,
                                   int with_validation);
/* The history a model sees: the training part, plus the validation part when `with_validation`.
 * Writes at most `capacity` items (the newest ones) oldest first; returns how many. */
int64_t l4r_dataset_history(const struct l4r_dataset *dataset, int64_t user, int with_validation,
                            l4r_item *out, int64_t capacity);
/* The longest history before a test target that any user can have, as far as the parts opened
 * tell. */
int64_t l4r_dataset_longest(const struct l4r_dataset *dataset);

#endif
