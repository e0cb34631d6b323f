/* SPDX-License-Identifier: BSD-3-Clause */
/* A data set as models need it: per-user sequences (training part), held-out items, and the
 * catalogue with its texts.
 *
 * Users are 0..users-1 here (line u+1 of train.txt is user u+1 in files); items are 1..items
 * everywhere, 0 means "none". The folder has train.txt, validation.txt, test.txt, items.tsv,
 * optionally times.txt and users.tsv, and dataset.json. Training code opens TRAIN, TEXT and, to
 * select an epoch, VALIDATION; it never opens TEST.
 *
 * A data set has one of two splits permanently (it is part of its identity):
 *
 *   leave-one-out   a user's last interaction is the test part, the one before it the validation
 *                   part, the rest the training part
 *   time            one cut for all users: interactions before cut[0] are the training part, from
 *                   cut[0] on and before cut[1] the validation part, from cut[1] on the test part
 *
 * In both, the target is the first interaction of the part, and its history is everything that the
 * user did in earlier parts. A user without a target, or without any history before it, is not
 * evaluated on that part (which cannot happen under leave-one-out). */
#ifndef L4R_DATA_DATASET_H
#define L4R_DATA_DATASET_H

#include "impl/data/item.h"

#include <stddef.h>
#include <stdint.h>

enum l4r_dataset_part {
  L4R_PART_TRAIN = 1,      /* train.txt */
  L4R_PART_VALIDATION = 2, /* validation.txt, and TRAIN, which holds the histories of its targets */
  L4R_PART_TEST = 4,       /* test.txt, and TRAIN */
  L4R_PART_TEXT = 8,       /* items.tsv */
  L4R_PART_USERS = 16,     /* users.tsv, which older folders do not have */
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
  int repeats;      /* 1: a user may have an item several times, and a test item in the history */
  int64_t cut[2];   /* times of the cuts; 0 under leave-one-out */
  int64_t parts[3]; /* interactions of the training, validation and test part */
  char sha256[65];  /* of dataset.json's list of file hashes; identifies the data set */
  char items_sha256[65]; /* of items.tsv */
  void *storage;         /* private */
};

/* Opens a folder, checking every id, count and (for the parts opened) the SHA-256 that dataset.json
 * states. L4R_INPUT with file and line. Free with l4r_dataset_close. The struct is read-only after
 * opening and may be shared by threads. */
int l4r_dataset_open(const char *folder, unsigned parts, struct l4r_dataset **dataset);
void l4r_dataset_close(struct l4r_dataset *dataset);

/* Returns the length of the history before the validation target, or with `with_validation` (and
 * that part opened) before the test target. */
int64_t l4r_dataset_history_length(const struct l4r_dataset *dataset, int64_t user,
                                   int with_validation);
/* Writes the history that a model sees: the training part, with `with_validation` also the
 * validation part. It writes the newest `capacity` items at most, oldest first, and returns how
 * many. */
int64_t l4r_dataset_history(const struct l4r_dataset *dataset, int64_t user, int with_validation,
                            l4r_item *out, int64_t capacity);
/* Returns the longest history before a test target that any user can have, as far as the opened
 * parts tell. */
int64_t l4r_dataset_longest(const struct l4r_dataset *dataset);

#endif
