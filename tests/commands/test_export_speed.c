/* SPDX-License-Identifier: BSD-3-Clause */
/* export speed, growth and predict: what stages take, what one setting changes, what more cores
 * would bring. */
#include "tests/commands/export.h"
#include "tests/support/derived.h"
#include "tests/support/files.h"
#include "impl/base/error.h"

#include <jansson.h>
#include <stdio.h>

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
                        "50 % | 2.06 ms | 970 | the serial part |");
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
