/* SPDX-License-Identifier: BSD-3-Clause */
/* Users and items as people name them, and what is said of a name that nobody has. */
#ifndef L4R_DATA_DATASET_NAMES_H
#define L4R_DATA_DATASET_NAMES_H

#include "impl/data/dataset.h"

/* Finds the user (from 0) who has this id in the imported files; in a folder without users.tsv, the
 * users are called 1 to `users`. USERS must have been opened. L4R_INPUT, with the nearest ids,
 * where nobody is called so. */
int l4r_dataset_user_named(const struct l4r_dataset *dataset, const char *id, int64_t *user);

/* Finds the item that has this id in the imported files, this title (whatever its case), or the one
 * title that begins so. TEXT must have been opened. L4R_INPUT, with the first five of them and
 * their ids, where several items have the title, or no item does and several titles begin so; and,
 * with the nearest titles, where none does. O(items). */
int l4r_dataset_item_named(const struct l4r_dataset *dataset, const char *words, l4r_item *item);

#endif
