/* SPDX-License-Identifier: BSD-3-Clause */
/* Records and training logs into tables: what is shown, what is left out and said so, what refuses.
 */
#include "tests/commands/export.h"
#include "bench/export/quantiles.h"
#include "bench/record/bundle.h"
#include "bench/derive/derive.h"
#include "bench/stats/quantile.h"
#include "impl/base/error.h"
#include "tests/support/derived.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
  field_is(groups, 1, "title",
           "small, 1,000 users, 50 items, ties by item id: inflated; single-stream");
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
  has(table,
      "**small, 1,000 users, 50 items, ties by item id: inflated; single-stream** on A processor");
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
        "predict, peers, accuracy, google-benchmark, bencher, github-benchmark, curves, hf, onnx, "
        "vectors, croissant first");
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
