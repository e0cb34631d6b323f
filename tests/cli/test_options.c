/* SPDX-License-Identifier: BSD-3-Clause */
/* An option is a row: its default, its range and its choices are what the parser does, what it says
 * when it refuses, and what --help prints. */
#include "bench/cli/help.h"
#include "impl/base/error.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { APPLE = 1 << 0, PEAR = 1 << 1 };
struct fruit {
  const char *name;
  int64_t count, most;
  double weight, share;
  int ripe, colour;
  struct l4r_argument_list notes;
  struct l4r_argument_ints sizes;
  struct l4r_argument_reals prices;
};
#define AT(member) .offset = offsetof(struct fruit, member)
static const char *const colours[] = {"red", "green", NULL};
static const struct l4r_argument rows[] = {
    {"name", L4R_ARG_TEXT, "NAME", "its name", AT(name), .is_needed = 1},
    {"count", L4R_ARG_INT, "N", "how many", AT(count), .preset = "5", .by_kind = {{PEAR, "7"}},
     .range = {1, 1000, 0}},
    {"most", L4R_ARG_INT, "N", "at most", AT(most), .shown = "no bound", .word = "all",
     .word_is = -1, .range = L4R_AT_LEAST(1)},
    {"weight", L4R_ARG_REAL, "G", "weight", AT(weight), .preset = "2.5", .range = {0, 100, 1}},
    {"share", L4R_ARG_REAL, "X", "share", AT(share), .range = {0, 1, 2}},
    {"ripe", L4R_ARG_FLAG, NULL, "it is ripe", AT(ripe), .kinds = APPLE},
    {"colour", L4R_ARG_CHOICE, NULL, "colour", AT(colour), .choices = colours, .preset = "green"},
    {"note", L4R_ARG_LIST, "TEXT", "a note; repeatable", AT(notes)},
    {"sizes", L4R_ARG_INTS, "N,...", "sizes", AT(sizes), .preset = "1,2", .like = "1,2",
     .range = {1, 9, 0}},
    {"prices", L4R_ARG_REALS, "P,...", "prices", AT(prices), .like = "1.5 or 2,3"},
    {0}};

static int kind_word(int i, struct l4r_kind_word *word) {
  static const struct l4r_kind_word words[] = {{"apple", "a fruit"}, {"pear", "another"}};
  if (i < 2) *word = words[i];
  return i < 2;
}
static const struct l4r_usage usage = {.command = "eat",
                                       .kinds = kind_word,
                                       .kind_of = "fruit named",
                                       .usual = APPLE | PEAR,
                                       .summary = "Eats.",
                                       .examples = "  lite4rec eat apple\n",
                                       .arguments = rows};
static struct fruit fruit;
static struct l4r_parsed parsed;

static int parse(const char *line) {
  static char copy[1024];
  char *argv[64] = {(char *)"eat"}, *rest = NULL;
  int argc = 1;
  snprintf(copy, sizeof copy, "%s", line);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
    argv[argc++] = word;
  fruit = (struct fruit){.name = NULL};
  return l4r_arguments_parse(&usage, argc, argv, &fruit, &parsed);
}

Test(options, defaults_are_those_of_the_rows_and_of_the_kind) {
  cr_assert_eq(parse("apple --name x"), 0, "%s", l4r_error_message());
  cr_assert(fruit.count == 5 && fruit.weight == 2.5 && fruit.colour == 1 && fruit.most == 0);
  cr_assert(fruit.sizes.count == 2 && fruit.sizes.value[0] == 1 && fruit.sizes.value[1] == 2);
  cr_assert_eq(parsed.kind, 0);
  cr_assert(l4r_argument_given(&usage, &parsed, "name"));
  cr_assert_not(l4r_argument_given(&usage, &parsed, "count"));
  cr_assert_eq(parse("--name x pear"), 0);
  cr_assert_eq(fruit.count, 7);
  cr_assert_eq(parsed.kind, 1);
}

Test(options, values_of_every_type_arrive) {
  cr_assert_eq(parse("apple --name=x --count 9 --most all --weight 1e2 --ripe --colour red "
                     "--note a --note b --sizes 3,4,5 --prices 2,.5"),
               0, "%s", l4r_error_message());
  cr_assert_str_eq(fruit.name, "x");
  cr_assert(fruit.count == 9 && fruit.most == -1 && fruit.weight == 100 && fruit.ripe == 1);
  cr_assert(fruit.colour == 0 && fruit.notes.count == 2);
  cr_assert_str_eq(fruit.notes.value[1], "b");
  cr_assert(fruit.sizes.count == 3 && fruit.sizes.value[2] == 5); /* not behind the default's */
  cr_assert(fruit.prices.count == 2 && fruit.prices.value[1] == .5);
}

Test(options, a_bad_value_is_refused_with_what_the_row_takes) {
  static const char *const row[][2] = {
      {"--count x", "--count takes a whole number from 1 to 1000, not 'x'"},
      {"--count 1001", "--count takes a whole number from 1 to 1000, not '1001'"},
      {"--count 1.5", "--count takes a whole number from 1 to 1000, not '1.5'"},
      {"--most 0", "--most must be at least 1, not 0"},
      {"--most few", "--most takes a whole number of at least 1 or 'all', not 'few'"},
      {"--weight 0", "--weight is above 0 and at most 100, not 0"},
      {"--weight 101", "--weight must be at most 100, not 101"},
      {"--weight nan", "--weight"},
      {"--weight much", "--weight takes a number above 0 and up to 100, not 'much'"},
      {"--weight inf", "--weight takes a number above 0 and up to 100, not 'inf'"},
      {"--share 1", "--share must be below 1, not 1"},
      {"--share -1", "--share must be at least 0, not -1"},
      {"--colour blue", "--colour takes one of red, green, not 'blue'"},
      {"--sizes 1,x", "--sizes takes up to 16 whole numbers from 1 to 9, like 1,2, not '1,x'"},
      {"--sizes 1,10", "--sizes takes"},
      {"--sizes 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "up to 16"},
      {"--prices 2,", "--prices takes up to 16 numbers, like 1.5 or 2,3, not '2,'"},
      {"--ripe=1", "--ripe takes no value"},
      {"--count", "--count wants a value: N"},
      {"--zzzz 1", "unknown option '--zzzz'; known: --name --count"},
      {"--colur red", "unknown option '--colur'; did you mean '--colour'? Known: lite4rec eat"},
      {"peel", "eat takes no further positional arguments (got 'peel')"},
  };
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    char line[256];
    snprintf(line, sizeof line, "apple --name x %s", row[i][0]);
    test_fails(parse(line), L4R_USAGE, row[i][1]);
  }
  test_fails(parse("apple"), L4R_USAGE, "--name NAME is missing: its name");
  test_fails(parse("pear --name x --ripe"), L4R_USAGE,
             "--ripe has no meaning for fruit named pear");
  test_fails(parse("pear --name x --zzzz"), L4R_USAGE, "known: --name");
  cr_assert_null(strstr(l4r_error_message(), "--ripe"));
}

Test(options, values_from_elsewhere_are_held_against_the_rows_too) {
  cr_assert_eq(parse("apple --name x --most 3 --share .5"), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_arguments_check(rows, &fruit), 0, "%s", l4r_error_message());
  fruit.count = 0;
  test_fails(l4r_arguments_check(rows, &fruit), L4R_USAGE, "--count");
  fruit.count = 1;
  fruit.weight = NAN;
  test_fails(l4r_arguments_check(rows, &fruit), L4R_USAGE, "--weight");
}

Test(options, help_holds_what_the_row_says) {
  static const struct {
    const char *name;
    int kind;
    const char *help;
  } row[] = {{"count", -1, "how many (default 5; pear 7)"},
             {"count", 0, "how many (default 5)"},
             {"count", 1, "how many (default 7)"},
             {"most", -1, "at most (default no bound)"},
             {"ripe", -1, "it is ripe (for apple)"},
             {"ripe", 0, "it is ripe"},
             {"note", -1, "a note; repeatable"}};
  char text[256], meta[64];
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    const struct l4r_argument *a = rows;
    while (strcmp(a->name, row[i].name)) a++;
    cr_expect_str_eq(l4r_argument_help(&usage, a, row[i].kind, text, sizeof text), row[i].help);
  }
  cr_expect_str_eq(l4r_argument_meta(&rows[2], meta, sizeof meta), "N|all");
  cr_expect_str_eq(l4r_argument_meta(&rows[6], meta, sizeof meta), "red|green");
  cr_expect_str_eq(l4r_usage_line(&usage, -1, text, sizeof text),
                   "lite4rec eat apple|pear --name NAME [options]");
  cr_expect_str_eq(l4r_usage_line(&usage, 1, text, sizeof text),
                   "lite4rec eat pear --name NAME [options]");
}
