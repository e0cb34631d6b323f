/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec history: which records make a series, in what order, where the level changes. */
#include "bench/commands/commands.h"
#include "bench/history/history.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/rounds.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define run(...) test_run(l4r_command_history, "history", __VA_ARGS__)

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
  OK(run(test_path("h"), "--rows", "40", NULL));
  test_says("12 records");
  test_says("1 change of level");
  test_says("CHANGE 1.07");
  test_says("between c000006 and c000007");
  const char *said = test_read("out");
  cr_assert_lt(strstr(said, "c000000 "), strstr(said, "c000011 "));
  OK(run(test_path("h"), "--markdown", "--rows", "40", NULL));
  test_says("times as long** (1.00 ms -> 1.07 ms)");
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

Test(history, by_default_it_says_what_changed_and_no_more) {
  twelve("h");
  struct test_rounds brief = {.rounds = 2, .users = 40, .threads = 2, .ns = {1e6, 1e6}};
  test_rounds_file("h", "brief", &brief);
  OK(run(test_path("h"), NULL));
  const char *said = test_read("out");
  test_says("2026-01-08  c000006 .. c000007  1.00 ms  1.07 ms");
  test_says("1 of 2 series of 13 records changed their level of mean; 1 are too short to tell");
  int lines = 0;
  for (; *said; said++) lines += *said == '\n';
  cr_expect_leq(lines, 4, "%s", test_read("out"));
  OK(run(test_path("h"), "--markdown", NULL));
  test_says("| c000006 .. c000007 | 1.00 ms | 1.07 ms |");
  OK(run(test_path("h"), "--metric", "users/s", NULL));
  test_says("/s  ");
  test_says("0.93");
  OK(run(test_path("h"), "--threads", "2", NULL));
  test_says("0 of 1 series of 1 records changed");
}

Test(history, the_gate_holds_the_newest_record_against_the_level_before_it) {
  twelve("h");
  struct test_rounds newest = {.rounds = 3,
                               .users = 40,
                               .time = "2026-01-13T00:00:00Z",
                               .git = "c000012",
                               .ns = {1.07e6, 1.08e6, 1.06e6}};
  test_rounds_file("h", "newest", &newest);
  FAILS(run(test_path("h"), "--gate", "0.1%", NULL), L4R_NOISY, "% holds");
  OK(run(test_path("h"), "--gate", "3%", NULL)); /* the level of the last five, not the older one */
  test_says("gate at 3 %: the newest record of 1 series, each beside the level before it: 0 worse");
  for (int r = 0; r < 3; r++) newest.ns[r] *= 1.08;
  test_rounds_file("h", "newest", &newest);
  FAILS(run(test_path("h"), "--gate", "3%", NULL), L4R_CHECK, "is worse in 1 series");
  test_says("WORSE  blis@lite");
  test_says("of the 5 records before it (commit c000012");
  FAILS(run(test_path("h"), "--gate", "3%", "--metric", "users/s", NULL), L4R_CHECK, "worse in 1");
  for (int r = 0; r < 3; r++) newest.ns[r] /= 1.3; /* better is no alarm */
  test_rounds_file("h", "newest", &newest);
  OK(run(test_path("h"), "--gate", "3%", NULL));
  OK(run(test_path("h"), "--gate", "3%", "--metric", "users/s", NULL));
}

Test(history, a_gate_without_enough_records_or_with_wrong_words) {
  struct test_rounds wanted = {.rounds = 2, .users = 40, .ns = {1e6, 1e6}};
  test_rounds_file("h", "a", &wanted);
  FAILS(run(test_path("h"), "--gate", "3%", NULL), L4R_NOISY, "no series has the 5 records");
  FAILS(run(test_path("h"), "--gate", "3", NULL), L4R_USAGE, "--gate wants a share");
  FAILS(run(test_path("h"), "--gate", "auto", NULL), L4R_USAGE, "wants a share");
  FAILS(run(test_path("h"), "--gate", "3%", "--json", NULL), L4R_USAGE, "without --json");
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
  OK(run(test_path("h"), "--threads", "1", "--rows", "40", NULL));
  test_says("2 records, too few for changes of level (8)");
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
  test_says("1 records have no p99 and are left out");
  char *text = strdup(test_read("h/a.jsonl"));
  memcpy(strstr(text, "2026-11"), "2025", 4);
  test_file("h/a.jsonl", text);
  FAILS(run(test_path("h"), NULL), L4R_INPUT, "a.jsonl:1: sha256: ");
  free(text);
  FAILS(run(NULL), L4R_USAGE, "history wants files");
  FAILS(run("x", "--metric", "p90", NULL), L4R_USAGE, "not 'p90'");
}

/* One file of n records, an hour each; level(i) in ns. */
static void many(int n, double (*level)(int), int threads) {
  struct test_rounds wanted = one(1e6);
  wanted.threads = threads;
  json_t *record = test_rounds_record("h", &wanted),
         *manifest = json_object_get(record, "manifest");
  char *text = NULL, name[32];
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  for (int i = 0; i < n; i++) {
    const double ns = level(i) * (1 + .002 * (i * 5 % 7));
    char time[32];
    snprintf(time, sizeof time, "2026-%02d-%02dT%02d:00:00Z", 1 + i / 672, 1 + i / 24 % 28, i % 24);
    json_object_set_new(manifest, "time", json_string(time));
    for (size_t r = 0; r < 2; r++)
      json_object_set_new(json_array_get(json_object_get(record, "rounds"), r), "mean_ns",
                          json_real(ns * (1 + .001 * (double)r)));
    OK(l4r_record_seal(record));
    json_dumpf(record, stream, JSON_COMPACT | JSON_SORT_KEYS);
    fputc('\n', stream);
  }
  fclose(stream);
  snprintf(name, sizeof name, "h/many-%d.jsonl", threads);
  test_bytes(name, text, bytes);
  free(text);
  json_decref(record);
}

static int lines_of(const char *name) {
  int lines = 0;
  for (const char *c = test_read(name); (c = strchr(c, '\n')); c++) lines++;
  return lines;
}

static double two_changes(int i) {
  return i < 1000 ? 1e6 : i < 2500 ? 1.2e6 : i == 2700 ? 4e6 : 1.1e6;
}

static double no_change(int i) {
  return 1e6 + i * 0;
}

static double every_ten(int i) {
  return i / 10 % 2 ? 1e6 : 1.3e6;
}

Test(history, long_series_show_what_matters_and_count_the_rest) {
  many(3000, two_changes, 1);
  OK(run(test_path("h"), "--rows", "auto", NULL));
  test_says("3000 records, which");
  test_says("2 changes of level");
  cr_expect_eq(lines_of("out"), 3 + 40 + 2 + 3 + 2); /* heading, rows, changes, gaps, the note */
  test_says("  2026-01-01T00:00:00Z  abc1234 ");
  test_says("  ... 998 records of 1.00 ms to 1.01 ms\n"); /* all of the level but its ends */
  test_says("CHANGE 1.200 times as long (1.01 ms -> 1.21 ms)");
  test_says("  ... 1498 records of 1.20 ms to 1.22 ms\n");
  test_says("CHANGE 0.917 times");
  test_says("  ... 464 records of 1.10 ms to 4.03 ms\n"); /* 500 but the first and the newest 35 */
  test_says("2960 records have no row of their own; --rows 0 shows every record.");
  OK(run(test_path("h"), "--rows", "3", NULL));
  test_says("  ... 2499 records of 1.00 ms to 1.22 ms, 1 change of level among them\n");
  test_says("CHANGE 0.917 times");
  OK(run(test_path("h"), "--rows", "3", "--markdown", NULL));
  test_says("| ... | | 2499 records | 1.00 ms to 1.22 ms | 1 change of level among them |\n");
  OK(run(test_path("h"), "--rows", "0", NULL));
  cr_expect_eq(lines_of("out"), 3 + 3000 + 2);
  OK(run(test_path("h"), "--json", NULL));
  json_t *root = json_loads(test_read("out"), 0, NULL);
  json_t *series = json_array_get(json_object_get(root, "series"), 0);
  cr_assert_eq(json_array_size(json_object_get(series, "points")), 3000);
  json_decref(root);
  FAILS(run(test_path("h"), "--rows", "-2", NULL), L4R_USAGE, "--rows wants 0");
  FAILS(run(test_path("h"), "--rows", "2", "--json", NULL), L4R_USAGE, "not of --json");
}

Test(history, of_many_series_those_that_changed_come_with_rows) {
  for (int s = 1; s <= 25; s++) many(60, no_change, s);
  OK(run(test_path("h"), "--rows", "auto", NULL));
  cr_expect_null(strstr(test_read("out"), "series of"));
  cr_expect_eq(lines_of("out"), 25 * (3 + 40 + 1) + 24 + 2);
  many(60, every_ten, 26);
  OK(run(test_path("h"), "--rows", "auto", NULL));
  test_says("26 series of 1560 records; 1 with changes of level.");
  cr_expect_eq(lines_of("out"), 25 * (3 + 1 + 1) + (3 + 40 + 5 + 3) + 25 + 4);
}

Test(history, figures_have_a_bounded_number_of_records) {
  many(5000, two_changes, 1);
  OK(run(test_path("h"), "--out", test_path("tables"), NULL));
  const char *points = test_read("tables/history.tsv");
  cr_expect_leq(lines_of("tables/history.tsv"), 1 + 2000 + 6); /* and the ends of three levels */
  cr_expect_geq(lines_of("tables/history.tsv"), 1 + 1900);
  cr_expect_not_null(strstr(points, "\t4"), "the slowest is drawn");
  int changes = 0;
  for (const char *c = points; (c = strchr(c, '\n')); c++) changes += c[-1] == '1' && c[-2] == '\t';
  cr_expect_eq(changes, 2);
  const char *groups = test_read("tables/history-groups.tsv");
  char wanted[64];
  snprintf(wanted, sizeof wanted, "\t5000\t%d\tsmall; ", lines_of("tables/history.tsv") - 1);
  cr_expect_not_null(strstr(groups, wanted), "%s", groups);
  many(5000, every_ten, 1); /* 500 levels, whose ends fit; then of 24 series and one more */
  OK(run(test_path("h"), "--out", test_path("tables"), NULL));
  cr_expect_leq(lines_of("tables/history.tsv"), 1 + 2 * 2000);
  for (int s = 2; s <= 25; s++) many(s == 25 ? 12 : 200, every_ten, s);
  OK(run(test_path("h"), "--out", test_path("tables"), NULL));
  cr_expect_leq(lines_of("tables/history.tsv"), 1 + 24 * 2 * (2000 / 24) + 12);
  cr_assert_eq(lines_of("tables/history-groups.tsv"), 3);
  groups = test_read("tables/history-groups.tsv");
  cr_expect_not_null(strstr(groups, " (part 1 of 2)\n1\t1\t"), "%s", groups);
  cr_expect_not_null(strstr(groups, " (part 2 of 2)\n"), "%s", groups);
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

/* Another model under the same name begins a series of its own; one model under two names is one.
 */
Test(history, a_series_is_of_one_model_not_of_one_name) {
  static const struct {
    const char *arm, *sha256, *options;
  } of[4] = {{"heuristic@m", "aaaaaaaaaa", "{}"},
             {"heuristic@m", "bbbbbbbbbb", "{}"},
             {"heuristic@seed1/m", "aaaaaaaaaa", "{}"},
             {"heuristic@m:k=2", "aaaaaaaaaa", "{\"k\": \"2\"}"}};
  for (int r = 0; r < 4; r++) {
    char name[8];
    struct test_rounds wanted = {.arm = of[r].arm, .rounds = 3, .ns = {1e6, 1e6, 1e6}};
    json_t *record = test_rounds_record("h", &wanted);
    json_object_set_new(record, "model", json_pack("{s:s}", "sha256", of[r].sha256));
    json_object_set_new(record, "options", json_loads(of[r].options, 0, NULL));
    json_object_set_new(record, "engine", json_string("heuristic"));
    l4r_record_seal(record);
    snprintf(name, sizeof name, "%d", r);
    test_records("h", name, &record, 1);
  }
  OK(run(test_path("h"), "--json", NULL));
  json_t *series = json_object_get(json_loads(test_read("out"), 0, NULL), "series");
  cr_assert_eq(json_array_size(series), 3, "%s", test_read("out"));
  cr_assert_eq(json_array_size(json_object_get(json_array_get(series, 0), "points")), 2);
  for (size_t a = 0; a < 3; a++)
    for (size_t b = 0; b < a; b++)
      cr_assert_neq(json_equal(json_object_get(json_array_get(series, a), "arm"),
                               json_object_get(json_array_get(series, b), "arm")),
                    1);
}
