/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables of any columns, as their readers' options have them, and the same once more in Python. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/commands/commands.h"
#include "impl/base/error.h"
#include "tests/support/files.h"
#include "tests/support/shell.h"

/* `data import WORDS --out out`; words are parted by blanks, @NAME is a file of the scratch folder.
 * What is printed goes to "stdout" and "stderr" there. */
static int import(const char *format, ...) {
  static char text[2048], paths[8][512];
  char *argv[64] = {(char *)"data", (char *)"import"};
  int files = 0;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  int argc = 2;
  for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
    if (*word == '@') snprintf(paths[files], sizeof *paths, "%s", test_path(word + 1));
    argv[argc++] = *word == '@' ? paths[files++] : word;
  }
  argv[argc++] = (char *)"--out";
  argv[argc++] = (char *)test_path("out");
  fflush(stdout);
  const int kept = dup(1), errors = dup(2);
  cr_assert_not_null(freopen(test_path("stdout"), "w", stdout));
  cr_assert_not_null(freopen(test_path("stderr"), "w", stderr));
  const int status = l4r_command_data(argc, argv);
  fflush(stdout);
  fflush(stderr);
  dup2(kept, 1);
  dup2(errors, 2);
  close(kept);
  close(errors);
  return status;
}

static void ok(int status) {
  cr_assert_eq(status, 0, "%s", l4r_error_message());
}

static void fails(int status, int code, const char *part) {
  cr_assert_eq(status, code, "status %d: %s", status, l4r_error_message());
  cr_assert(strstr(l4r_error_message(), part), "'%s' is not in: %s", part, l4r_error_message());
}

static void says(const char *part) {
  const char *text = test_read("stdout");
  cr_assert(strstr(text, part), "'%s' is not in:\n%s", part, text);
}

static void holds(const char *name, const char *content) {
  const char *found = test_read(name);
  cr_assert_str_eq(found, content, "%s holds:\n%s", name, found);
}

/* --- columns and separators ----------------------------------------------------------------------
 */

Test(table, separators_are_found_where_the_names_are) {
  static const char *const tables[] = {
      "u,i,t\nx,7,3\nx,8,1\nx,9,2\n",
      "u;i;t\nx;7;3\nx;8;1\nx;9;2\n",
      "u\ti\tt\nx\t7\t3\nx\t8\t1\nx\t9\t2\n",
      "u|i|t\nx|7|3\nx|8|1\nx|9|2\n",
      "u i t\nx 7 3\nx  8 1\n x 9 2 \n",
      "u::i::t\nx::7::3\nx::8::1\nx::9::2\n",
      "\xef\xbb\xbf\"u\",\"i\",\"t\"\r\n\"x\",\"7\",\"3\"\r\nx,8,1\r\nx,9,2\r\n\r\n",
      ",u,i,t\n0,x,7,3\n1,x,8,1\n2,x,9,2\n",
      "t,a;b,i,u\n3,;,7,x\n1,,8,x\n2,,9,x\n"};
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    test_file("t.csv", tables[i]);
    ok(import("csv @t.csv --user u --item i --time t"));
    holds("out/times.txt", "1 1 2 3\n");
    holds("out/test.txt", "1 1\n");
    holds("out/users.tsv", "user\tsource_id\n1\tx\n");
    says("time=t");
  }
}

Test(table, columns_are_names_or_places) {
  test_file("t.csv", "x,7,3\nx,8,1\nx,9,2\n");
  ok(import("csv @t.csv --no-header --user 1 --item 2 --time 3"));
  holds("out/times.txt", "1 1 2 3\n");
  fails(import("csv @t.csv --no-header --user 1 --item 4"), L4R_INPUT, "no column 4");
  fails(import("csv @t.csv --user user --item item"), L4R_INPUT, "its columns: x, 7, 3");
  fails(import("csv @t.csv --user 1"), L4R_USAGE, "--item COLUMN");
  fails(import("csv @t.csv --no-header --user 1 --item 2 --delimiter toolongdelimiter"), L4R_USAGE,
        "--delimiter");
}

Test(table, a_column_is_meant_by_a_part_of_its_name) {
  test_file("t.csv", "userId,film_id\nx,7\nx,8\nx,9\n");
  fails(import("csv @t.csv --user user --item film_id"), L4R_INPUT,
        "'user'; its columns: userId, film_id; did you mean 'userId'? (a file");
  fails(import("csv @t.csv --user userID --item film"), L4R_INPUT, "did you mean 'userId'?");
  fails(import("csv @t.csv --user userId --item film"), L4R_INPUT, "did you mean 'film_id'?");
}

/* Taken for a header, the first line would be lost without a word. */
Test(table, a_first_line_that_looks_like_data_is_warned_of) {
  test_file("t.csv", "x,7\nx,8\nx,9\nx,10\n");
  ok(import("csv @t.csv --user 1 --item 2"));
  cr_expect(
      strstr(test_read("stderr"), "with user 'x' and item '7'; if it is data, give --no-header"));
  ok(import("csv @t.csv --no-header --user 1 --item 2"));
  cr_expect_null(strstr(test_read("stderr"), "--no-header"));
  test_file("t.csv", "user,item\nx,8\nx,9\nx,10\n");
  ok(import("csv @t.csv --user 1 --item 2"));
  cr_expect_null(strstr(test_read("stderr"), "--no-header"));
}

Test(table, a_time_column_that_nobody_names_is_warned_of) {
  test_file("t.csv", "u,i,timestamp\nx,7,3\nx,8,1\nx,9,2\n");
  ok(import("csv @t.csv --user u --item i"));
  says("warning       the order of lines is taken for that of time, though there is a column "
       "'timestamp'");
  fails(import("csv @t.csv --user u --item i --split time"), L4R_USAGE, "--time COLUMN");
  fails(import("csv @t.csv --user u --item i --tie item"), L4R_USAGE, "--time COLUMN");
  fails(import("csv @t.csv --user u --item i --min-rating 3"), L4R_USAGE, "--rating COLUMN");
}

Test(table, long_ids_stay_different) {
  test_file("t.csv", "u,i\n1,99999999999999999999999\n1,99999999999999999999998\n1,5\n");
  ok(import("csv @t.csv --user u --item i"));
  holds("out/train.txt", "1 3\n");
  test_file("t.jsonl", "{\"u\": 1, \"i\": 18446744073709551617}\n{\"u\": 1, \"i\": "
                       "18446744073709551616}\n{\"u\": 1.0, \"i\": 5.0}\n");
  ok(import("jsonl @t.jsonl --user u --item i"));
  holds("out/items.tsv", "item\tsource_id\ttitle\tbrand\tcategories\n1\t5\t\t\t\n"
                         "2\t18446744073709551616\t\t\t\n3\t18446744073709551617\t\t\t\n");
}

/* --- bad lines -----------------------------------------------------------------------------------
 */

Test(table, all_bad_lines_are_counted_and_ten_told) {
  char text[4096] = "u,i,t\nx,1,1\nx,2,2\nx,3,3\n";
  for (int i = 0; i < 13; i++) sprintf(text + strlen(text), "x,%d,noon\n", i);
  test_file("t.csv", text);
  fails(import("csv @t.csv --user u --item i --time t"), L4R_INPUT, "13 lines are bad");
  cr_assert(strstr(l4r_error_message(), "t.csv:5: timestamp 'noon'"), "%s", l4r_error_message());
  cr_assert(strstr(l4r_error_message(), "t.csv:14: "), "%s", l4r_error_message());
  cr_assert_null(strstr(l4r_error_message(), "t.csv:15: "));
  cr_assert(strstr(l4r_error_message(), "and 3 more"), "%s", l4r_error_message());
  fails(import("csv @t.csv --user u --item i --time t --skip-bad 12"), L4R_INPUT, "13 lines");
  ok(import("csv @t.csv --user u --item i --time t --skip-bad 13"));
  says("13 bad lines");
  ok(import("csv @t.csv --user u --item i --skip-bad --time t"));
  ok(import("csv @t.csv --user u --item i --time t --skip-bad"));
  holds("out/test.txt", "1 3\n");
}

Test(table, negative_times_only_order) {
  test_file("t.csv", "u,i,t\nx,7,-3\nx,8,-30\nx,9,20\ny,7,1\ny,8,5\ny,9,9\nx,6,30\n");
  ok(import("csv @t.csv --user u --item i --time t"));
  says("warning       2 times are negative, before 1970 (lines 2, 3)");
  holds("out/times.txt", "1 -30 -3 20 30\n2 1 5 9\n");
  const char *check[] = {"data", "check", test_path("out")};
  ok(l4r_command_data(3, (char **)check));
  fails(import("csv @t.csv --user u --item i --time t --split time"), L4R_INPUT,
        "t.csv:3: timestamp -30 is negative");
  ok(import("csv @t.csv --user u --item i --time t --skip-bad"));
  holds("out/times.txt", "1 1 5 9\n");
}

/* --- texts ---------------------------------------------------------------------------------------
 */

Test(table, texts_join_and_the_first_that_is_not_empty_stays) {
  test_file("t.csv", "u,i\nx,7\nx, 8\nx,9\n");
  test_file("m.csv",
            "id;name;more;by;tags\n7;;;;\n 7 ;Seven;(film);Fincher;a|b\n7;late;;late;late\n"
            "8;Caf\xe9;;;\"['x', 'y']\"\n");
  ok(import("csv @t.csv --user u --item i --items @m.csv --item-id id --title name --title more "
            "--brand by --categories tags"));
  holds("out/items.tsv", "item\tsource_id\ttitle\tbrand\tcategories\n"
                         "1\t7\tSeven (film)\tFincher\ta, b\n2\t8\tCaf\xc3\xa9\t\tx > y\n"
                         "3\t9\t\t\t\n");
  says("1 texts from Windows-1252");
  says("2 ids had blanks around them");
  fails(import("csv @t.csv --user u --item i --items @m.csv --item-id id"), L4R_USAGE, "--title");
  fails(import("csv @t.csv --user u --item i --items @m.csv --title name"), L4R_INPUT,
        "no column 'i'; its columns: id, name, more, by, tags (");
  fails(import("csv @t.csv --user u --item i --items @m.csv --item-id by --title name"), L4R_INPUT,
        "no line of");
}

Test(table, texts_of_few_items_are_warned_of) {
  test_file("t.csv", "u,i\nx,7\nx,8\nx,9\n");
  test_file("m.csv", "id,name\n7,Seven\n70,Seventy\n");
  ok(import("csv @t.csv --user u --item i --items @m.csv --item-id id --title name"));
  says("warning       only 1 of 3 items have a line in");
}

/* --- repeats -------------------------------------------------------------------------------------
 */

Test(table, repeats_stay_where_they_are_wanted) {
  test_file("t.csv", "u,i,t\nx,7,1\nx,8,2\nx,7,3\nx,9,4\nx,7,5\n");
  ok(import("csv @t.csv --user u --item i --time t"));
  holds("out/times.txt", "1 1 2 4\n");
  ok(import("csv @t.csv --user u --item i --time t --repeats last"));
  holds("out/times.txt", "1 2 4 5\n");
  ok(import("csv @t.csv --user u --item i --time t --repeats all"));
  holds("out/train.txt", "1 1 2 1\n");
  holds("out/test.txt", "1 1\n");
  says("warning       repeats stay");
  cr_assert(strstr(test_read("out/dataset.json"), "\"repeats\": \"all\""));
  cr_assert(strstr(test_read("out/dataset.json"), "\"filters\": \"repeats=all\""));
  const char *check[] = {"data", "check", test_path("out")};
  ok(l4r_command_data(3, (char **)check));
  fails(import("csv @t.csv --user u --item i --repeats some"), L4R_USAGE, "first, last or all");
}

/* --- JSON lines ----------------------------------------------------------------------------------
 */

Test(table, json_fields_may_lie_inside_others) {
  test_file("t.jsonl", "{\"who\": {\"id\": \"a\"}, \"i\": 3, \"t\": 1000.5, \"m\": {\"t\": [\"A\", "
                       "1, null]}}\n\n{\"who\": {\"id\": \"a\"}, \"i\": 4, \"t\": \"1000.25\"}\n"
                       "{'who': {'id': u'a'}, 'i': '5', 't': 999, 'x': NaN}\n");
  ok(import("jsonl @t.jsonl --user who.id --item i --time t --title m.t"));
  holds("out/times.txt", "1 999000 1000250 1000500\n");
  says("kept in ms");
  holds("out/items.tsv", "item\tsource_id\ttitle\tbrand\tcategories\n1\t3\tA 1\t\t\n"
                         "2\t4\t\t\t\n3\t5\t\t\t\n");
  test_file("list.json", "[\n {\"u\": 1, \"i\": 2}]\n");
  fails(import("jsonl @list.json --user u --item i"), L4R_INPUT, "jq -c '.[]'");
  fails(import("jsonl @t.jsonl --user user --item i"), L4R_INPUT,
        "user is missing (the line has: who, i, t, m)");
}

/* --- the same in Python --------------------------------------------------------------------------
 */

Test(table, python_imports_the_same_bytes) {
  enum { SEEDS = 12 };
  static const char *const names[] = {"train.txt", "validation.txt", "test.txt",
                                      "times.txt", "items.tsv",      "users.tsv"};
  const char *python = test_python_with("csv, html, fractions"), *output;
  int compared = 0;
  for (int seed = 1; seed <= SEEDS; seed++) {
    const char *folder = test_folder();
    cr_assert_eq(
        test_shell(&output, "%s tests/oracle/import_csv.py draw %d %s", python, seed, folder), 0,
        "%s", output);
    cr_assert_eq(test_shell(&output,
                            "rm -rf %s/out %s/py; %s tests/oracle/import_csv.py import %s %s/py",
                            folder, folder, python, folder, folder),
                 0, "%s", output);
    char words[256] = "", *options = test_read("options");
    for (char *word = strtok(options, "\n"); word; word = strtok(NULL, "\n"))
      sprintf(words + strlen(words), " %s", word);
    const int status = import(
        "csv @ratings.csv --user who --item what --time when --rating stars --items "
        "@items.csv --item-id sku --title name --title subtitle --brand maker --categories "
        "kind%s",
        words);
    if (strstr(output, "no user is left")) {
      fails(status, L4R_INPUT, "no user is left");
      continue;
    }
    ok(status);
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
      char ours[64], theirs[64];
      snprintf(ours, sizeof ours, "out/%s", names[n]);
      snprintf(theirs, sizeof theirs, "py/%s", names[n]);
      cr_assert_str_eq(test_read(ours), test_read(theirs), "seed %d: %s", seed, names[n]);
    }
    compared++;
  }
  cr_assert_geq(compared, SEEDS / 2);
}
