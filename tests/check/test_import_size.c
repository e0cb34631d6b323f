/* SPDX-License-Identifier: BSD-3-Clause */
/* An import of ML-1M's size: 1,000,209 ratings of 6,040 users and 3,706 items, drawn, in the true
 * format. The time is printed, not asserted: it belongs to the machine (bound to reach: 3 s). */
#include "bench/import/import.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/random.h"
#include "tests/support/files.h"

enum { USERS = 6040, ITEMS = 3706, RATINGS = 1000209 };

static const char *write_ratings(void) {
  const char *path = test_path("ratings.dat");
  FILE *file = fopen(path, "wb");
  cr_assert_not_null(file);
  struct l4r_random random;
  l4r_random_seed(&random, 1);
  /* A user's items are a walk through all of them in steps of 37, which ITEMS is no multiple of. */
  for (int64_t i = 0; i < RATINGS; i++) {
    const int64_t user = i % USERS, step = i / USERS;
    fprintf(file, "%d::%d::%d::%d\n", (int)user + 1, (int)((user * 101 + step * 37) % ITEMS) + 1,
            (int)l4r_random_below(&random, 5) + 1,
            956703932 + (int)l4r_random_below(&random, 1000000));
  }
  cr_assert_eq(fclose(file), 0);
  return path;
}

Test(import_size, a_million_ratings) {
  struct l4r_import_report report;
  const struct l4r_import_options options = {
      .file = {write_ratings(), test_file("movies.dat", "1::One (1990)::Drama\n")},
      .files = 2,
      .kcore = 5,
      .out = test_path("out")};
  const int64_t begin = l4r_now_ns();
  cr_assert_eq(l4r_import_run("ml-1m", &options, &report), 0, "%s", l4r_error_message());
  fprintf(stderr, "import of %d ratings: %.2f s\n", RATINGS, (double)(l4r_now_ns() - begin) * 1e-9);
  cr_assert_eq(report.interactions, RATINGS);
  cr_assert_eq(report.users, USERS);
  cr_assert_eq(report.items, ITEMS);
  cr_assert_eq(report.repeats, 0);
}

/* --- memory is that of the interactions ----------------------------------------------------------
 */

enum { FAT_ROWS = 300000, FAT = 900, FAT_USERS = 3000 };

static long peak_megabytes(void) {
  struct rusage usage;
  cr_assert_eq(getrusage(RUSAGE_SELF, &usage), 0);
  return usage.ru_maxrss / 1024;
}

/* Some 280 MB, of which next to nothing is user, item or time. */
static const char *write_fat(const char *name, const char *header, const char *row) {
  static char text[FAT + 1];
  memset(text, 'x', FAT);
  const char *path = test_path(name);
  FILE *file = fopen(path, "wb");
  cr_assert_not_null(file);
  fputs(header, file);
  for (int i = 0; i < FAT_ROWS; i++)
    fprintf(file, row, i % FAT_USERS + 1, i / FAT_USERS * 31 % 997 + 1, 1000000000 + i, text);
  cr_assert_eq(fclose(file), 0);
  return path;
}

static void import_fat(const char *kind, const char *first, const char *second) {
  struct l4r_import_report report;
  const struct l4r_import_options options = {
      .file = {first, second},
      .files = 1 + (second != NULL),
      .out = test_path("fat"),
      .columns = {.user = second ? NULL : "u", .item = second ? NULL : "i"}};
  const long before = peak_megabytes();
  cr_assert_eq(l4r_import_run(kind, &options, &report), 0, "%s", l4r_error_message());
  const long more = peak_megabytes() - before;
  fprintf(stderr, "%s of 280 MB: %ld MB more\n", kind, more);
  cr_assert_eq(report.interactions, FAT_ROWS);
  cr_assert_lt(more, 64, "%ld MB for %d interactions", more, FAT_ROWS);
}

Test(import_size, a_fat_table_takes_no_memory) {
  import_fat("csv", write_fat("fat.csv", "u,i,t,text\n", "%d,%d,%d,\"%s\"\n"), NULL);
}

Test(import_size, fat_json_lines_take_no_memory) {
  import_fat("jsonl",
             write_fat("fat.jsonl", "", "{\"u\": %d, \"i\": %d, \"t\": %d, \"x\": \"%s\"}\n"),
             NULL);
}

Test(import_size, fat_reviews_take_no_memory) {
  import_fat("amazon-2014",
             write_fat("fat.json", "",
                       "{\"reviewerID\": \"A%d\", \"asin\": \"B%d\", \"unixReviewTime\": %d, "
                       "\"reviewText\": \"%s\"}\n"),
             test_file("meta.json", "{\"asin\": \"B1\", \"title\": \"One\"}\n"));
}
