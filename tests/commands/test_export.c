/* SPDX-License-Identifier: BSD-3-Clause */
/* Records and training logs into tables: what is shown, what is left out and said so, what refuses.
 */
#include "bench/commands/commands.h"
#include "bench/export/quantiles.h"
#include "bench/record/bundle.h"
#include "bench/derive/derive.h"
#include "bench/stats/quantile.h"
#include "impl/base/error.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Runs `lite4rec export WORD...` (ended by NULL); its standard output goes to "out" of the scratch
 * folder, its standard error to "err". */
static int export(const char *word, ...) {
  va_list more;
  va_start(more, word);
  const int status = test_command(l4r_command_export, "export", word, more);
  va_end(more);
  return status;
}

static void has(const char *text, const char *part) {
  cr_assert_not_null(strstr(text, part), "'%s' is not in:\n%s", part, text);
}

static int lines_of(const char *text) {
  int lines = 0;
  for (; *text; text++) lines += *text == '\n';
  return lines;
}

/* Field `column` of line `line` (0: the names), split by `separator`. */
static const char *field(const char *text, int line, const char *column, char separator) {
  static char out[8][256];
  static int next;
  char *found = out[next++ % 8];
  int at = 0, wanted = -1;
  for (const char *name = text; wanted < 0; at++) {
    const size_t n = strcspn(name, "\t,\r\n");
    if (n == strlen(column) && !strncmp(name, column, n)) wanted = at;
    cr_assert(wanted >= 0 || name[n] == separator, "no column %s", column);
    name += n + 1;
  }
  for (; line > 0; line--) text = strchr(text, '\n') + 1;
  for (; wanted > 0; wanted--) text = strchr(text, separator) + 1;
  const char ends[] = {separator, '\r', '\n', '\0'};
  snprintf(found, sizeof out[0], "%.*s", (int)strcspn(text, ends), text);
  return found;
}

static void field_is(const char *text, int line, const char *column, const char *expected) {
  const char *value = field(text, line, column, '\t');
  cr_assert_str_eq(value, expected, "line %d, %s: '%s', expected '%s' in\n%s", line, column, value,
                   expected, text);
}

static const struct test_record fast = {"blis@lite", "small", "single-stream", 1, 400, 2e6, .3,
                                        0,           0};

static struct test_record like(struct test_record record, const char *arm, int threads, double ns,
                               double hits) {
  record.arm = arm;
  record.threads = threads;
  record.ns = ns;
  record.hits = hits;
  return record;
}

Test(export, tables_hold_points_arms_and_the_front) {
  json_t *records[] = {test_record("runs", like(fast, "beam@p5", 1, 5e7, .2)),
                       test_record("runs", fast),
                       test_record("runs", like(fast, fast.arm, 2, 1e6, .3)),
                       test_record("runs", like(fast, "heuristic@pop", 1, 1e3, .15))};
  test_records("runs", "a", records, 4);
  OK(export("tables", test_path("runs"), "--out", test_path("tables"), NULL));
  const char *groups = test_read("tables/groups.tsv");
  cr_assert_eq(lines_of(groups), 2);
  field_is(groups, 1, "group", "small-single-stream");
  field_is(groups, 1, "arms", "3");
  field_is(groups, 1, "threads", "1 2");
  field_is(groups, 1, "latency", "p50");
  field_is(groups, 1, "points", "4");
  field_is(groups, 1, "curves", "4");
  field_is(groups, 1, "title", "small, 1,000 users, 50 items, ties by item; single-stream");
  const char *arms = test_read("tables/arms.tsv");
  field_is(arms, 1, "label", "blis@lite"); /* the most accurate is the first */
  field_is(arms, 3, "label", "heuristic@pop");
  static const char *const priority[] = {"0", "2", "1"}; /* on the front: the first and the last */
  for (int a = 0; a < 3; a++) field_is(arms, a + 1, "priority", priority[a]);
  const char *points = test_read("tables/accuracy_latency.tsv"); /* in order of latency */
  cr_assert_eq(lines_of(points), 5);
  static const char *const front[] = {"1", "1", "0", "0"};
  for (int p = 0; p < 4; p++) field_is(points, p + 1, "mask_front", front[p]);
  field_is(points, 2, "threads", "2");
  field_is(points, 2, "thread", "1");
  field_is(points, 2, "keep_hr", "0.2");
  field_is(points, 2, "mask_hr_hi", "0.31");
  const double ns = atof(field(points, 2, "ns", '\t')), lo = atof(field(points, 2, "ns_lo", '\t'));
  cr_assert(lo > .9e6 && lo <= ns && ns <= 1e6, "%g %g", lo, ns);
}

Test(export, curves_end_where_the_users_no_longer_support_a_quantile) {
  json_t *record = test_record("runs", fast);
  test_records("runs", "a", &record, 1);
  OK(export("tables", test_path("runs"), "--out", test_path("tables"), NULL));
  const char *curve = test_read("tables/latency_quantiles.tsv");
  const int last = lines_of(curve) - 1;
  double before = 0;
  for (int line = 1; line <= last; line++) {
    const double ns = atof(field(curve, line, "ns", '\t'));
    cr_assert_geq(ns, before);
    before = ns;
  }
  const double top = atof(field(curve, last, "p", '\t')), low = atof(field(curve, 1, "p", '\t'));
  cr_assert_leq(l4r_quantile_needed(top, .95), fast.users);
  cr_assert_gt(top, .99); /* 400 users support p99 and little more */
  cr_assert_float_eq(low, 1 - top, 1e-7);
  const double middle = atof(field(curve, (last + 1) / 2, "ns", '\t'));
  cr_assert_float_eq(middle, fast.ns, .002 * fast.ns);
}

/* Samples that boast of users: the curve is that of their calls, and ends. */
Test(export, users_that_samples_do_not_hold_make_no_curve_longer) {
  int64_t points[2];
  for (int boast = 0; boast < 2; boast++) {
    struct l4r_bundle samples;
    char name[80];
    cr_assert_eq(l4r_bundle_init(&samples), 0);
    int64_t *ns = l4r_bundle_add(&samples, "ns", 200);
    for (int i = 0; i < 200; i++) ns[i] = 1000000 + i;
    json_object_set_new(samples.meta, "per_query", json_integer(1));
    json_object_set_new(samples.meta, "distinct_users", json_integer(boast ? 1000000000000 : 200));
    cr_assert_eq(l4r_bundle_store(&samples, test_path("runs"), name), 0);
    l4r_bundle_free(&samples);
    json_t *record = json_pack("{s:s, s:s}", "samples", name, "_path", test_path("runs/a.jsonl"));
    const struct l4r_row row = {.record = test_record_of(record), .label = "x"};
    struct l4r_table table = {.status = L4R_OK};
    l4r_table_keys(&table, "group arm thread threads p ns label");
    cr_assert_eq(l4r_export_quantiles(&row, "g", &table, &points[boast]), 0, "%s",
                 l4r_error_message());
    cr_assert_eq(table.status, L4R_OK);
    cr_assert_eq((int64_t)table.rows, points[boast]);
    l4r_table_free(&table);
    json_decref(record);
  }
  cr_assert_gt(points[0], 10);
  cr_assert_eq(points[0], points[1]);
}

Test(export, spans_of_few_clock_ticks_are_not_drawn) {
  struct test_record wanted = fast;
  wanted.tick_ns = wanted.ns / 20; /* the lower half lies below 20 ticks */
  json_t *record = test_record("runs", wanted);
  test_records("runs", "a", &record, 1);
  OK(export("tables", test_path("runs"), "--out", test_path("tables"), NULL));
  const char *curve = test_read("tables/latency_quantiles.tsv");
  cr_assert_geq(atof(field(curve, 1, "ns", '\t')), fast.ns);
  cr_assert_float_eq(atof(field(curve, 1, "p", '\t')), .5, .02);
}

Test(export, the_newest_record_of_an_arm_is_drawn_and_the_rest_told) {
  json_t *old = test_record("runs", fast),
         *newer = test_record("runs", like(fast, fast.arm, 1, 9e6, .3));
  json_object_set_new(json_object_get(old, "manifest"), "time",
                      json_string("2024-05-01T00:00:00Z"));
  json_object_set_new(json_object_get(newer, "manifest"), "time",
                      json_string("2024-06-01T00:00:00Z"));
  json_t *records[] = {newer, old};
  test_records("runs", "a", records, 2);
  OK(export("tables", test_path("runs"), "--out", test_path("tables"), NULL));
  const char *points = test_read("tables/accuracy_latency.tsv");
  cr_assert_eq(lines_of(points), 2);
  cr_assert_gt(atof(field(points, 1, "ns", '\t')), 8e6);
  has(test_read("err"), "1 of 2 records are older ones");
}

Test(export, what_a_record_lacks_is_left_out_and_told) {
  static const char gone[] =
      "60ae60ae60ae60ae60ae60ae60ae60ae60ae60ae60ae60ae60ae60ae60ae60ae.samples.gz";
  json_t *bare = json_pack("{s:i, s:s, s:{s:s}, s:{s:s}}", "schema", 1, "engine", "blis", "model",
                           "name", "x", "options", "beams", "5");
  json_t *blind = test_record("runs", fast),
         *open = test_record("runs", like(fast, "b@m", 1, 1e6, .2));
  json_object_del(blind, "samples");
  json_object_del(json_object_get(blind, "accuracy"), "ci95");
  json_object_set_new(open, "latency_ns",
                      json_pack("{s:{s:s}, s:{s:f, s:n, s:n}}", "p50", "withheld", "few", "mean",
                                "value", 1e6, "lo", "hi"));
  json_object_set_new(open, "samples", json_string(gone));
  json_t *records[] = {bare, blind, open};
  test_records("runs", "a", records, 3);
  OK(export("tables", test_path("runs"), "--out", test_path("tables"), NULL));
  const char *groups = test_read("tables/groups.tsv"), *errors = test_read("err");
  cr_assert_eq(lines_of(groups), 3);
  field_is(groups, 1, "group", "unnamed-");
  field_is(groups, 1, "points", "0");
  field_is(groups, 2, "points", "1");
  field_is(groups, 2, "curves", "0");
  field_is(test_read("tables/accuracy_latency.tsv"), 1, "keep_hr_lo", "-");
  field_is(test_read("tables/arms.tsv"), 1, "label", "blis@x:beams=5");
  has(errors, "b@m with 1 threads is not in the figure of accuracy against latency: few");
  has(errors,
      "blis@x:beams=5 with 0 threads has no latency curve: the record names no raw samples");
  has(errors, "not beside the record: 60ae60ae");
}

Test(export, a_servers_rates_stand_in_a_table_of_their_own) {
  struct test_record wanted = {"blis@lite", "small", "server", 1, 400, 8e6, .3, 0, 400};
  json_t *records[4];
  records[0] = test_record("runs", wanted);
  wanted.rate = 100;
  wanted.ns = 2e6;
  records[1] = test_record("runs", wanted);
  records[2] = test_record("runs", wanted); /* again: the newer is shown */
  json_object_set_new(records[2], "knee", json_pack("{s:f}", "rate", 100.));
  records[3] = test_record("runs", fast);
  test_records("runs", "a", records, 4);
  OK(export("tables", test_path("runs"), "--out", test_path("tables"), NULL));
  const char *groups = test_read("tables/groups.tsv");
  field_is(groups, 1, "loads", "2");
  field_is(groups, 1, "points", "0");
  field_is(groups, 1, "curves", "0");
  has(field(groups, 1, "title", '\t'), "server, p99 below 10 ms");
  field_is(groups, 2, "loads", "0");
  const char *load = test_read("tables/load.tsv");
  field_is(load, 1, "rate", "100"); /* ascending */
  field_is(load, 2, "rate", "400");
  field_is(load, 1, "knee", "1");
  field_is(load, 2, "knee", "0");
  field_is(load, 1, "verdict", "PASS");
  field_is(load, 1, "p50_ns", "1998000");
  field_is(load, 1, "bound_ns", "10000000");
  field_is(load, 1, "arm", "0");
  OK(export("table", test_path("runs"), "--markdown", NULL));
  has(test_read("out"), "| `blis@lite at 400/s` [1] | 1 |");
}

Test(export, offline_is_drawn_by_its_mean_and_has_no_curves) {
  struct test_record wanted = fast;
  wanted.scenario = "offline";
  json_t *record = test_record("runs", wanted);
  test_records("runs", "a", &record, 1);
  OK(export("tables", test_path("runs"), "--out", test_path("tables"), NULL));
  const char *groups = test_read("tables/groups.tsv");
  field_is(groups, 1, "latency", "mean");
  field_is(groups, 1, "points", "1");
  field_is(groups, 1, "curves", "0");
  has(field(groups, 1, "title", '\t'), "offline, batches of 64");
  cr_assert_str_empty(test_read("err"));
}

Test(export, data_sets_and_machines_have_figures_of_their_own) {
  struct test_record other = fast;
  other.dataset = "a b/../c";
  json_t *records[] = {test_record("runs", fast), test_record("runs", other),
                       test_record("runs", fast)};
  json_object_set_new(json_object_get(records[2], "manifest"), "cpu", json_string("Another"));
  test_records("runs", "a", records, 3);
  OK(export("tables", test_path("runs"), "--out", test_path("tables"), NULL));
  const char *groups = test_read("tables/groups.tsv");
  cr_assert_eq(lines_of(groups), 4);
  field_is(groups, 1, "group", "small-single-stream");
  field_is(groups, 2, "group", "a_b_.._c-single-stream");
  field_is(groups, 3, "group", "small-single-stream-2");
  field_is(groups, 3, "cpu", "Another");
}

Test(export, damaged_samples_are_refused_and_no_table_is_left) {
  json_t *record = test_record("runs", fast);
  char samples[128];
  snprintf(samples, sizeof samples, "runs/%s",
           json_string_value(json_object_get(record, "samples")));
  test_records("runs", "a", &record, 1);
  test_file(samples,
            "L4RB {\"arrays\":[{\"count\":9,\"name\":\"ns\"}],\"meta\":{},\"schema\":1}\n");
  FAILS(export("tables", test_path("runs"), "--out", test_path("tables"), NULL), L4R_INPUT,
        "a.jsonl:1: samples: the file's content does not have the hash it is named by");
  cr_assert_leq(test_entries("tables"), 0); /* not even a folder */
}

Test(export, csv_has_a_row_a_record_and_quotes) {
  json_t *records[] = {test_record("runs", like(fast, "blis@lite:a=1,b=\"2\"", 2, 1e6, .3)),
                       json_pack("{s:i}", "schema", 1)};
  test_records("runs", "a", records, 2);
  OK(export("csv", test_path("runs"), NULL));
  const char *csv = test_read("out");
  cr_assert_eq(lines_of(csv), 3);
  has(csv, ",\"blis@lite:a=1,b=\"\"2\"\"\",");
  has(csv, ",0.3,0.29,0.31,");
  has(field(csv, 2, "file", ','), "a.jsonl");
  cr_assert_str_eq(field(csv, 2, "line", ','), "2");
  cr_assert_str_eq(field(csv, 2, "hr10_mask", ','), "");
  cr_assert_eq(strlen(field(csv, 2, "sha256", ',')), 64);
  cr_assert_str_eq(field(csv, 2, "checked", ','), "samples missing");
}

Test(export, markdown_shows_both_conventions_and_why_figures_are_missing) {
  struct test_record few = fast;
  few.users = 40;
  few.arm = "beam@p5|x";
  json_t *records[] = {test_record("runs", fast), test_record("runs", few)};
  test_records("runs", "a", records, 2);
  OK(export("table", "--markdown", test_path("runs"), NULL));
  const char *table = test_read("out");
  has(table, "**small, 1,000 users, 50 items, ties by item; single-stream** on A processor");
  has(table, "| `blis@lite` [1] | 1 | 0.2000<br>0.1900–0.2100 | 0.1000<br>0.0900–0.1100 | "
             "0.3000<br>0.2900–0.3100 |");
  has(table, "| `beam@p5\\|x` [1] |");
  has(table, " 2.00 ms<br>");
  has(table, "| 2.50 MB | 33.0 MB |");
  has(table, " - [2] |");
  has(table, "\n[1] samples missing<br>\n[2] needs 368 distinct users\n");
}

Test(export, a_warning_goes_where_its_row_goes) {
  json_t *records[] = {test_record("runs", fast),
                       test_record("runs", like(fast, "b@m", 1, 1e6, .2))};
  json_object_set_new(records[0], "warnings",
                      json_pack("[s, {s:s, s:s, s:[i], s:s}]", "of an older version", "arm",
                                fast.arm, "kind", "others", "rounds", 1, "text",
                                "other programs, say\na browser, took 88 %"));
  test_records("runs", "a", records, 2);
  OK(export("csv", test_path("runs"), NULL));
  const char *csv = test_read("out");
  has(csv, ",\"of an older version; other programs, say a browser, took 88 %\",samples missing,");
  OK(export("table", "--markdown", test_path("runs"), NULL));
  const char *table = test_read("out");
  has(table, "| `blis@lite` [1] [2] [3] |");
  has(table, "| `b@m` [1] |");
  has(table, "\n[1] samples missing<br>\n[2] of an older version<br>\n"
             "[3] other programs, say a browser, took 88 %\n");
  OK(export("table", test_path("runs"), NULL));
  has(test_read("out"), "    warning: other programs, say a browser, took 88 %\n");
}

/* A record whose two rounds spent ns[] and 2 * ns[] in encoding and decoding of a user. */
static json_t *staged(const char *arm, const char *key, const char *value, double encoding,
                      double decoding) {
  json_t *record = test_record("runs", like(fast, arm, 1, encoding + decoding, .3));
  json_t *description = json_pack("{s:[{s:s, s:f, s:f, s:i}, {s:s, s:f, s:f, s:i}]}", "stages",
                                  "name", "encoder", "flops", encoding * 50, "bytes", encoding,
                                  "timer", 0, "name", "decoder", "flops", 0.0, "bytes", decoding,
                                  "timer", 1);
  json_object_set_new(json_object_get(record, "model"), "sha256", json_string("the same"));
  json_object_set_new(record, "options", value ? json_pack("{s:s}", key, value) : json_object());
  json_t *rounds = json_object_get(record, "rounds");
  for (size_t r = 0; r < 2; r++) {
    const double times = 1 + (double)r;
    json_object_set_new(json_array_get(rounds, r), "timers",
                        json_pack("[{s:s, s:f}, {s:s, s:f}]", "name", "encoding", "ns_per_user",
                                  encoding * times, "name", "decoding", "ns_per_user",
                                  decoding * times));
    json_object_set_new(json_array_get(rounds, r), "mean_ns",
                        json_real((encoding + decoding) * times));
    json_object_set_new(json_array_get(rounds, r), "sgemm_gflops", json_real(100));
    json_object_set_new(json_array_get(rounds, r), "memory_gb_per_s", json_real(8));
  }
  json_object_set_new(record, "stages", test_derive_stages(rounds, description, NULL));
  json_decref(description);
  return record;
}

Test(export, speed_shows_stages_and_what_one_option_gains) {
  json_t *records[] = {staged("beam@p5:decoder=plain", "decoder", "plain", 1e6, 8e6),
                       staged("beam@p5", NULL, NULL, 1e6, 2e6),
                       staged("beam@p5:trie=head", "trie", "head", 1e6, 1e6)};
  test_records("runs", "a", records, 3);
  OK(export("speed", test_path("runs"), NULL));
  const char *table = test_read("out");
  has(table, "**small, 1,000 users, 50 items, ties by item; single-stream** on A processor");
  /* a user's 1 ms and 2 ms of encoding are 1.41 ms; 50 flop/ns over sqrt(2) of 100 */
  has(table, "| | | encoding | 1.41 ms");
  has(table, " 35.4 | 0.71 | 35.4 % | 8.8 % |");
  has(table, "| | | decoding | 11.3 ms");
  has(table, "| `beam@p5:decoder=plain` | 1 | `decoder` as by default | 3.00 | "
             "encoding 1.00, decoding 4.00 |");
  has(table, "| `beam@p5` | 1 | `trie=head` | 1.50 | encoding 1.00, decoding 2.00 |");
  cr_assert_null(strstr(strstr(table, "times faster"), "| `beam@p5:trie=head` |"),
                 "two options apart");
  json_t *raced[] = {staged("peer:torch@p5", NULL, NULL, 1e6, 8e6),
                     staged("beam@p5", NULL, NULL, 1e6, 2e6)};
  json_object_set_new(raced[0], "engine", json_string("peer:torch"));
  test_records("runs", "a", raced, 2);
  OK(export("speed", test_path("runs"), NULL));
  has(test_read("out"), "| `peer:torch@p5` | 1 | `beam@p5` | 3.00 | - |");
  json_t *other = staged("beam@p5:trie=head", "trie", "head", 1e6, 1e6);
  json_t *first = test_record("runs", fast);
  test_records("runs", "b", &first, 1);
  test_records("runs", "a", &other, 1);
  OK(export("speed", test_path("runs"), NULL));
  cr_assert_null(strstr(test_read("out"), "times faster"), "nothing to compare in one run");
}

/* A record of a model that sees `history` items, which takes ns for a user; its one stage at half
 * of its ceiling. */
static json_t *grown(int history, int threads, double ns) {
  char settings[64];
  json_t *record = test_record("runs", like(fast, "blis@lite", threads, ns, .3));
  snprintf(settings, sizeof settings, "items=cached,history=%d,head=free", history);
  json_object_set_new(record, "description", json_pack("{s:s}", "settings", settings));
  json_object_set_new(json_object_get(record, "model"), "kind", json_string("lite"));
  json_object_set_new(json_object_get(record, "model"), "size", json_string("mini"));
  json_object_set_new(record, "stages",
                      json_pack("[{s:s, s:{s:f}, s:f, s:f}]", "name", "encoding", "ns_per_user",
                                "value", ns, "sgemm_fraction", .5, "memory_fraction", .1));
  return record;
}

Test(export, growth_finds_what_alone_was_varied) {
  json_t *records[] = {grown(40, 1, 4e6), grown(10, 1, 1e6), grown(20, 1, 5e6),
                       grown(20, 1, 2e6), grown(20, 2, 1e6), grown(40, 2, 2e6)};
  test_records("runs", "a", records, 6);
  OK(export("growth", test_path("runs"), "--out", test_path("tables"), NULL));
  const char *table = test_read("out");
  has(table, "**blis, lite mini, single-stream, fp32, by history** (items 50, batch 1, threads 1)");
  has(table, "| 10 | 0.999 |"); /* the mean of the samples is a little below ns */
  has(table, "| 20 | 2.00 |");
  has(table, "Time grows as history^1.00, the roofline's as history^1.00.");
  cr_assert_null(strstr(table, "| 20 | 5"), "of two of one kind the newest");
  has(table, "by threads** (history 20, items 50, batch 1)");
  has(table, "by threads** (history 40, items 50, batch 1)");
  cr_assert_null(strstr(table, "threads 2)"), "two values of all but threads are no sweep");
  const char *rows = test_read("tables/growth.tsv");
  cr_assert_eq(lines_of(rows), 8);
  field_is(rows, 1, "dimension", "history");
  field_is(rows, 1, "value", "10");
  field_is(rows, 3, "value", "40");
  field_is(rows, 3, "roofline_ns", "2000000");
  json_t *few[] = {grown(40, 1, 4e6), grown(10, 1, 1e6)};
  test_records("runs", "a", few, 2);
  FAILS(export("growth", test_path("runs"), NULL), L4R_INPUT, "no sweep");
}

/* 2 ms that every core must do for itself, 2 ms that cores share; 10^9 bytes a user. */
static json_t *on_threads(int threads) {
  json_t *record = grown(20, threads, 2e6 + 2e6 / threads);
  json_object_set_new(record, "users_per_second",
                      json_pack("{s:f}", "value", 1e9 / (2e6 + 2e6 / threads)));
  json_object_set_new(
      json_object_get(record, "description"), "stages",
      json_pack("[{s:s, s:f, s:f}]", "name", "encoding", "flops", 1e6, "bytes", 1e9));
  json_object_set_new(record, "ceiling", json_pack("{s:f}", "value", 1e11 * threads));
  return record;
}

Test(export, predictions_are_the_line_through_the_measured_and_its_bounds) {
  json_t *records[] = {on_threads(2), on_threads(1), on_threads(4)};
  test_records("runs", "a", records, 3);
  OK(export("predict", test_path("runs"), "--cores", "64", NULL));
  has(test_read("out"), "**Prediction, not a measurement**: 64 cores on 2 sockets");
  has(test_read("out"), "the memory's speed was not given");
  has(test_read("out"), "| blis@lite, single-stream | 4.00 ms on 1; 3.00 ms on 2; 2.50 ms on 4 | "
                        "50 % | 2.06 ms | 970 | what is not shared |");
  OK(export("predict", test_path("runs"), "--cores", "8", "--sockets", "1", "--gb-per-s", "100",
            NULL));
  has(test_read("out"), " 10.0 ms | 100 | memory |");
  FAILS(export("predict", test_path("runs"), "--cores", "3", NULL), L4R_USAGE, "--cores 3");
  FAILS(export("predict", test_path("runs"), "--gb-per-s", "-1", NULL), L4R_USAGE, "--gb-per-s");
  json_t *one[] = {on_threads(2), grown(40, 1, 4e6)};
  test_records("runs", "a", one, 1);
  FAILS(export("predict", test_path("runs"), NULL), L4R_INPUT, "--threads 1,2");
}

/* More than twice as fast on two: the line is that through 0, and its range holds it. */
Test(export, a_prediction_lies_in_its_range) {
  json_t *records[] = {on_threads(1), on_threads(2)};
  static const double rates[2][3] = {{100, 90, 110}, {250, 240, 260}};
  for (int i = 0; i < 2; i++)
    json_object_set_new(
        records[i], "users_per_second",
        json_pack("{s:f, s:f, s:f}", "value", rates[i][0], "lo", rates[i][1], "hi", rates[i][2]));
  test_records("runs", "a", records, 2);
  OK(export("predict", test_path("runs"), "--cores", "10", "--sockets", "1", NULL));
  has(test_read("out"), "| 0 % | 960 µs (881 µs to 1.06 ms) |");
}

Test(export, arms_that_do_not_scale_and_arms_bound_by_arithmetic) {
  json_t *flat[] = {on_threads(1), on_threads(2)};
  json_object_set_new(json_object_get(flat[1], "users_per_second"), "value", json_real(200));
  test_records("runs", "a", flat, 2);
  OK(export("predict", test_path("runs"), NULL));
  has(test_read("out"), "| 100 % | 4.50 ms |"); /* slower on two: the mean, nothing is shared */
  json_t *heavy[] = {on_threads(1), on_threads(2)};
  for (int i = 0; i < 2; i++) {
    json_t *stages = json_object_get(json_object_get(heavy[i], "description"), "stages");
    json_object_set_new(json_array_get(stages, 0), "flops", json_real(1e10));
  }
  test_records("runs", "a", heavy, 2);
  OK(export("predict", test_path("runs"), "--cores", "10", "--sockets", "1", NULL));
  has(test_read("out"), " 10.0 ms | 100 | arithmetic |");
}

Test(export, the_plain_table_has_a_heading_a_group) {
  struct test_record other = fast;
  other.dataset = "other";
  json_t *records[] = {test_record("runs", fast), test_record("runs", other)};
  test_records("runs", "a", records, 2);
  OK(export("table", test_path("runs"), NULL));
  has(test_read("out"), "small: 1000 users");
  has(test_read("out"), "\n\nother: 1000 users");
}

static const char log_line[] =
    "{\"epoch\": %d, \"loss\": %.1f, \"hr10\": 0.2, \"ndcg10\": %s, \"best\": %s}\n";

static void make_log(const char *name, const char *dataset) {
  char path[256], text[512];
  mkdir(test_path(name), 0777);
  int used = snprintf(text, sizeof text, log_line, 1, 5.0, "0.1", "true");
  snprintf(text + used, sizeof text - (size_t)used, log_line, 2, 4.0, "null", "false");
  snprintf(path, sizeof path, "%s/training.jsonl", name);
  test_file(path, text);
  if (!dataset) return;
  snprintf(path, sizeof path, "%s/config.json", name);
  snprintf(text, sizeof text, "{\"dataset_name\": \"%s\"}", dataset);
  test_file(path, text);
}

Test(export, learning_curves_come_from_folders_and_copies) {
  make_log("lite", "small");
  make_log("p5", "other");
  OK(export("curves", test_path("lite/"), test_path("p5"), test_path("p5/training.jsonl"), "--out",
            test_path("tables"), NULL));
  const char *curves = test_read("tables/curves.tsv"), *models = test_read("tables/models.tsv");
  cr_assert_eq(lines_of(curves), 7);
  field_is(curves, 2, "epoch", "2");
  field_is(curves, 2, "loss", "4");
  field_is(curves, 2, "ndcg10", "-");
  const char *best = test_read("tables/best.tsv");
  cr_assert_eq(lines_of(best), 4);
  field_is(best, 2, "model", "1");
  field_is(best, 2, "epoch", "1");
  field_is(curves, 5, "model", "2");
  field_is(models, 1, "label", "lite (small)");
  field_is(models, 2, "label", "p5 (other)");
  field_is(models, 3, "label", "training");
  field_is(models, 3, "epochs", "2");
}

Test(export, what_is_no_training_log_is_named) {
  make_log("lite", NULL);
  mkdir(test_path("bad"), 0777);
  mkdir(test_path("pop"), 0777);
  test_file("bad/training.jsonl", "{\"epoch\": 1}\n{\"loss\": 2}\n");
  test_file("pop/config.json", "{}");
  const char *out = test_path("tables");
  FAILS(export("curves", test_path("lite"), test_path("bad"), "--out", out, NULL), L4R_INPUT,
        "bad/training.jsonl:2: ");
  cr_assert_eq(test_entries("tables"), 0);
  FAILS(export("curves", test_path("pop"), "--out", out, NULL), L4R_INPUT, "has no training.jsonl");
  FAILS(export("curves", test_path("none"), "--out", out, NULL), L4R_INPUT, "none");
  FAILS(export("curves", test_file("empty.json", "\n"), "--out", out, NULL), L4R_INPUT,
        "holds no epoch");
}

Test(export, tables_have_formats) {
  json_t *records[] = {test_record("runs", fast)};
  test_records("runs", "a", records, 1);
  OK(export("table", "--format", "csv", test_path("runs"), NULL));
  has(test_read("out"), "arm,threads,hr10_keep,hr10_keep_lo,hr10_keep_hi,");
  has(test_read("err"), "samples missing: 1 record"); /* a sheet of figures alone has no place */
  OK(export("table", "--format", "json", test_path("runs"), NULL));
  json_t *root = json_loads(test_read("out"), 0, NULL);
  cr_assert_eq(json_array_size(root), 2);
  json_t *row = json_array_get(json_object_get(json_array_get(root, 0), "rows"), 0);
  cr_assert(json_is_number(json_object_get(json_object_get(row, "p50_ns"), "lo")));
  json_decref(root);
  FAILS(export("table", "--format", "pdf", test_path("runs"), NULL), L4R_USAGE,
        "--format wants text|markdown|html|csv|tsv|json, not 'pdf'");
  FAILS(export("table", "--format", "html", "--markdown", test_path("runs"), NULL), L4R_USAGE,
        "not both");
  FAILS(export("csv", "--format", "html", test_path("runs"), NULL), L4R_USAGE,
        "--format belongs to export table");
}

Test(export, bad_words_are_bad_usage) {
  FAILS(export(NULL, NULL), L4R_USAGE,
        "predict, accuracy, google-benchmark, curves, hf, onnx first");
  FAILS(export("pdf", "x", NULL), L4R_USAGE, "not pdf");
  FAILS(export("csv", NULL), L4R_USAGE, "files or folders of records");
  FAILS(export("curves", "--out", "x", NULL), L4R_USAGE, "model folders");
  FAILS(export("tables", "x", NULL), L4R_USAGE, "--out FOLDER");
  FAILS(export("csv", "x", "--out", "y", NULL), L4R_USAGE, "standard output");
  FAILS(export("csv", "x", "--markdown", NULL), L4R_USAGE, "--markdown");
}

Test(export, unreadable_records_and_unwritable_folders) {
  json_t *record = test_record("runs", fast);
  test_records("runs", "a", &record, 1);
  FAILS(export("csv", test_path("nothing"), NULL), L4R_INPUT, "nothing");
  FAILS(export("tables", test_path("runs"), "--out", test_file("taken", "x"), NULL),
        L4R_ENVIRONMENT, "taken");
  FAILS(export("csv", test_file("broken.jsonl", "{\"schema\": 1}\n{\"sch"), NULL), L4R_INPUT,
        "broken.jsonl:2");
}
