/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/datasets.h"

#include "impl/base/error.h"
#include "impl/data/dataset_write.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>

struct l4r_dataset_source test_source(const char *name, const struct test_interactions *of,
                                      const struct l4r_item_text *text) {
  return (struct l4r_dataset_source){.name = name,
                                     .source = "test",
                                     .tie = "item",
                                     .filters = "",
                                     .users = of->users,
                                     .items = of->items,
                                     .start = of->start,
                                     .item = of->item,
                                     .text = text};
}

void test_dataset_write(const char *folder, const struct l4r_dataset_source *source) {
  cr_assert_eq(l4r_dataset_write(test_path(folder), source), 0, "%s", l4r_error_message());
}

struct l4r_dataset *test_dataset_open(const char *folder, unsigned parts) {
  struct l4r_dataset *dataset;
  cr_assert_eq(l4r_dataset_open(test_path(folder), parts, &dataset), 0, "%s", l4r_error_message());
  return dataset;
}
