/* SPDX-License-Identifier: BSD-3-Clause */
/* Every importer on small files in the true format, and what the shared pipeline does with them. */
#include "bench/import/import.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "impl/base/error.h"
#include "tests/support/files.h"

static struct l4r_import_report report;

static void import(const char *kind, struct l4r_import_options options) {
  if (!options.out) options.out = test_path("out");
  while (options.files < 4 && options.file[options.files]) options.files++;
  cr_assert_eq(l4r_import_run(kind, &options, &report), 0, "%s", l4r_error_message());
}

static void expect(const char *name, const char *content) {
  char *found = test_read(name);
  cr_assert_str_eq(found, content, "%s holds:\n%s\nnot:\n%s", name, found, content);
}

#define HEADER "item\tsource_id\ttitle\tbrand\tcategories\n"

/* --- MovieLens 1M --------------------------------------------------------------------------------
 */

/* Users 2 and 10 (numbers, not bytes, decide the order); user 7 is too short; item 9 is left by
 * user 7 alone; 30 has no text; user 2 has a tie of items 20, 3 and 100 at time 50. */
static const char ratings[] = "10::20::5::100\n10::3::4::90\n10::100::1::95\n10::30::2::120\n"
                              "2::20::5::50\n2::3::3::50\n2::100::4::50\n2::30::4::40\n"
                              "7::9::5::10\n7::3::5::11\n";
static const char movies[] = "3::Am\xe9lie: Caf\xe9 (2001)::Comedy|Romance\n"
                             "9::Nobody's (1999)::Drama\n"
                             "20::Heat (1995)::Action\n"
                             "100::City Hall (1996)::Drama|Thriller\n"
                             "200::Unrated (1990)::Drama\n";

static void import_ml_1m(enum l4r_tie tie, int64_t kcore) {
  import("ml-1m", (struct l4r_import_options){
                      .file = {test_file("ratings.dat", ratings), test_file("movies.dat", movies)},
                      .tie = tie,
                      .kcore = kcore});
}

Test(import, ml_1m_ties_by_item) {
  import_ml_1m(L4R_TIE_ITEM, 0);
  expect("out/train.txt", "1 3 1\n2 1 4\n");
  expect("out/validation.txt", "1 2\n2 2\n");
  expect("out/test.txt", "1 4\n2 3\n");
  expect("out/times.txt", "1 40 50 50 50\n2 90 95 100 120\n");
  expect("out/items.tsv", HEADER "1\t3\tAm\xc3\xa9lie: Caf\xc3\xa9 (2001)\t\tComedy, Romance\n"
                                 "2\t20\tHeat (1995)\t\tAction\n3\t30\t\t\t\n"
                                 "4\t100\tCity Hall (1996)\t\tDrama, Thriller\n");
  cr_assert_eq(report.read_interactions, 10);
  cr_assert_eq(report.read_users, 3);
  cr_assert_eq(report.read_items, 5);
  cr_assert_eq(report.short_users, 1);
  cr_assert_eq(report.short_interactions, 2);
  cr_assert_eq(report.users, 2);
  cr_assert_eq(report.items, 4);
  cr_assert_eq(report.interactions, 8);
  cr_assert_eq(report.equal_times, 3);
  cr_assert_eq(report.latin1, 1);
  cr_assert_eq(report.without_text, 1);
}

Test(import, ml_1m_ties_by_file) {
  import_ml_1m(L4R_TIE_FILE, 0);
  expect("out/train.txt", "1 3 2\n2 1 4\n");
  expect("out/validation.txt", "1 1\n2 2\n");
  expect("out/test.txt", "1 4\n2 3\n");
  char *json = test_read("out/dataset.json");
  cr_assert(strstr(json, "\"tie\": \"file\""), "%s", json);
  cr_assert(strstr(json, "\"source\": \"ml-1m: ratings.dat movies.dat\""), "%s", json);
  cr_assert(strstr(json, "\"name\": \"out\""), "%s", json);
}

Test(import, movies_dat_that_somebody_converted_is_utf8) {
  import("ml-1m", (struct l4r_import_options){
                      .file = {test_file("ratings.dat", ratings),
                               test_file("movies.dat", "3::Caf\xc3\xa9 (2001)::Comedy\r\n")}});
  expect("out/items.tsv",
         HEADER "1\t3\tCaf\xc3\xa9 (2001)\t\tComedy\n2\t20\t\t\t\n3\t30\t\t\t\n4\t100\t\t\t\n");
  cr_assert_eq(report.latin1, 0);
  cr_assert_eq(report.without_text, 3);
}

Test(import, the_same_interactions_as_sequences_give_the_same_files) {
  import_ml_1m(L4R_TIE_ITEM, 0);
  import("sequences", (struct l4r_import_options){
                          .file = {test_file("seq.txt", "2 30 3 20 100\n7 9 3\n10 3 100 20 30\n")},
                          .items = test_path("movies.dat"),
                          .tie_label = "item",
                          .out = test_path("seq")});
  static const char *const names[] = {"train.txt", "validation.txt", "test.txt", "items.tsv"};
  for (int i = 0; i < 4; i++) {
    char name[2][64];
    snprintf(name[0], sizeof *name, "out/%s", names[i]);
    snprintf(name[1], sizeof *name, "seq/%s", names[i]);
    char *content = test_read(name[0]);
    expect(name[1], content);
  }
  cr_assert_eq(test_entries("seq"), 6, "sequences have no times.txt");
}

/* --- filters -------------------------------------------------------------------------------------
 */

Test(import, kcore_is_iterated_until_nothing_falls) {
  /* k = 3. Item 5 has two users and falls; so user 4 is left with two items and falls; so item 4 is
   * left with two and falls; user 3 keeps 1, 2, 3. */
  const char *file = test_file("seq.txt", "1 1 2 3 5\n2 1 2 3 4\n3 1 2 3 4\n4 4 5 1\n");
  import("sequences", (struct l4r_import_options){.file = {file}, .kcore = 3});
  expect("out/train.txt", "1 1\n2 1\n3 1\n");
  expect("out/test.txt", "1 3\n2 3\n3 3\n");
  cr_assert_eq(report.core_users, 1);
  cr_assert_eq(report.core_items, 2);
  cr_assert_eq(report.core_interactions, 6);
  cr_assert_eq(report.short_users, 0);
  cr_assert_eq(report.users, 3);
  cr_assert_eq(report.items, 3);
  char *json = test_read("out/dataset.json");
  cr_assert(strstr(json, "\"filters\": \"kcore=3\""), "%s", json);
  cr_assert(strstr(json, "\"tie\": \"unstated\""), "%s", json);
}

Test(import, kcore_holds_for_users_as_well_as_items) {
  const char *file = test_file("seq.txt", "1 1 2 3 4\n2 2 1 3 4\n3 3 1 2 4\n4 4 1 2 3\n5 1 2 3\n");
  import("sequences", (struct l4r_import_options){.file = {file}, .kcore = 4});
  expect("out/test.txt", "1 4\n2 4\n3 4\n4 3\n");
  cr_assert_eq(report.core_users, 1);
  cr_assert_eq(report.core_items, 0);
  cr_assert_eq(report.core_interactions, 3);
}

Test(import, repeats_keep_their_first_occurrence_and_may_make_a_user_short) {
  const char *file = test_file("seq.txt", "1 4 2 4 3\n2 5 5 6\n3 2 3 4 2\n");
  import("sequences", (struct l4r_import_options){.file = {file}});
  expect("out/train.txt", "1 3\n2 1\n");
  expect("out/validation.txt", "1 1\n2 2\n");
  expect("out/test.txt", "1 2\n2 3\n");
  cr_assert_eq(report.repeats, 3);
  cr_assert_eq(report.short_users, 1);
  cr_assert_eq(report.items, 3);
}

Test(import, leading_zeros_do_not_make_another_item) {
  const char *file = test_file("seq.txt", "1 007 8 9\n02 7 08 9\n");
  import("sequences", (struct l4r_import_options){.file = {file}});
  expect("out/train.txt", "1 1\n2 1\n");
}

/* --- sequences with a table of items
 * --------------------------------------------------------------*/

Test(import, sequences_with_items_tsv) {
  const char *items =
      "item_id\tasin\ttitle\tbrand\tcategories\tidgenrec_textual_id\n"
      "10\tB1\tTen \xe2\x82\xac\tBrandy\tA > B\tx\n2\tB2\tTwo\t\tA\ty\n9\tB3\t\t\t\tz\n";
  import("sequences", (struct l4r_import_options){.file = {test_file("s.txt", "5 2\t9 10\n6\n")},
                                                  .items = test_file("items.tsv", items),
                                                  .name = "named"});
  expect("out/items.tsv",
         HEADER "1\t2\tTwo\t\tA\n2\t9\t\t\t\n3\t10\tTen \xe2\x82\xac\tBrandy\tA > B\n");
  cr_assert_eq(report.short_users, 1, "user 6 has no item at all");
  cr_assert_eq(report.without_text, 1);
}

/* --- MovieLens 100K and latest -------------------------------------------------------------------
 */

Test(import, ml_100k) {
  const char *data = "5\t2\t3\t881250949\n5\t1\t3\t881250940\n5\t3\t4\t881250950\n";
  const char *item =
      "1|Toy Story "
      "(1995)|01-Jan-1995||http://x/a?b%20(1995)|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0\n"
      "2|Mis\xe9rables, Les (1995)|01-Jan-1995||http://x|0|0|0|0|0|0|0|0|1|0|0|0|1|0|0|0|0|0|0\n"
      "3|unknown||||1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n";
  import("ml-100k", (struct l4r_import_options){
                        .file = {test_file("u.data", data), test_file("u.item", item)}});
  expect("out/train.txt", "1 1\n");
  expect("out/times.txt", "1 881250940 881250949 881250950\n");
  expect("out/items.tsv", HEADER "1\t1\tToy Story (1995)\t\tAnimation, Children's, Comedy\n"
                                 "2\t2\tMis\xc3\xa9rables, Les (1995)\t\tDrama, Musical\n"
                                 "3\t3\tunknown\t\tunknown\n");
  cr_assert_eq(report.latin1, 1);
}

Test(import, ml_latest_with_quoted_titles) {
  const char *data =
      "userId,movieId,rating,timestamp\r\n1,11,4.0,964982703\r\n1,2,3.5,964982700\r\n"
      "1,7,5.0,964982710\r\n";
  const char *list = "\xef\xbb\xbfmovieId,title,genres\n"
                     "2,\"American President, The (1995)\",Comedy|Drama\n"
                     "7,\"He said \"\"no\"\"\nand left\",(no genres listed)\n"
                     "11,Caf\xc3\xa9,Drama\n";
  import("ml-latest", (struct l4r_import_options){
                          .file = {test_file("ratings.csv", data), test_file("movies.csv", list)}});
  expect("out/train.txt", "1 1\n");
  expect("out/test.txt", "1 2\n");
  expect("out/items.tsv",
         HEADER "1\t2\tAmerican President, The (1995)\t\tComedy, Drama\n"
                "2\t7\tHe said \"no\" and left\t\t\n3\t11\tCaf\xc3\xa9\t\tDrama\n");
  cr_assert_eq(report.cleaned, 1, "the line break inside a title");
}

/* --- Amazon 2014 ---------------------------------------------------------------------------------
 */

static const char reviews[] =
    "{\"reviewerID\": \"A2\", \"asin\": \"B9\", \"reviewerName\": \"J. \\\"X\\\" \\u00e9\", "
    "\"helpful\": [0, 1], \"reviewText\": \"it's\", \"overall\": 5.0, \"unixReviewTime\": 200}\n"
    "{\"reviewerID\": \"A2\", \"asin\": \"B1\", \"unixReviewTime\": 200}\n"
    "{\"reviewerID\": \"A2\", \"asin\": \"000C\", \"unixReviewTime\": 100}\n"
    "{\"reviewerID\": \"A2\", \"asin\": \"000C\", \"unixReviewTime\": 300}\n"
    "{\"reviewerID\": \"A10\", \"asin\": \"B1\", \"unixReviewTime\": 1}\n"
    "{\"reviewerID\": \"A10\", \"asin\": \"B9\", \"unixReviewTime\": 2}\n"
    "{\"reviewerID\": \"A10\", \"asin\": \"B5\", \"unixReviewTime\": 3}\n";
static const char metadata[] =
    "{'asin': '000C', 'salesRank': {'Beauty': 6334800}, 'imUrl': 'http://x', "
    "'categories': [['Beauty', 'Make \"up\"'], ['Other']], 'title': \"It's new\", 'price': 5.99}\n"
    "{'asin': 'B1', 'title': u'Caf\\xe9 \\u20ac', 'brand': None, 'related': {'also_bought': []}}\n"
    "{'asin': 'B5', 'title': 'Tab\\there', 'brand': 'O\\'Neil', 'ok': True, 'categories': "
    "(('A',),)}\n"
    "{'asin': 'ZZ', 'title': 'never reviewed'}\n";
static const char amazon_items[] = HEADER "1\t000C\tIt's new\t\tBeauty > Make \"up\"\n"
                                          "2\tB1\tCaf\xc3\xa9 \xe2\x82\xac\t\t\n"
                                          "3\tB5\tTab here\tO'Neil\tA\n4\tB9\t\t\t\n";

Test(import, amazon_2014) {
  import("amazon-2014", (struct l4r_import_options){
                            .file = {test_file("r.json", reviews), test_file("m.json", metadata)},
                            .tie = L4R_TIE_ITEM});
  expect("out/items.tsv", amazon_items);
  /* Ids are bytes: A10 before A2. A2's second look at 000C is dropped; B1 and B9 tie. */
  expect("out/train.txt", "1 2\n2 1\n");
  expect("out/validation.txt", "1 4\n2 2\n");
  expect("out/test.txt", "1 3\n2 4\n");
  cr_assert_eq(report.repeats, 1);
  cr_assert_eq(report.equal_times, 2);
  cr_assert_eq(report.cleaned, 1);
  cr_assert_eq(report.without_text, 1);
}

static const char *compressed(const char *name, const char *content) {
  const char *path = test_path(name);
  gzFile file = gzopen(path, "wb");
  cr_assert_not_null(file);
  cr_assert_eq(gzputs(file, content), (int)strlen(content));
  cr_assert_eq(gzclose(file), Z_OK);
  return path;
}

Test(import, amazon_2014_compressed) {
  import("amazon-2014", (struct l4r_import_options){.file = {compressed("r.json.gz", reviews),
                                                             compressed("m.json.gz", metadata)},
                                                    .tie = L4R_TIE_FILE});
  expect("out/items.tsv", amazon_items);
  expect("out/validation.txt", "1 4\n2 4\n");
  expect("out/test.txt", "1 3\n2 2\n");
}

/* --- RecBole -------------------------------------------------------------------------------------
 */

Test(import, recbole) {
  const char *inter = "item_id:token\tuser_id:token\trating:float\ttimestamp:float\n"
                      "b\tu1\t5\t100.5\na\tu1\t5\t100.25\nc\tu1\t1\t9.783e8\n";
  const char *item = "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
                     "a\tToy Story\t1995\tAnimation Comedy\nb\tHeat\t1995\t\n";
  import("recbole", (struct l4r_import_options){
                        .file = {test_file("x.inter", inter), test_file("x.item", item)}});
  expect("out/train.txt", "1 1\n");
  expect("out/validation.txt", "1 2\n");
  expect("out/test.txt", "1 3\n");
  expect("out/times.txt", "1 100250 100500 978300000000\n");
  cr_assert(strstr(test_read("out/dataset.json"), "\"time_unit\": \"ms\""));
  expect("out/items.tsv",
         HEADER "1\ta\tToy Story\t\tAnimation Comedy\n2\tb\tHeat\t\t\n3\tc\t\t\t\n");
  cr_assert_eq(report.equal_times, 0);
  import("recbole", (struct l4r_import_options){.file = {test_path("x.inter")}});
  cr_assert_eq(report.without_text, 3);
}
