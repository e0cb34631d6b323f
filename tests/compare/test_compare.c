/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec compare, from records to exit codes. */
#include "bench/commands/commands.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/rounds.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define compare(...) test_run(l4r_command_compare, "compare", __VA_ARGS__)

static const char *said(void) {
  return test_read("out");
}

/* Ten rounds of about 1 ms times `times`, which drift by 5 % and vary by +-amount. */
static struct test_rounds rounds_of(double times, double amount) {
  static const double wave[10] = {.3, -1, .8, -.4, .1, .9, -.7, -.2, 1, -.8};
  struct test_rounds wanted = {.rounds = 10};
  for (int r = 0; r < 10; r++)
    wanted.ns[r] = 1e6 * times * (1 + .05 * r / 9) *
                   (1 + amount * wave[(r + (times > 1.01 ? 3 : 0)) % 10]);
  return wanted;
}

static const char *a, *b;
static void files(const struct test_rounds *left, const struct test_rounds *right) {
  static char paths[2][512];
  snprintf(paths[0], 512, "%s", test_rounds_file("a", "a", left));
  snprintf(paths[1], 512, "%s", test_rounds_file("b", "b", right));
  a = paths[0];
  b = paths[1];
}

Test(compare, verdicts_and_the_three_formats) {
  const struct test_rounds base = rounds_of(1, .004), slower = rounds_of(1.06, .004);
  files(&base, &slower);
  OK(compare(a, b, NULL));
  test_says("SLOWER");
  test_says("blis@lite");
  test_says("measured in different runs");
  OK(compare(b, a, NULL));
  test_says("FASTER");
  OK(compare(a, a, NULL));
  test_says("SAME");
  test_says("1.000 [1.000, 1.000]");
  test_says("compared with itself");
  OK(compare(a, b, "--margin", "5.8%", NULL));
  test_says("UNDECIDED");
  OK(compare(a, b, "--margin=.2", "--markdown", NULL));
  test_says("| blis@lite | small | single-stream | 1 | mean | 10 | 1.02 ms |");
  test_says("| SAME |");
  OK(compare(a, b, "--metric", "mean,p50", NULL));
  test_says("over all 2 rows together (Bonferroni)");
  OK(compare(a, b, "--json", "--metric", "mean,p50,p99", NULL));
  json_t *root = json_loads(said(), 0, NULL);
  json_t *rows = json_object_get(root, "rows"), *row = json_array_get(rows, 0);
  cr_assert_eq(json_array_size(rows), 3);
  cr_expect_float_eq(json_number_value(json_object_get(row, "ratio")), 1.06, .003);
  cr_expect_str_eq(json_string_value(json_object_get(row, "verdict")), "SLOWER");
  const double alone = json_number_value(json_array_get(json_object_get(row, "ci95"), 0));
  /* three rows share the error rates, so each interval is wider than alone */
  OK(compare(a, b, "--json", NULL));
  json_t *one = json_loads(said(), 0, NULL);
  row = json_array_get(json_object_get(one, "rows"), 0);
  cr_expect_gt(json_number_value(json_array_get(json_object_get(row, "ci95"), 0)), alone);
  json_decref(root);
  json_decref(one);
}

Test(compare, rounds_are_paired_by_number_and_what_is_left_out_is_said) {
  struct test_rounds base = rounds_of(1, .004), other = base;
  other.rounds = 8; /* 0, 1, 3 .. 8 of 0 .. 9 */
  other.gap = 2;
  for (int r = 2; r < 8; r++) other.ns[r] = base.ns[r + 1];
  files(&base, &other);
  OK(compare(a, b, NULL));
  test_says("1.000 [1.000, 1.000]"); /* the same rounds stand beside each other */
  test_says("has 10 rounds");
  test_says("the 8 of equal number are paired");
  struct test_rounds four = rounds_of(1, .004);
  four.rounds = 4;
  files(&base, &four);
  FAILS(compare(a, b, NULL), L4R_INPUT, "have 4 rounds in common; a comparison needs 5");
}

Test(compare, the_gate_fails_on_a_slowdown_and_is_silent_without) {
  const struct test_rounds base = rounds_of(1, .004), slower = rounds_of(1.06, .004),
                           faster = rounds_of(.9, .004);
  files(&base, &slower);
  FAILS(compare(a, b, "--gate", "3%", NULL), L4R_NOISY, "a margin of 3 % is too fine");
  struct test_rounds quiet = base, slow = slower, fast = faster; /* the drift is noise to a gate */
  for (int r = 0; r < 10; r++) {
    quiet.ns[r] /= 1 + .05 * r / 9;
    slow.ns[r] /= 1 + .05 * r / 9;
    fast.ns[r] /= 1 + .05 * r / 9;
  }
  files(&quiet, &slow);
  FAILS(compare(a, b, "--gate", "3%", NULL), L4R_CHECK, "1 of 3 rows fail");
  test_says("gate: A against itself, 2000 resamples of its rounds: called worse in 0.00 %");
  test_says("is found in nine of ten cases");
  OK(compare(a, a, "--gate", "3%", "--strict", NULL));
  test_says("SAME");
  OK(compare(a, b, "--gate", "5.8%", NULL)); /* UNDECIDED passes */
  test_says("UNDECIDED");
  FAILS(compare(a, b, "--gate", "5.8%", "--strict", NULL), L4R_CHECK, "1 UNDECIDED (--strict)");
  files(&quiet, &fast);
  OK(compare(a, b, "--gate", "3%", "--strict", NULL));
  test_says("FASTER");
  OK(compare(a, b, "--gate", "3%", "--json", NULL));
  json_t *root = json_loads(said(), 0, NULL);
  cr_assert_not_null(json_object_get(json_object_get(root, "gate"), "false_alarms"));
  json_decref(root);
}

Test(compare, a_gate_says_how_many_rounds_it_needs) {
  struct test_rounds base = rounds_of(1, .03);
  for (int r = 0; r < 10; r++) base.ns[r] /= 1 + .05 * r / 9;
  files(&base, &base);
  FAILS(compare(a, b, "--gate", "3%", NULL), L4R_NOISY, "measure A and B with --rounds ");
  const int needed = atoi(strstr(l4r_error_message(), "--rounds ") + 9);
  cr_expect(needed > 10 && needed < 60, "%d", needed);
  cr_expect_str_eq(said(), ""); /* no verdict that nobody should believe */
  FAILS(compare(a, b, "--gate", "0.001%", NULL), L4R_NOISY, "use a quieter machine");
}

Test(compare, records_that_do_not_verify_are_refused_with_file_line_and_field) {
  const struct test_rounds base = rounds_of(1, .004);
  files(&base, &base);
  const char *text = test_read("b/b.jsonl");
  char *edited = strdup(text), *figure = strstr(edited, "\"seed\":0");
  cr_assert_not_null(figure);
  figure[7] = '1';
  test_file("b/b.jsonl", edited);
  FAILS(compare(a, b, NULL), L4R_INPUT, "settings.seed"); /* other requests */
  free(edited);
  edited = strdup(text);
  figure = strstr(edited, "\"git\":\"abc1234\"");
  figure[7] = 'b';
  test_file("b/b.jsonl", edited);
  FAILS(compare(a, b, NULL), L4R_INPUT, "b.jsonl:1: sha256: the record does not have the hash");
  free(edited);
  json_t *record = json_loads(text, 0, NULL); /* sealed anew: the samples still say otherwise */
  json_t *round = json_array_get(json_object_get(record, "rounds"), 3);
  json_object_set_new(round, "mean_ns", json_real(5));
  OK(l4r_record_seal(record));
  test_records("b", "b", &record, 1);
  FAILS(compare(a, b, NULL), L4R_INPUT, "b.jsonl:1: rounds[3].mean_ns: the record says 5.0");
  edited = strdup(text);
  edited[strlen(edited) / 2] = '\0';
  test_file("b/b.jsonl", edited);
  FAILS(compare(a, b, NULL), L4R_INPUT, "b.jsonl:1: not JSON");
  free(edited);
  edited = strdup(text);
  figure = strstr(edited, "\"schema\":1");
  figure[9] = '9';
  test_file("b/b.jsonl", edited);
  FAILS(compare(a, b, NULL), L4R_INPUT, "b.jsonl:1: schema 9, this program reads 1 to 2");
  free(edited);
}

/* Writes a record anew with one member set. */
static void set_member(const char *name, const char *key, json_t *value) {
  char path[64];
  snprintf(path, sizeof path, "%s/%s.jsonl", name, name);
  json_t *record = json_loads(test_read(path), 0, NULL);
  json_object_set_new(record, key, value);
  OK(l4r_record_seal(record));
  test_records(name, name, &record, 1);
}

Test(compare, other_histories_are_refused_and_warnings_told) {
  const struct test_rounds base = rounds_of(1, .004), other = rounds_of(1.02, .004);
  files(&base, &other);
  set_member("a", "requests", json_pack("{s:s}", "sha256", "x"));
  OK(compare(a, b, NULL)); /* b is of before they were stated */
  set_member("b", "requests", json_pack("{s:s}", "sha256", "y"));
  FAILS(compare(a, b, NULL), L4R_INPUT, "differ in requests.sha256");
  set_member("b", "requests", json_pack("{s:s}", "sha256", "x"));
  set_member("b", "warnings", json_pack("[{s:s, s:s}]", "kind", "steal", "text", "took 88 %"));
  OK(compare(a, b, NULL));
  test_says("b.jsonl:1 (blis@lite): warning: took 88 %");
  OK(compare(a, b, "--markdown", NULL));
  test_says("warning: took 88 %");
  OK(compare(a, b, "--json", NULL));
  test_says("warning: took 88 %");
}

Test(compare, samples_that_are_gone_or_damaged_are_refused) {
  const struct test_rounds base = rounds_of(1, .004), other = rounds_of(1.02, .004);
  files(&base, &other);
  json_t *record = json_loads(test_read("b/b.jsonl"), 0, NULL);
  char path[512];
  snprintf(path, sizeof path, "b/%s", json_string_value(json_object_get(record, "samples")));
  cr_assert_eq(truncate(test_path(path), 100), 0);
  FAILS(compare(a, b, NULL), L4R_INPUT, "does not have the hash it is named by");
  cr_assert_eq(unlink(test_path(path)), 0);
  FAILS(compare(a, b, NULL), L4R_INPUT, "b.jsonl:1: samples");
  json_decref(record);
}

Test(compare, two_machines_only_when_asked) {
  struct test_rounds base = rounds_of(1, .004), other = base;
  other.cpu = "Another processor";
  files(&base, &other);
  FAILS(compare(a, b, NULL), L4R_INPUT, "manifest: they are of two machines");
  OK(compare(a, b, "--across-machines", NULL));
  base.key = "k1"; /* both state a key: that alone counts */
  other.key = "k1";
  files(&base, &other);
  OK(compare(a, b, NULL));
  other.cpu = NULL;
  other.key = "k2";
  files(&base, &other);
  FAILS(compare(a, b, NULL), L4R_INPUT, "two machines");
  other.key = NULL; /* a record of before there were keys */
  files(&base, &other);
  OK(compare(a, b, NULL));
}

Test(compare, folders_are_matched_by_what_records_say) {
  struct test_rounds base = rounds_of(1, .004), slow = rounds_of(1.06, .004);
  test_rounds_file("x", "1", &base);
  test_rounds_file("y", "2", &slow);
  base.threads = slow.threads = 2;
  test_rounds_file("x", "3", &base);
  base.arm = "pop@pop";
  test_rounds_file("y", "4", &base);
  char x[256], y[256]; /* test_path's buffers are used again */
  snprintf(x, sizeof x, "%s", test_path("x"));
  snprintf(y, sizeof y, "%s", test_path("y"));
  OK(compare(x, y, NULL));
  test_says("has no counterpart in B");
  test_says("has no counterpart in A");
  test_says("SLOWER");
  FAILS(compare(x, y, "--gate", "3%", NULL), L4R_INPUT, "a gate needs every arm of A");
  FAILS(compare(x, y, "--gate", "50%", "--threads", "3", NULL), L4R_INPUT, "none of the 2 records");
  OK(compare(x, y, "--arm", "blis@lite", "--against", "pop@pop", "--threads", "2", NULL));
  test_says("blis@lite -> pop@pop");
  test_rounds_file("x", "5", &slow);
  FAILS(compare(x, y, NULL), L4R_INPUT, "are both of arm blis@lite");
}

Test(compare, a_metric_that_is_withheld_is_refused_with_a_remedy) {
  struct test_rounds base = rounds_of(1, .004);
  base.users = 100;
  files(&base, &base);
  FAILS(compare(a, b, "--metric", "p99", NULL), L4R_INPUT, "rounds[0].p99_ns: needs 368 distinct");
  OK(compare(a, b, "--metric", "p50", NULL));
  base.scenario = "offline";
  files(&base, &base);
  FAILS(compare(a, b, "--metric", "p50", NULL), L4R_INPUT, "--metric mean needs no percentiles");
}

Test(compare, the_command_line_is_checked) {
  FAILS(compare("x", NULL), L4R_USAGE, "two files or folders");
  FAILS(compare("x", "y", "--margin", "3", NULL), L4R_USAGE, "like 3% or .03, not '3'");
  FAILS(compare("x", "y", "--gate", "0%", NULL), L4R_USAGE, "--gate wants a share");
  FAILS(compare("x", "y", "--margin", "nan", NULL), L4R_USAGE, "--margin wants");
  FAILS(compare("x", "y", "--strict", NULL), L4R_USAGE, "--strict belongs to --gate");
  FAILS(compare("x", "y", "--gate", "3%", "--margin", "3%", NULL), L4R_USAGE, "says it twice");
  FAILS(compare("x", "y", "--metric", "p90", NULL), L4R_USAGE, "there is no figure 'p90'");
  FAILS(compare("x", "y", "--metric", "p50,p50", NULL), L4R_USAGE, "twice");
  FAILS(compare("x", "y", "--metric", "HR@0", NULL), L4R_USAGE, "no figure 'HR@0'");
  FAILS(compare("x", "y", "--margin", "auto", NULL), L4R_USAGE, "auto is a margin of --gate");
  FAILS(compare("x", "y", "--gate", "p99=x", NULL), L4R_USAGE, "like 3% or .03, not 'x'");
  FAILS(compare("x", "y", "--gate", "p99=3%,mean", NULL), L4R_USAGE, "'mean' names no margin");
  FAILS(compare("x", "y", "--gate", "p99=3%", "--metric", "p50", NULL), L4R_USAGE, "--metric out");
  FAILS(compare("x", "y", "--gate", "3%", "--across-machines", NULL), L4R_USAGE, "one machine");
  FAILS(compare("x", "y", "--against", "z", NULL), L4R_USAGE, "--arm has to name A's");
  FAILS(compare("nowhere", "y", NULL), L4R_INPUT, "nowhere");
}

/* A record of model `sha256` under one arm's name, which takes `times` as long. */
static void of_model(const char *folder, const char *sha256, double times) {
  struct test_rounds wanted = rounds_of(times, .001);
  json_t *record = test_rounds_record(folder, &wanted);
  json_object_set_new(record, "model", json_pack("{s:s}", "sha256", sha256));
  cr_assert_eq(l4r_record_seal(record), 0);
  test_records(folder, sha256, &record, 1);
}

Test(compare, models_of_one_name_are_paired_by_their_hash) {
  of_model("a", "aaaaaaaaaa", 1);
  of_model("a", "bbbbbbbbbb", 3);
  of_model("b", "bbbbbbbbbb", 3);
  of_model("b", "aaaaaaaaaa", 1);
  cr_assert_eq(compare(test_path("a"), test_path("b"), "--json", "--metric", "mean", NULL), 0, "%s",
               l4r_error_message());
  json_t *root = json_loads(said(), 0, NULL), *rows = json_object_get(root, "rows"), *row;
  size_t index;
  cr_assert_eq(json_array_size(rows), 2, "%s", said());
  json_array_foreach(rows, index, row)
    cr_assert_float_eq(json_number_value(json_object_get(row, "ratio")), 1, .01, "%s", said());
}
