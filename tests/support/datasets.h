/* SPDX-License-Identifier: BSD-3-Clause */
/* Data sets that tests write. Every function asserts. */
#ifndef L4R_TESTS_SUPPORT_DATASETS_H
#define L4R_TESTS_SUPPORT_DATASETS_H

#include "impl/data/dataset_write.h"

#include <stdint.h>

struct test_interactions {
  int64_t users, items;
  const int64_t *start; /* [users + 1] */
  const l4r_item *item; /* [start[users]] */
};

/* A data set of these interactions, to be changed and written: its source a test, ties by item, no
 * filters, times or cuts. What it points to is borrowed. */
struct l4r_dataset_source test_source(const char *name, const struct test_interactions *of,
                                      const struct l4r_item_text *text);

/* Writes it into the scratch folder's `folder`. */
void test_dataset_write(const char *folder, const struct l4r_dataset_source *source);

/* Opens these parts of the scratch folder's `folder`. */
struct l4r_dataset *test_dataset_open(const char *folder, unsigned parts);

#endif
