/* SPDX-License-Identifier: BSD-3-Clause */
/* The published counts, on the real files where somebody has them ($L4R_SHARED or ../shared). */
#include "bench/import/import.h"

#include <criterion/criterion.h>

#include "impl/base/error.h"
#include "tests/support/files.h"

static const struct real {
  const char *kind, *first, *second;
  int64_t kcore, users, items, interactions;
} sets[] = {
    {"sequences", "ml-1m/ml1m_5core_seq.txt", "ml-1m/movies.dat", 0, 6040, 3416, 999611},
    {"sequences", "ml-1m/ml1m_full_seq.txt", "ml-1m/movies.dat", 0, 6040, 3706, 1000209},
    {"sequences", "ml-1m/ml1m_full_seq.txt", "ml-1m/movies.dat", 5, 6040, 3416, 999611},
    {"sequences", "amazon/beauty/sequential_data.txt", "amazon/beauty/items.tsv", 0, 22363, 12101,
     198502},
    {"sequences", "amazon/toys/sequential_data.txt", "amazon/toys/items.tsv", 0, 19412, 11924,
     167597},
    {"ml-100k", "ml-100k/u.data", "ml-100k/u.item", 0, 943, 1682, 100000},
    {"ml-latest", "ml-latest-small/ratings.csv", "ml-latest-small/movies.csv", 0, 610, 9724,
     100836},
};

static void check(int i) {
  const struct real *set = &sets[i];
  const char *first = test_shared(set->first), *second = test_shared(set->second);
  if (!first || !second) cr_skip_test("the real data are not on this machine");
  struct l4r_import_report report;
  struct l4r_import_options options = {
      .file = {first, second}, .files = 2, .kcore = set->kcore, .out = test_path("out")};
  if (set->kind[0] == 's') {
    options.files = 1;
    options.items = second;
  }
  cr_assert_eq(l4r_import_run(set->kind, &options, &report), 0, "%s", l4r_error_message());
  cr_assert_eq(report.users, set->users);
  cr_assert_eq(report.items, set->items);
  cr_assert_eq(report.interactions, set->interactions);
  cr_assert_eq(report.repeats, 0);
  cr_assert_eq(report.short_users, 0);
  cr_assert_eq(report.without_text, 0);
}

Test(import_real, ml_1m_5core) {
  check(0);
}
Test(import_real, ml_1m_full) {
  check(1);
}
Test(import_real, ml_1m_full_cut_to_5core) {
  check(2);
}
Test(import_real, beauty) {
  check(3);
}
Test(import_real, toys) {
  check(4);
}
Test(import_real, ml_100k) {
  check(5);
}
Test(import_real, ml_latest_small) {
  check(6);
}
