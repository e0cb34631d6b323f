/* lite4rec history: which records make a series, in what order, where the level changes. */
#include "bench/commands/commands.h"
#include "bench/history/history.h"
#include "impl/base/error.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/rounds.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int run(const char *word, ...) {
  va_list more;
  va_start(more, word);
  const int status = test_command(l4r_command_history, "history", word, more);
  va_end(more);
  return status;
}

static void says(const char *part) {
  cr_assert_not_null(strstr(test_read("out"), part), "'%s' is not in:\n%s", part, test_read("out"));
}

/* Twelve records, a day each, named against their order; 7 % slower from the eighth on. */
static void twelve(const char *folder) {
  for (int day = 0; day < 12; day++) {
    char time[32], git[16], name[16];
    snprintf(time, sizeof time, "2026-01-%02dT00:00:00Z", day + 1);
    snprintf(git, sizeof git, "c%06d", day);
    snprintf(name, sizeof name, "%02d", 99 - day);
    struct test_rounds wanted = {.rounds = 3, .users = 40, .time = time, .git = git};
    const double level = (day < 7 ? 1e6 : 1.07e6) * (1 + .002 * (day * 5 % 3));
    for (int r = 0; r < 3; r++) wanted.ns[r] = level * (1 + .01 * (r - 1));
    test_rounds_file(folder, name, &wanted);
  }
}

Test(history, a_change_of_level_is_found_between_its_commits) {
  twelve("h");
  OK(run(test_path("h"), NULL));
  says("12 records");
  says("1 change of level");
  says("CHANGE 1.07");
  says("between c000006 and c000007");
  const char *said = test_read("out");
  cr_assert_lt(strstr(said, "c000000 "), strstr(said, "c000011 "));
  OK(run(test_path("h"), "--markdown", NULL));
  says("times as long** (1.00 ms -> 1.07 ms)");
  OK(run(test_path("h"), "--json", NULL));
  json_t *root = json_loads(test_read("out"), 0, NULL);
  json_t *series = json_array_get(json_object_get(root, "series"), 0);
  json_t *change = json_array_get(json_object_get(series, "changes"), 0);
  cr_assert_eq(json_array_size(json_object_get(series, "points")), 12);
  cr_assert_eq(json_integer_value(json_object_get(change, "at")), 7);
  cr_assert_str_eq(json_string_value(json_object_get(change, "git")), "c000007");
  cr_expect_float_eq(json_number_value(json_object_get(change, "ratio")), 1.07, .003);
  json_t *point = json_array_get(json_object_get(series, "points"), 0);
  cr_assert_eq(json_array_size(json_object_get(point, "ci95")), 2);
  json_decref(root);
}

static struct test_rounds one(double ns) {
  return (struct test_rounds){.rounds = 2, .users = 40, .ns = {ns, ns * 1.01}};
}

static void series_are(int64_t count, const char *name) {
  const char *const paths[] = {test_path("h")};
  const struct l4r_history_options options = {.path = paths, .paths = 1};
  struct l4r_history history;
  OK(l4r_history_read(&options, &history));
  cr_assert_eq(history.count, count, "%s: %lld series", name, (long long)history.count);
  l4r_history_free(&history);
}

Test(history, what_differs_is_another_series) {
  struct test_rounds wanted = one(1e6);
  test_rounds_file("h", "a", &wanted);
  wanted.ns[0] = 1.1e6;
  test_rounds_file("h", "b", &wanted);
  series_are(1, "the same again");
  wanted.threads = 2;
  test_rounds_file("h", "c", &wanted);
  series_are(2, "threads");
  wanted.seed = 5;
  test_rounds_file("h", "d", &wanted);
  series_are(3, "requests");
  wanted.cpu = "Another";
  test_rounds_file("h", "e", &wanted);
  series_are(4, "machine");
  OK(run(test_path("h"), "--threads", "1", NULL));
  says("2 records, too few for changes of level (8)");
  FAILS(run(test_path("h"), "--arm", "x", NULL), L4R_INPUT, "none of the 5 records");
}

Test(history, records_without_a_key_join_the_machine_they_can_only_be_of) {
  struct test_rounds wanted = one(1e6);
  test_rounds_file("h", "a", &wanted);
  wanted.key = "key-one";
  wanted.ns[0] = 1.1e6;
  test_rounds_file("h", "b", &wanted);
  series_are(1, "one key");
  wanted.key = "key-two";
  test_rounds_file("h", "c", &wanted);
  series_are(3, "two keys of the same facts");
}

Test(history, edited_records_and_withheld_metrics) {
  struct test_rounds wanted = one(1e6);
  test_rounds_file("h", "a", &wanted);
  FAILS(run(test_path("h"), "--metric", "p99", NULL), L4R_INPUT, "has a p99");
  wanted.users = 400;
  test_rounds_file("h", "b", &wanted);
  OK(run(test_path("h"), "--metric", "p99", NULL));
  says("1 records have no p99 and are left out");
  char *text = strdup(test_read("h/a.jsonl"));
  memcpy(strstr(text, "2026-11"), "2025", 4);
  test_file("h/a.jsonl", text);
  FAILS(run(test_path("h"), NULL), L4R_INPUT, "a.jsonl:1: sha256: ");
  free(text);
  FAILS(run(NULL), L4R_USAGE, "history wants files");
  FAILS(run("x", "--metric", "p90", NULL), L4R_USAGE, "not 'p90'");
}

Test(history, tables_for_figures) {
  twelve("h");
  OK(run(test_path("h"), "--out", test_path("tables"), NULL));
  const char *points = test_read("tables/history.tsv");
  int lines = 0, changes = 0;
  for (const char *c = points; (c = strchr(c, '\n')); c++) {
    lines++;
    changes += c[-1] == '1' && c[-2] == '\t';
  }
  cr_assert_eq(lines, 13);
  cr_assert_eq(changes, 1);
  cr_assert_not_null(strstr(points, "0\t0\t1767225600\t")); /* date -d 2026-01-01T00:00Z +%s */
  cr_assert_not_null(strstr(test_read("tables/history-arms.tsv"), "0\t0\tblis@lite, 1 thread"));
}
