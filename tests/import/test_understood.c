/* SPDX-License-Identifier: BSD-3-Clause */
/* What files hold that their format does not promise: understood, refused, or warned of. */
#include "bench/import/check.h"
#include "bench/import/cut.h"
#include "bench/import/import.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "impl/base/error.h"
#include "tests/support/files.h"

static struct l4r_import_report report;

static int run(const char *kind, struct l4r_import_options options) {
  options.out = test_path("out");
  while (options.files < 4 && options.file[options.files]) options.files++;
  return l4r_import_run(kind, &options, &report);
}

#define OK(call)    cr_assert_eq(call, 0, "%s", l4r_error_message())
#define WARNS(part) cr_assert(is_warned(part), "no warning says '%s'", part)

static int is_warned(const char *part) {
  for (int w = 0; w < report.warnings; w++)
    if (strstr(report.warning[w], part)) return 1;
  return 0;
}

static void fails(int status, const char *part) {
  cr_assert_eq(status, L4R_INPUT, "status %d: %s", status, l4r_error_message());
  cr_assert(strstr(l4r_error_message(), part), "'%s' is not in: %s", part, l4r_error_message());
}

static void holds(const char *name, const char *content) {
  const char *found = test_read(name);
  cr_assert_str_eq(found, content, "%s holds:\n%s", name, found);
}

/* --- the order of ids ----------------------------------------------------------------------------
 */

/* Three users with the items 9 10 100 8 77 at one time, and `odd` once more. */
static void import_ties(const char *odd, enum l4r_tie tie) {
  char text[1024] = "user_id:token\titem_id:token\ttimestamp:float\n";
  for (int user = 1; user <= 3; user++)
    sprintf(text + strlen(text), "%d\t9\t5\n%d\t10\t5\n%d\t100\t5\n%d\t8\t5\n%d\t77\t5\n", user,
            user, user, user, user);
  if (odd) sprintf(text + strlen(text), "1\t%s\t1\n", odd);
  OK(run("recbole", (struct l4r_import_options){.file = {test_file("x.inter", text)}, .tie = tie}));
}

Test(understood, one_odd_id_does_not_turn_the_order_of_the_others) {
  static const char *const odd[] = {
      NULL, "18446744073709551615", "123456789012345678901234567890", "item 5", "N/A", "-", "1e3"};
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
    import_ties(odd[i], L4R_TIE_ITEM);
    /* 8 9 10 77 100 are 1 to 5, the odd one comes after them. */
    cr_assert(strstr(test_read("out/train.txt"), "2 1 2 3\n3 1 2 3\n"), "%s: %s", odd[i],
              test_read("out/train.txt"));
    holds("out/test.txt", "1 5\n2 5\n3 5\n");
    cr_assert(strstr(report.order, i < 3 ? "items by number" : "items by number, then by bytes"),
              "%s", report.order);
  }
  import_ties("-6", L4R_TIE_ITEM); /* a negative number is before them */
  holds("out/test.txt", "1 6\n2 6\n3 6\n");
}

Test(understood, ids_of_one_length_are_ordered_by_bytes) {
  OK(run("lists", (struct l4r_import_options){
                      .file = {test_file("l", "u 000078764X 0000791156 B00001 0000013714\n")}}));
  holds("out/train.txt", "1 2 3\n"); /* 0000013714 000078764X 0000791156 B00001 */
  cr_assert(strstr(report.order, "items by bytes ('000078764X' is no number)"), "%s", report.order);
}

Test(understood, blanks_around_ids_are_no_part_of_them) {
  OK(run("recbole",
         (struct l4r_import_options){
             .file = {test_file("x.inter",
                                "user_id:token\titem_id:token\ttimestamp:float\n"
                                "u\ta b\t1\nu \t a b\t2\n u\tc\t3\nu\td\t4\n"
                                "\xc2\xa0u\td\xc2\xa0\t5\n\xe2\x80\x8bu\te\xe3\x80\x80\t6\n")}}));
  holds("out/users.tsv", "user\tsource_id\n1\tu\n");
  cr_assert(strstr(test_read("out/items.tsv"), "1\ta b\t"));
  cr_assert_eq(report.items, 4);
  cr_assert_eq(report.trimmed, 7);
}

/* --- ties ----------------------------------------------------------------------------------------
 */

Test(understood, equal_times_stay_in_the_order_of_lines_unless_asked) {
  import_ties(NULL, (struct l4r_import_options){0}.tie);
  holds("out/test.txt", "1 4\n2 4\n3 4\n"); /* 77 */
  cr_assert(strstr(test_read("out/dataset.json"), "\"tie\": \"file\""));
  WARNS("15 of 15 interactions have the time of another of their user");
  import_ties(NULL, L4R_TIE_ITEM);
  cr_assert(strstr(test_read("out/dataset.json"), "\"tie\": \"item\""));
  WARNS("inflates models that know order");
}

/* Sequences have no times: the rule is the word of who made their order. */
Test(understood, sequences_in_order_of_item_ids_are_warned_of) {
  const char *lines = test_file("s", "1 5 2 9 4\n2 3 1 8 5\n3 9 7 1 2\n");
  OK(run("sequences", (struct l4r_import_options){.file = {lines}, .tie_label = "item"}));
  WARNS("--tie-label item");
  OK(run("sequences", (struct l4r_import_options){.file = {lines}, .tie_label = "file"}));
  for (int w = 0; w < report.warnings; w++)
    cr_expect_null(strstr(report.warning[w], "inflates"), "%s", report.warning[w]);
}

/* A stable order over more events than the sort's runs hold, against all of them in one go. */
Test(understood, long_histories_keep_the_order_of_lines_among_equal_times) {
  enum { EVENTS = 1000, TIMES = 7 };
  static char lines[EVENTS * 16 + 64];
  sprintf(lines, "u,i,t\n");
  for (int i = 0; i < EVENTS; i++)
    sprintf(lines + strlen(lines), "1,%d,%d\n", i * 577 % EVENTS + 1, i * 31 % TIMES);
  OK(run("csv", (struct l4r_import_options){.file = {test_file("t.csv", lines)},
                                            .columns = {.user = "u", .item = "i", .time = "t"}}));
  char expected[EVENTS * 8] = "1";
  int left = EVENTS - 2;
  for (int time = 0; time < TIMES; time++)
    for (int i = 0; i < EVENTS; i++)
      if (i * 31 % TIMES == time && left-- > 0)
        sprintf(expected + strlen(expected), " %d", i * 577 % EVENTS + 1);
  strcat(expected, "\n");
  holds("out/train.txt", expected);
}

/* --- order of time -------------------------------------------------------------------------------
 */

Test(understood, sequences_in_the_order_of_ids_are_warned_of) {
  struct l4r_check_report check = {0};
  const char *sorted = test_file("s", "1 1 2 3 4\n2 2 3 5 9\n3 1 7 8 9\n4 3 4 7 8\n");
  OK(run("sequences", (struct l4r_import_options){.file = {sorted}}));
  WARNS("100 % of the users have their items in ascending order of ids");
  OK(l4r_dataset_check(test_path("out"), &check));
  cr_assert_eq(check.ascending, 4);
  const char *reversed = test_file("s", "1 4 3 2 1\n2 9 5 3 2\n3 9 8 7 1\n4 8 7 4 3\n");
  OK(run("sequences", (struct l4r_import_options){.file = {reversed}}));
  WARNS("100 % of the users have their items in descending order of ids");
  OK(l4r_dataset_check(test_path("out"), &check));
  cr_assert_eq(check.descending, 4);
  const char *mixed = test_file("s", "1 4 3 2 1\n2 2 9 3 5\n3 9 8 7 1\n4 3 4 7 8\n");
  OK(run("sequences", (struct l4r_import_options){.file = {mixed}}));
  cr_assert_eq(report.warnings, 0, "%s", report.warning[0]);
}

/* --- times ---------------------------------------------------------------------------------------
 */

static int import_times(const char *const times[6], const struct l4r_cut *cut) {
  char text[512] = "user,item,time\n";
  for (int i = 0; i < 6; i++) sprintf(text + strlen(text), "%d,%d,%s\n", i / 3, i % 3, times[i]);
  return run("csv", (struct l4r_import_options){
                        .file = {test_file("t.csv", text)},
                        .cut = cut,
                        .columns = {.user = "user", .item = "item", .time = "time"}});
}

Test(understood, fractions_of_seconds_split_by_time) {
  static const char *const times[] = {"0.5055", "0.506", "0.5085", "0.5060", "0.5075", "0.509"};
  const struct l4r_cut cut = {{.5, .7}};
  OK(import_times(times, &cut));
  holds("out/times.txt", "1 505500 506000 508500\n2 506000 507500 509000\n");
  cr_assert(strstr(test_read("out/dataset.json"), "\"time_unit\": \"us\""));
  cr_assert(strstr(test_read("out/dataset.json"), "507500"));
  struct l4r_check_report check = {0};
  OK(l4r_dataset_check(test_path("out"), &check));
}

Test(understood, seconds_of_a_cut_are_seconds_in_any_unit) {
  static const char *const ms[] = {"1588687728000", "1588687729500", "1588687730000",
                                   "1588687728500", "1588687730000", "1588687731000"};
  const struct l4r_cut cut = {{1588687729.5, 1588687730}};
  OK(import_times(ms, &cut));
  holds("out/train.txt", "1 1\n2 1\n");
  holds("out/validation.txt", "1 2\n2\n");
  holds("out/test.txt", "1 3\n2 2 3\n");
  cr_assert(strstr(report.times, "milliseconds since 1970, 2020-05-05 14:08:48 to"), "%s",
            report.times);
}

Test(understood, days_as_numbers_and_mixed_units) {
  static const char *const days[] = {"20240228", "20240229", "20240301",
                                     "20231231", "20240101", "20240102"};
  OK(import_times(days, NULL));
  holds("out/times.txt",
        "1 1709078400 1709164800 1709251200\n2 1703980800 1704067200 1704153600\n");
  static const char *const mixed[] = {"1588687728",    "1588687729", "1588687730",
                                      "1588687728000", "1588687729", "1588687730"};
  OK(import_times(mixed, NULL));
  WARNS("1 of 6 times are of another size");
}

/* --- texts ---------------------------------------------------------------------------------------
 */

static const char *ratings(void) {
  return test_file("ratings.dat", "1::10::5::1\n1::20::5::2\n1::30::nan::3\n\n\x1a");
}

Test(understood, movies_in_windows_1252) {
  OK(run("ml-1m",
         (struct l4r_import_options){
             .file = {ratings(), test_file("movies.dat", "10::Alpha\x92s \x93"
                                                         "Best\x94 \x96 \x80"
                                                         "5::Drama\n20::B::C\n30::x::y\n")}}));
  cr_assert(strstr(test_read("out/items.tsv"), "\tAlpha\xe2\x80\x99s \xe2\x80\x9c"
                                               "Best\xe2\x80\x9d \xe2\x80\x93 \xe2\x82\xac"
                                               "5\t"));
  cr_assert_eq(report.latin1, 1);
  cr_assert_eq(report.blank_lines, 2);
  /* The same after somebody took it for Latin-1 and wrote UTF-8. */
  OK(run("ml-1m",
         (struct l4r_import_options){
             .file = {ratings(), test_file("movies.dat", "10::Alpha\xc2\x92s::Drama\n")}}));
  cr_assert(strstr(test_read("out/items.tsv"), "\tAlpha\xe2\x80\x99s\t"));
  cr_assert_eq(report.latin1, 1);
}

Test(understood, texts_that_fit_nothing_are_refused) {
  fails(run("ml-1m",
            (struct l4r_import_options){
                .file = {ratings(), test_file("movies.dat", "11::A::B\n21::C::D\n")}}),
        "belongs to an item: its ids look like '11', those of the interactions like '10'");
  OK(run("ml-1m", (struct l4r_import_options){
                      .file = {ratings(), test_file("movies.dat", "10::A::B\n21::C::D\n")}}));
  WARNS("only 1 of 3 items have a line in");
}

Test(understood, recbole_items_of_other_columns_are_named) {
  const char *inter = test_file("x.inter", "user_id:token\titem_id:token\ttimestamp:float\n"
                                           "u\ta\t1\nu\tb\t2\nu\tc\t3\n");
  const char *item = test_file("x.item", "item_id:token\tproduct_name:token_seq\ttags:token_seq\n"
                                         "a\tAlpha\tx y\nb\tBeta\t\nc\tGamma\t\n");
  fails(run("recbole", (struct l4r_import_options){.file = {inter, item}}),
        "it has item_id:token, product_name:token_seq, tags:token_seq; looked for: title,");
  OK(run("recbole", (struct l4r_import_options){
                        .file = {inter, item},
                        .columns = {.title = {"product_name"}, .categories = {"tags"}}}));
  cr_assert(strstr(test_read("out/items.tsv"), "1\ta\tAlpha\t\tx y\n"));
  const char *other = test_file("y.inter", "uid:token\tartist_id:token\tt:float\n"
                                           "u\ta\t1\nu\tb\t2\nu\tc\t3\n");
  fails(run("recbole", (struct l4r_import_options){.file = {other}}),
        "no column user_id:token; it has uid:token, artist_id:token, t:float");
  OK(run("recbole",
         (struct l4r_import_options){
             .file = {other}, .columns = {.user = "uid", .item = "artist_id", .time = "t"}}));
}

Test(understood, markup_may_be_kept) {
  const struct l4r_import_options options = {
      .file = {ratings(), test_file("movies.dat", "10::<b>A</b> &amp; B::C\n20::x::y\n")}};
  struct l4r_import_options kept = options;
  kept.keep_markup = 1;
  OK(run("ml-1m", options));
  cr_assert(strstr(test_read("out/items.tsv"), "\tA & B\t"));
  cr_assert_eq(report.markup, 1);
  OK(run("ml-1m", kept));
  cr_assert(strstr(test_read("out/items.tsv"), "\t<b>A</b> &amp; B\t"));
}

/* A hundred and twenty users who begin with one of two items and go on to any of a hundred. */
Test(understood, sequences_that_are_newest_first_are_noticed) {
  static char lines[2][8192];
  for (int u = 0; u < 120; u++) {
    const int a = 3 + u * 7 % 100, b = 3 + (u * 13 + 5) % 100, first = 1 + u % 2;
    sprintf(lines[0] + strlen(lines[0]), "%d %d %d %d\n", u + 1, first, a, b == a ? 103 : b);
    sprintf(lines[1] + strlen(lines[1]), "%d %d %d %d\n", u + 1, b == a ? 103 : b, a, first);
  }
  struct l4r_check_report check[2] = {{0}};
  for (int i = 0; i < 2; i++) {
    OK(run("sequences", (struct l4r_import_options){.file = {test_file("s", lines[i])}}));
    cr_assert_eq(is_warned("newest first?"), i);
    OK(l4r_dataset_check(test_path("out"), &check[i]));
  }
  cr_assert_float_eq(check[0].first_variety, 2, 1e-9);
  cr_assert_gt(check[0].last_variety, 50);
  cr_assert_float_eq(check[1].last_variety, 2, 1e-9);
  cr_assert_eq(check[1].first_variety, check[0].last_variety);
}

/* --- headers that are none -----------------------------------------------------------------------
 */

static int import_by_place(const char *text) {
  return run("csv", (struct l4r_import_options){.file = {test_file("t.csv", text)},
                                                .columns = {.user = "1", .item = "2"}});
}

Test(understood, a_first_line_that_looks_like_data_is_no_header_without_a_word) {
  OK(import_by_place("7,20\n7,30\n7,40\n7,50\n"));
  WARNS("t.csv:1 was taken for a header, though '7' in it looks like data: --no-header");
  OK(import_by_place("A1,B2,2005-03-31\nA1,B3,2005-04-01\nA1,B4,2005-04-01\nA1,B5,2005-04-01\n"));
  WARNS("'2005-03-31' in it looks like data");
  static const char *const headers[] = {
      "user,item\n7,30\n7,40\n7,50\n",
      "0,1,2\n9,7,30\n9,7,40\n9,7,50\n", /* as pandas numbers them */
      "user,item,4th\n7,30,x\n7,40,x\n7,50,x\n"};
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
    OK(import_by_place(headers[i]));
    cr_assert(!is_warned("header"), "%s: %s", headers[i], report.warning[0]);
  }
  OK(run("csv",
         (struct l4r_import_options){.file = {test_file("t.csv", "user,2024\n7,30\n7,40\n7,50\n")},
                                     .columns = {.user = "user", .item = "2024"}}));
  cr_assert(!is_warned("header"), "a column that was named is one");
}

Test(understood, user_and_item_are_two_columns) {
  cr_assert_eq(import_by_place("0,1\n7,30\n7,40\n7,50\n"), L4R_USAGE);
  cr_assert(strstr(l4r_error_message(), "--user 1 and --item 2 are the same column of"), "%s",
            l4r_error_message());
}

Test(understood, an_items_file_without_names_is_not_short_of_an_item_without_a_word) {
  OK(run("csv", (struct l4r_import_options){
                    .file = {test_file("t.csv", "user,item\n7,30\n7,40\n7,50\n")},
                    .items = test_file("i.csv", "30,One\n40,Two\n50,Three\n"),
                    .columns = {.user = "user", .item = "item", .item_id = "1", .title = {"2"}}}));
  WARNS("i.csv:1 was taken for a header, though '30' in it looks like data: write a line of names");
}
