/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes a data set folder. */
#ifndef L4R_DATA_DATASET_WRITE_H
#define L4R_DATA_DATASET_WRITE_H

#include "impl/data/dataset.h"

/* The input of a writer: whole sequences, oldest first, over items 1..items. */
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
  int repeats;                        /* 1: items may occur several times in a sequence */
};

/* Splits the data and writes the folder, which at every instant is either the old or the new one
 * (impl/base/folder.h). L4R_INPUT for users that should have been dropped before (under
 * leave-one-out those with fewer than 3 interactions, under time those whose first interaction is
 * not before cut[1]), and for cuts that leave nothing to train on, or no user with a validation or
 * a test target. A line of validation.txt and test.txt is a user and that part, which may be empty
 * in a split by time. times.txt holds "user time time ..." for the training part and then both
 * held-out parts, so training code does not open it. */
int l4r_dataset_write(const char *folder, const struct l4r_dataset_source *source);

#endif
