/* SPDX-License-Identifier: BSD-3-Clause */
/* Bad input: the code, a message that names file and line, and nothing written. */
#include "bench/import/import.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "bench/commands/commands.h"
#include "impl/base/error.h"
#include "tests/support/files.h"

enum { KEEP = -1 };

static const char good_ratings[] = "1::1::5::10\n1::2::5::11\n1::3::5::12\n";
static const char good_movies[] = "1::One (1990)::Drama\n";
static const char good_csv[] = "userId,movieId,rating,timestamp\n1,1,5,1\n1,2,5,2\n1,3,5,3\n";
static const char good_movie_csv[] = "movieId,title,genres\n1,One,Drama\n";
static const char good_reviews[] =
    "{\"reviewerID\": \"A\", \"asin\": \"B\", \"unixReviewTime\": 1}\n";
static const char good_inter[] =
    "user_id:token\titem_id:token\ttimestamp:float\nu\ta\t1\nu\tb\t2\nu\tc\t3\n";

/* `bytes` is the length of a first file that holds a NUL, else KEEP. */
static const struct bad {
  const char *kind, *first, *second, *message;
  int bytes;
} cases[] = {
    {"ml-1m", "", good_movies, "first: the file is empty", KEEP},
    {"ml-1m", "1::1::5::10\n1::2\0::5::11\n", good_movies, "first:2: a NUL byte", 25},
    {"ml-1m", "1::1::5::10\n1::2::5\n", good_movies, "first:2: 3 fields", KEEP},
    {"ml-1m", "1::1::5::10\n\nx\n", good_movies, "first:3: 1 fields", KEEP},
    {"ml-1m", "1::1::5::10\nx::2::5::11\n", good_movies, "first:2: user id 'x' is not a whole",
     KEEP},
    {"ml-1m", "1::1.5::5::10\n", good_movies, "first:1: movie id '1.5' is not a whole", KEEP},
    {"ml-1m", "1::0::5::10\n", good_movies, "first:1: movie id 0 is out of range", KEEP},
    {"ml-1m", "1::-4::5::10\n", good_movies, "first:1: movie id -4 is out of range", KEEP},
    {"ml-1m", "1::4294967297::5::10\n", good_movies, "movie id 4294967297 is out of range", KEEP},
    {"ml-1m", "1::99999999999999999999::5::1\n", good_movies, "first:1: movie id", KEEP},
    {"ml-1m", "1::1::five::10\n", good_movies, "first:1: rating 'five'", KEEP},
    {"ml-1m", "1::1::5::1e30\n", good_movies, "first:1: timestamp '1e30' is out of range", KEEP},
    {"ml-1m", "1::1::5::noon\n", good_movies, "first:1: timestamp 'noon'", KEEP},
    {"ml-1m", "1::1::5::99999999999999999999\n", good_movies, "first:1: timestamp", KEEP},
    {"ml-1m", "1::1::5\xff::10\n", good_movies, "first:1: byte 8 of the file is not UTF-8", KEEP},
    {"ml-1m", "1::1::5::10\n2::1::5::10\n2::2::5::10\n", good_movies, "no user is left", KEEP},
    {"ml-1m", good_ratings, "", "second: the file is empty", KEEP},
    {"ml-1m", good_ratings, "1::One\n", "second:1: 2 fields", KEEP},
    {"ml-1m", good_ratings, "a::One::Drama\n", "second:1: movie id 'a'", KEEP},
    {"ml-100k", "1 1 5 10\n", "x", "first:1: 1 fields", KEEP},
    {"ml-100k", "1\t1\t5\t-\n", "x", "first:1: timestamp '-' is not a number", KEEP},
    {"ml-100k", "1\t1\t5\t1\n", "1|One|||\n", "second:1: 5 fields", KEEP},
    {"ml-100k", "1\t1\t5\t1\n", "1|One||||2|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n",
     "second:1: genre flag '2'", KEEP},
    {"ml-latest", "userId,movieId,rating\n", "x", "first:1: the header names no column 'timestamp'",
     KEEP},
    {"ml-latest", "userId,movieId,rating,timestamp\n1,1,5\n", "x", "first:2: 3 fields", KEEP},
    {"ml-latest", "userId,movieId,rating,timestamp\n1,1,5,\n", good_movie_csv,
     "first:2: timestamp '' is missing", KEEP},
    {"ml-latest", good_csv, "movieId,title,genres\n1,\"a\nb\",c\n2,\"open,c\n", "second:4: a quote",
     KEEP},
    {"ml-latest", good_csv, "movieId,title,genres\n1,\"a\"b,c\n", "second:2: text follows", KEEP},
    {"amazon-2014", "{\"reviewerID\": \"A\"}\n", "x", "first:1: asin is missing", KEEP},
    {"amazon-2014", "{\"reviewerID\": null, \"asin\": \"B\"}\n", "x", "first:1: reviewerID is null",
     KEEP},
    {"amazon-2014", "{\"asin\": \"A\"}\n", "x", "first:1: reviewerID is missing", KEEP},
    {"amazon-2014", "{\"reviewerID\": \"A\", \"asin\": \"B\"}\n", "x", "first:1: unixReviewTime",
     KEEP},
    {"amazon-2014", "{\"reviewerID\": \"A\", \"asin\": \"B\", \"unixReviewTime\": [1]}\n", "x",
     "first:1: unixReviewTime is neither a text nor a number", KEEP},
    {"amazon-2014", "[1]\n", "x", "first:1: the line holds no dictionary", KEEP},
    {"amazon-2014", good_reviews, "{'asin': 'B', 'title': 'open}\n", "second:1: column", KEEP},
    {"amazon-2014", good_reviews, "{'asin': 'B'\n", "second:1: column 13: the line ends", KEEP},
    {"amazon-2014", good_reviews, "{'asin': 'B\xff'}\n", "second:1: byte 12", KEEP},
    {"amazon-2014", good_reviews, "{'asin': 'B'}\n", "no user is left", KEEP},
    {"sequences", "1 2 3 4\n1 5 6 7\n", NULL, "first:2: user 1 has a line above", KEEP},
    {"sequences", "1 2 x 4\n", NULL, "first:1: item id 'x'", KEEP},
    {"sequences", "1 2 -3 4\n", NULL, "first:1: item id -3 is out of range", KEEP},
    {"sequences", "1 2 3\0 4\n", NULL, "first:1: a NUL byte", 9},
    {"sequences", "1 2\n2 3 4\n", NULL, "no user is left", KEEP},
    {"sequences", "7 ", NULL, "no user is left", KEEP}, /* no interaction at all */
    {"recbole", "user_id:token\titem_id:token\ttimestamp:float\n", NULL, "no user is left", KEEP},
    {"sequences", "1 2 3 4\n", "what is this\n", "second:1: neither movies.dat", KEEP},
    {"sequences", "1 2 3 4\n", "item_id\ttitle\n1\n", "second:2: 1 fields", KEEP},
    {"sequences", "1 2 3 4\n", "item_id\ttitle\nB\tt\n", "second:2: item id 'B'", KEEP},
    {"sequences", "1 2 3 4\n", "item_id\ttitle\n9\tx\n", "no line of", KEEP},
    {"recbole", "user_id\titem_id\n", NULL, "first:1: column 'user_id' has no type", KEEP},
    {"recbole", "user_id:token\titem_id:token\n", NULL, "no column timestamp:float", KEEP},
    {"recbole", "user_id:token\titem_id:token\ttimestamp:float\nu\ta\n", NULL, "first:2: 2", KEEP},
    {"recbole", "user_id:token\titem_id:token\ttimestamp:float\nu\ta\t2001-02-30\n", NULL,
     "first:2: timestamp '2001-02-30' names a day that no calendar has", KEEP},
    {"recbole", "user_id:token\titem_id:token\ttimestamp:float\nu\ta\tnan\n", NULL,
     "first:2: timestamp 'nan'", KEEP},
    {"recbole", "user_id:token\titem_id:token\ttimestamp:float\nu\t\t1\n", NULL,
     "first:2: the item id is empty", KEEP},
    {"sequences", "u1 2 3 4\n", NULL, "lite4rec data import lists FILE", KEEP},
    {"amazon-2014", "{\n  \"asin\": \"B\"\n}\n", "x",
     "first holds objects of several lines; what is", KEEP},
    {"ml-latest", "userId,movieId,rating,timestamp\r1,1,5,1\r1,2,5,2\r", good_movie_csv,
     "first is text whose lines end in CR alone, which is not read; convert it: tr '\\r' '\\n' <",
     KEEP},
    {"ml-latest", "userId,movieId,rating,timestamp\n1,1,5,31.03.2005 23:53\n", good_movie_csv,
     "'31.03.2005 23:53' is not a number or a date (as 2005-03-31 23:53:00)", KEEP},
    {"recbole", good_inter, "name:token\nx\n", "second:1: the header names no column item_id",
     KEEP},
};

static int run(const struct bad *bad) {
  struct l4r_import_report report;
  struct l4r_import_options options = {.files = 1, .out = test_path("new/out")};
  const size_t bytes = bad->bytes == KEEP ? strlen(bad->first) : (size_t)bad->bytes;
  options.file[0] = test_bytes("first", bad->first, bytes);
  const char *second = bad->second ? test_file("second", bad->second) : NULL;
  if (!strcmp(bad->kind, "sequences"))
    options.items = second;
  else if (second)
    options.file[options.files++] = second;
  return l4r_import_run(bad->kind, &options, &report);
}

Test(import_bad, input_is_refused_with_file_and_line_and_nothing_is_written) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const int status = run(&cases[i]);
    cr_assert_eq(status, L4R_INPUT, "case %zu: status %d: %s", i, status, l4r_error_message());
    cr_assert_eq(l4r_exit_code(status), 3);
    cr_assert(strstr(l4r_error_message(), cases[i].message), "case %zu: '%s' is not in: %s", i,
              cases[i].message, l4r_error_message());
    cr_assert_eq(test_entries("new"), -1, "case %zu left a folder", i);
  }
}

Test(import_bad, why_no_user_is_left) {
  struct l4r_import_report report;
  const double least = 6;
  struct l4r_import_options options = {
      .files = 1, .file = {test_file("first", good_csv)}, .out = test_path("new/out")};
  options.columns = (struct l4r_columns){.user = "userId", .item = "movieId", .rating = "rating"};
  options.least = &least;
  cr_assert_eq(l4r_import_run("csv", &options, &report), L4R_INPUT);
  cr_assert(strstr(l4r_error_message(), "no user is left: all ratings are below --min-rating"),
            "%s", l4r_error_message());
  options.least = NULL;
  options.columns.item = "rating";
  cr_assert_eq(l4r_import_run("csv", &options, &report), L4R_INPUT);
  cr_assert(strstr(l4r_error_message(), "all 1 have fewer than 3 different items"), "%s",
            l4r_error_message());
  options.columns.item = "movieId";
  options.kcore = 9;
  cr_assert_eq(l4r_import_run("csv", &options, &report), L4R_INPUT);
  cr_assert(strstr(l4r_error_message(), "lower --kcore"), "%s", l4r_error_message());
}

/* A list of bad lines is told whole, however long the path is; each has its line. */
Test(import_bad, a_long_path_leaves_room_for_what_is_wrong) {
  char folder[512], path[1024], text[512] = "";
  memset(folder, 'p', 200);
  strcpy(folder + 200, "/");
  memset(folder + 201, 'q', 200);
  folder[401] = '\0';
  snprintf(path, sizeof path, "%s/s", folder);
  for (int i = 1; i <= 12; i++) sprintf(text + strlen(text), "a%d 1 2 3\n", i);
  folder[200] = '\0';
  cr_assert_eq(mkdir(test_path(folder), 0777), 0);
  folder[200] = '/';
  cr_assert_eq(mkdir(test_path(folder), 0777), 0);
  struct l4r_import_report report;
  const struct l4r_import_options options = {
      .files = 1, .file = {test_file(path, text)}, .out = test_path("new/out")};
  cr_assert_eq(l4r_import_run("sequences", &options, &report), L4R_INPUT);
  for (int i = 2; i <= 10; i++) {
    char part[64];
    snprintf(part, sizeof part, "q/s:%d: user id 'a%d' is not a whole number", i, i);
    cr_assert(strstr(l4r_error_message(), part), "no %s in %s", part, l4r_error_message());
  }
  cr_assert(strstr(l4r_error_message(), "and 2 more"), "%s", l4r_error_message());
}

/* --- the command line ----------------------------------------------------------------------------
 */

static int command(int argc, ...) {
  char *argv[16] = {(char *)"data"};
  va_list arguments;
  va_start(arguments, argc);
  for (int i = 1; i <= argc; i++) argv[i] = va_arg(arguments, char *);
  va_end(arguments);
  return l4r_command_data(argc + 1, argv);
}

static void expect(int status, int code, const char *part) {
  cr_assert_eq(status, code, "status %d: %s", status, l4r_error_message());
  cr_assert(strstr(l4r_error_message(), part), "'%s' is not in: %s", part, l4r_error_message());
  cr_assert_eq(test_entries("o"), -1, "a folder was left behind");
}

Test(import_bad, usage) {
  char *r = (char *)test_file("r", good_ratings), *m = (char *)test_file("m", good_movies);
  char *o = (char *)test_path("o");
  expect(command(1, "bogus"), L4R_USAGE, "no action 'bogus'");
  expect(command(1, "import"), L4R_USAGE, "KIND");
  expect(command(4, "import", "bogus", "--out", o), L4R_USAGE,
         "known: csv jsonl ml-1m ml-100k ml-latest");
  expect(command(5, "import", "ml-1m", r, "--out", o), L4R_USAGE, "ratings.dat movies.dat");
  expect(command(4, "import", "ml-1m", r, m), L4R_USAGE, "--out");
  expect(command(8, "import", "ml-1m", r, m, "--out", o, "--tie", "dice"), L4R_USAGE, "'dice'");
  expect(command(8, "import", "ml-1m", r, m, "--out", o, "--kcore", "-1"), L4R_USAGE, "--kcore");
  expect(command(8, "import", "ml-1m", r, m, "--out", o, "--kcore", "x"), L4R_USAGE, "--kcore");
  expect(command(8, "import", "ml-1m", r, m, "--out", o, "--items", m), L4R_USAGE, "--items");
  expect(command(8, "import", "ml-1m", r, m, "--out", o, "--tie-label", "item"), L4R_USAGE,
         "--tie-label");
  expect(command(7, "import", "sequences", r, "--out", o, "--tie", "item"), L4R_USAGE,
         "--tie-label NAME");
  expect(command(7, "import", "ml-1m", r, m, "--out", o, "--bogus"), L4R_USAGE, "--bogus");
}

Test(import_bad, files_that_cannot_be_opened) {
  char *o = (char *)test_path("o"), *m = (char *)test_file("m", good_movies);
  char *none = (char *)test_path("none");
  expect(command(6, "import", "ml-1m", none, m, "--out", o), L4R_INPUT, "none: No such file");
  expect(command(6, "import", "ml-1m", (char *)test_folder(), m, "--out", o), L4R_INPUT, "folder");
}

Test(import_bad, output_that_cannot_be_written) {
  char *r = (char *)test_file("r", good_ratings), *m = (char *)test_file("m", good_movies);
  char *inside = (char *)test_path("r/o"), *o = (char *)test_path("o");
  const int status = command(6, "import", "ml-1m", r, m, "--out", inside);
  expect(status, L4R_ENVIRONMENT, inside);
  cr_assert_eq(l4r_exit_code(status), 4);
  struct rlimit limit;
  cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
  const struct rlimit full = {4, limit.rlim_max};
  signal(SIGXFSZ, SIG_IGN); /* as main does */
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
  const int on_full_disk = command(6, "import", "ml-1m", r, m, "--out", o);
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
  expect(on_full_disk, L4R_ENVIRONMENT, "o/items.tsv");
}
