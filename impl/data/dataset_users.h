/* SPDX-License-Identifier: BSD-3-Clause */
/* The names of users and items in the files that were imported. */
#ifndef L4R_DATA_DATASET_USERS_H
#define L4R_DATA_DATASET_USERS_H

#include "impl/data/dataset.h"

/* Finds the user (from 0; -1 for none) or the item (from 1; 0 for none) that has this name in the
 * imported files. USERS or TEXT must have been opened, and a folder without users.tsv knows no
 * user. Each call walks through all names, so build a table for many look-ups. */
int64_t l4r_dataset_find_user(const struct l4r_dataset *dataset, const char *source_id);
l4r_item l4r_dataset_find_item(const struct l4r_dataset *dataset, const char *source_id);

/* Opens users.tsv, if there is one, into dataset->user_id; *content is the memory of its names. */
int l4r_dataset_open_users(struct l4r_dataset *dataset, char **content);

#endif
