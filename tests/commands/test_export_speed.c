/* SPDX-License-Identifier: BSD-3-Clause */
/* export speed, growth and predict: what stages take, what one setting changes, what more cores
 * would give. */
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
  has(table, "**small, 1,000 users, 50 items, ties by item id: inflated; single-stream** on A processor");
  /* a user's 1 ms and 2 ms of encoding are 1.41 ms; 50 flop/ns over sqrt(2) of 100 */
  has(table, "| | | encoding | 1.41 ms");
  has(table, " 35.4 | 0.71 | 0.35 x sgemm | | 8.8 % of memory |");
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

/* A record of machine `key`, whose rounds saw so much of it; 4 ms a user: 3 of encoding, which is
 * arithmetic, .8 of a head that reads memory, and .2 that no stage counts. */
static json_t *measured_on(const char *key, double gops, double gb_per_s, double encoding,
                           double head) {
  json_t *record = test_record("runs", like(fast, "blis@lite", 1, encoding + head + 2e5, .3));
  json_t *rounds = json_object_get(record, "rounds"), *round;
  size_t r;
  char digits[65];
  memset(digits, *key, 64);
  digits[64] = '\0';
  json_object_set_new(json_object_get(record, "manifest"), "machine_key", json_string(digits));
  json_object_set_new(json_object_get(record, "model"), "kind", json_string("lite"));
  json_object_set_new(record, "users_per_second",
                      json_pack("{s:f, s:f, s:f}", "value", 1e9 / (encoding + head + 2e5), "lo",
                                .99e9 / (encoding + head + 2e5), "hi",
                                1.01e9 / (encoding + head + 2e5)));
  json_array_foreach(rounds, r, round) {
    json_object_set_new(
        round, "peak",
        json_pack("{s:f, s:s, s:s}", "gops", gops, "precision", "fp32", "instructions", "AVX-512"));
    json_object_set_new(round, "memory_gb_per_s", json_real(gb_per_s));
  }
  json_object_set_new(
      record, "stages",
      json_pack("[{s:s, s:[s], s:{s:f}, s:f, s:f, s:f, s:f, s:n, s:f, s:s, s:f},"
                " {s:s, s:[s], s:{s:f}, s:f, s:f, s:f, s:f, s:n, s:f, s:s, s:f}]",
                "name", "encoding", "stages", "encoder", "ns_per_user", "value", encoding, "flops",
                1e8, "bytes", 1e3, "flops_per_second", 1e8 / encoding * 1e9, "bytes_per_second",
                1e3 / encoding * 1e9, "sgemm_fraction", "memory_fraction", .01, "read_from",
                "memory", "read_fraction", .01, "name", "head", "stages", "head", "ns_per_user",
                "value", head, "flops", 1e3, "bytes", 4e6, "flops_per_second", 1e3 / head * 1e9,
                "bytes_per_second", 4e6 / head * 1e9, "sgemm_fraction", "memory_fraction", .5,
                "read_from", "memory", "read_fraction", .5));
  json_object_set_new(record, "description",
                      json_pack("{s:[{s:s, s:f, s:f, s:i}, {s:s, s:f, s:f, s:i}]}", "stages",
                                "name", "encoder", "flops", 1e8, "bytes", 1e3, "timer", 0, "name",
                                "head", "flops", 1e3, "bytes", 4e6, "timer", 1));
  return record;
}

static const char *ceilings_of(double fp32, double memory) {
  char text[512];
  snprintf(text, sizeof text,
           "{\"format\": \"lite4rec ceilings\", \"version\": 2, \"manifest\": {\"cpu\": \"Some "
           "Xeon\"}, \"ceilings\": [{\"threads\": 1, \"best\": {\"fp32\": {\"gops\": %g}}, "
           "\"read\": [{\"from\": \"DRAM\", \"gb_per_s\": %g}]}]}",
           fp32, memory);
  return test_file("there.json", text);
}

/* Twice the arithmetic, the same memory: half of the encoding's 3 ms, all of the rest. */
Test(export, a_prediction_is_made_stage_by_stage_from_the_other_machines_ceilings) {
  json_t *records[] = {measured_on("a", 100, 10, 3e6, 8e5), measured_on("b", 200, 10, 1.5e6, 8e5)};
  test_records("runs", "a", records, 2);
  OK(export("predict", test_path("runs"), "--ceilings", ceilings_of(200, 10), NULL));
  const char *out = test_read("out");
  has(out, "**Prediction, not a measurement**: Some Xeon, from its ceilings.");
  has(out, "| blis@lite, single-stream | 1 | 4.00 ms on A processor | 2.50 ms (2.48 ms to 2.53 ms) "
           "| 400 | 1.00 | arithmetic |");
  has(out, "How well it predicts");
  has(out, "| A processor | 1 | 1.00 | 1.00 | blis@lite, single-stream, 1 thread |");
}

/* The machine that was left out was slower by 1.8 than the others say: so may this one be. Wrong by
 * more than a factor of two on both sides, nothing is said. */
Test(export, a_predictions_interval_is_the_error_made_on_machines_left_out) {
  json_t *near[] = {measured_on("a", 100, 10, 3e6, 8e5), measured_on("b", 100, 10, 6.2e6, 8e5)};
  test_records("runs", "a", near, 2);
  OK(export("predict", test_path("runs"), "--ceilings", ceilings_of(100, 10), NULL));
  has(test_read("out"), "4.00 ms (2.20 ms to 7.27 ms) | 250 | 1.80 | arithmetic |");
  json_t *far[] = {measured_on("a", 100, 10, 3e6, 8e5), measured_on("b", 100, 10, 9e6, 8e5)};
  test_records("runs", "a", far, 2);
  OK(export("predict", test_path("runs"), "--ceilings", ceilings_of(100, 10), NULL));
  has(test_read("out"), "unknown: the interval's ends are a factor of 6.4 apart, more than 4");
  json_t *alone[] = {measured_on("a", 100, 10, 3e6, 8e5)};
  test_records("runs", "a", alone, 1);
  OK(export("predict", test_path("runs"), "--ceilings", ceilings_of(100, 10), NULL));
  has(test_read("out"), "no arm of these records was measured on two machines");
  has(test_read("out"), "unknown: nothing tells how wide the interval is");
}

Test(export, predictions_that_cannot_be_made_say_why) {
  json_t *record = measured_on("a", 100, 10, 3e6, 8e5);
  json_object_set_new(record, "precision", json_string("int8"));
  test_records("runs", "a", &record, 1);
  OK(export("predict", test_path("runs"), "--ceilings", ceilings_of(100, 10), NULL));
  has(test_read("out"), "unknown: the file has no ceiling of int8");
  FAILS(export("predict", test_path("runs"), NULL), L4R_USAGE, "wants --ceilings FILE");
  FAILS(export("predict", test_path("runs"), "--ceilings", test_file("b.json", "{"), NULL),
        L4R_INPUT, "the file is damaged");
  json_t *bare = test_record("bare", fast);
  test_records("bare", "a", &bare, 1);
  FAILS(export("predict", test_path("bare"), "--ceilings", ceilings_of(100, 10), NULL), L4R_INPUT,
        "nothing to predict from");
}
