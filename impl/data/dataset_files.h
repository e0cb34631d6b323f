/* SPDX-License-Identifier: BSD-3-Clause */
/* The files of a data set folder, for its reader, its writer and `data check`. */
#ifndef L4R_DATA_DATASET_FILES_H
#define L4R_DATA_DATASET_FILES_H

#include <stddef.h>
#include <stdint.h>

enum {
  L4R_FILE_TRAIN,
  L4R_FILE_VALIDATION,
  L4R_FILE_TEST,
  L4R_FILE_ITEMS,
  L4R_FILE_TIMES, /* optional, like the next */
  L4R_FILE_USERS, /* only names; not part of the data set's identity */
  L4R_DATASET_FILES,
};

#define L4R_USERS_HEADER "user\tsource_id"
#define L4R_ITEMS_HEADER "item\tsource_id\ttitle\tbrand\tcategories"

#define L4R_SPLIT_LEAVE_ONE_OUT "leave-one-out"
#define L4R_SPLIT_TIME          "time"

extern const char *const l4r_dataset_file[L4R_DATASET_FILES]; /* names inside the folder */

/* The data set's identity: the SHA-256 of the list "name hash\n" of the files that are there (an
 * empty hash means the file is absent), in the order above, and of "split time CUT CUT\n" where the
 * data set is split by time (`cut` [2], NULL or 0 for leave-one-out): the same files under another
 * split are another data set. The users' names change no result, so users.tsv is left out, and data
 * sets from before it keep their identity. Pure: `hash` is not changed, but before C23 an array of
 * arrays cannot be passed as const. */
void l4r_dataset_identity(char hash[L4R_DATASET_FILES][65], const int64_t *cut, char identity[65]);

/* Sets *train and *validation to the lengths of a user's parts. `time` holds the times of n
 * interactions, ascending (unused under leave-one-out, cut NULL). Pure. */
void l4r_dataset_split(const int64_t *time, int64_t n, const int64_t *cut, int64_t *train,
                       int64_t *validation);

struct l4r_dataset;

/* The private part of an open data set (struct l4r_dataset, storage). */
struct l4r_dataset_storage {
  char hash[L4R_DATASET_FILES][65]; /* as dataset.json states them; "" for a missing file */
  char *items_content;              /* the memory of `text` */
  char *users_content;              /* the memory of `user_id` */
};

/* Reads one file of an opened folder and compares its hash with the stated one. `path` is
 * [L4R_PATH_MAX]; *content is freed with l4r_free. L4R_INPUT where they differ, or where the
 * description states none. */
int l4r_dataset_read_part(const struct l4r_dataset *dataset, int file, char *path, char **content,
                          size_t *bytes);

/* Returns whether the folder's description states the file. */
int l4r_dataset_has(const struct l4r_dataset *dataset, int file);

#endif
