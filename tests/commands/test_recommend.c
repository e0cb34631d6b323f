/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec recommend: who is asked about, what comes out, and what is said of bad names. */
#include "bench/commands/commands.h"
#include "impl/base/error.h"
#include "tests/support/command.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Users "u a" to "u l"; each has four of six films, and film "F-5" is everybody's last. */
static void make_data(void) {
  char ratings[4096] = "user,item,time\n", *at = ratings + strlen(ratings);
  for (int u = 0; u < 12; u++)
    for (int i = 0; i < 4; i++)
      at += sprintf(at, "u %c,F-%d,%d\n", 'a' + u, i == 3 ? 5 : (u + i) % 5, 1000 + i);
  test_file("ratings.csv", ratings);
  test_file("items.csv", "id,title\nF-0,Alpha\nF-1,Alphabet\nF-2,Beta\nF-3,Gamma (1999)\nF-4,\n"
                         "F-5,Omega\n");
  char data[256], items[256], model[256];
  snprintf(data, sizeof data, "%s", test_path("d"));
  snprintf(items, sizeof items, "%s", test_path("items.csv"));
  snprintf(model, sizeof model, "%s", test_path("pop"));
  cr_assert_eq(test_run(l4r_command_data, "data", "import", "csv", test_path("ratings.csv"),
                        "--user", "user", "--item", "item", "--time", "time", "--items", items,
                        "--item-id", "id", "--title", "title", "--out", data, NULL),
               0, "%s", l4r_error_message());
  cr_assert_eq(test_run(l4r_command_train, "train", "pop", "--data", data, "--out", model, NULL), 0,
               "%s", l4r_error_message());
}

static int recommend(const char *option, const char *value, const char *more) {
  char arm[300];
  snprintf(arm, sizeof arm, "heuristic@%s", test_path("pop"));
  return test_run(l4r_command_recommend, "recommend", "--arm", arm, "--data", test_path("d"),
                  option, value, more, NULL);
}

static json_t *items(void) {
  json_t *root = json_loads(test_read("out"), 0, NULL);
  cr_assert(root, "%s", test_read("out"));
  return json_object_get(root, "items");
}

static int has(const json_t *list, const char *id) {
  size_t index;
  const json_t *row;
  json_array_foreach(list, index, row)
    if (!strcmp(json_string_value(json_object_get(row, "item")), id)) return 1;
  return 0;
}

Test(recommend, a_user_is_called_by_their_own_id_and_gets_what_they_have_not_seen) {
  make_data();
  cr_assert_eq(recommend("--user", "u c", "--json"), 0, "%s", l4r_error_message());
  json_t *list = items(); /* u c has F-2, F-3, F-4 and F-5 */
  cr_assert_eq(json_array_size(list), 2, "%s", test_read("out"));
  cr_assert(has(list, "F-0") && has(list, "F-1"));
  cr_assert_eq(recommend("--user", "u c", "--seen"), 0);
  cr_assert(strstr(test_read("out"), "Omega"), "%s", test_read("out"));
  cr_assert(strstr(test_read("out"), "(no title)"), "%s", test_read("out"));
  cr_assert_eq(recommend("--user", "u z", NULL), L4R_INPUT);
  cr_assert(strstr(l4r_error_message(), "users.tsv"), "%s", l4r_error_message());
}

Test(recommend, a_history_may_be_written_by_title_or_id) {
  make_data();
  cr_assert_eq(recommend("--history", "alpha; F-2 ;gamma", "--json"), 0, "%s", l4r_error_message());
  json_t *list = items();
  cr_assert(!has(list, "F-0") && !has(list, "F-2") && !has(list, "F-3"), "%s", test_read("out"));
  cr_assert(has(list, "F-1") && has(list, "F-4"));
  cr_assert_eq(recommend("--history", "Alph", NULL), L4R_INPUT);
  cr_assert(strstr(l4r_error_message(), "2 titles begin with 'Alph'"), "%s", l4r_error_message());
  cr_assert_eq(recommend("--history", "Nothing", NULL), L4R_INPUT);
  cr_assert_eq(recommend("--history", "beta; Aphla", NULL), L4R_INPUT);
  cr_assert(strstr(l4r_error_message(), "did you mean 'Alpha'"), "%s", l4r_error_message());
  cr_assert_eq(recommend("--history", " ; ", NULL), L4R_USAGE);
}
