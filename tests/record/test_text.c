/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/text.h"

#include "tests/support/derived.h"

#include <criterion/criterion.h>

static void names(const char *tie, const char *filters, const char *expected) {
  char label[256];
  json_t *record = json_pack("{s:{s:s, s:s, s:s}}", "dataset", "name", "ml", "tie", tie, "filters",
                             filters);
  cr_assert_str_eq(l4r_dataset_label_of(test_record_of(record), label, sizeof label), expected);
  json_decref(record);
}

Test(text, a_data_set_is_named_with_its_tie_rule) {
  names("file", "", "ml (ties by file)");
  names("item", "kcore=5", "ml (ties by item id: inflated)");
  names("unstated", "kcore=5 repeats=all", "ml (ties by unstated, repeats kept)");
  names("none", "repeats=all", "ml (repeats kept)");
  names("none", "", "ml");
}

Test(text, records_without_a_rule_keep_their_name) {
  char label[256];
  json_t *record = json_pack("{s:{s:s}}", "dataset", "name", "old");
  cr_assert_str_eq(l4r_dataset_label_of(test_record_of(record), label, sizeof label), "old");
  json_decref(record);
}
