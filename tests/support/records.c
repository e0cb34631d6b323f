/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/records.h"

#include "bench/record/bundle.h"
#include "bench/derive/derive.h"
#include "bench/derive/verify.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "tests/support/files.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *accuracy_of(double hits) {
  json_t *accuracy = json_pack("{s:i, s:{}}", "users", 1000, "ci95");
  for (int mask = 0; mask < 2; mask++) {
    const double hr = mask ? hits : hits - .1;
    const char *name = mask ? "mask" : "keep";
    json_object_set_new(accuracy, name, json_pack("{s:f, s:f}", "HR@10", hr, "NDCG@10", hr / 2));
    json_object_set_new(json_object_get(accuracy, "ci95"), name,
                        json_pack("{s:[f, f], s:[f, f]}", "HR@10", hr - .01, hr + .01, "NDCG@10",
                                  hr / 2 - .01, hr / 2 + .01));
  }
  return accuracy;
}

json_t *test_record(const char *folder, struct test_record wanted) {
  struct l4r_bundle samples;
  json_t *latency, *throughput,
      *rounds = json_pack("[{s:i}, {s:i}]", "peak_rss_bytes", 33000000, "peak_rss_bytes", 33000000);
  char name[80];
  cr_assert_eq(l4r_bundle_init(&samples), 0);
  const int users = wanted.users;
  int64_t *start = l4r_bundle_add(&samples, "round_start", 3);
  int64_t *ns = l4r_bundle_add(&samples, "ns", 2 * users);
  int64_t *served = l4r_bundle_add(&samples, "served", 2 * users);
  for (int i = 0; i < 2 * users; i++) {
    ns[i] = (int64_t)(wanted.ns * (1 + .001 * (i % users - users / 2)));
    served[i] = 1;
  }
  start[1] = users;
  start[2] = 2 * users;
  if (wanted.tick_ns > 0) json_object_set_new(samples.meta, "tick_ns", json_real(wanted.tick_ns));
  const int single = strcmp(wanted.scenario, "offline") != 0;
  json_object_set_new(samples.meta, "distinct_users", json_integer(users));
  json_object_set_new(samples.meta, "per_query", json_integer(single));
  cr_assert_eq(test_derive_rounds(&samples, rounds), 0, "%s", l4r_error_message());
  cr_assert_eq(test_derive_latency(&samples, &latency), 0, "%s", l4r_error_message());
  cr_assert_eq(test_derive_throughput(&samples, &throughput), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_bundle_store(&samples, test_path(folder), name), 0, "%s", l4r_error_message());
  l4r_bundle_free(&samples);
  json_t *record = json_pack(
      "{s:i, s:s, s:s, s:s, s:{}, s:s, s:i, s:i, s:s, s:{s:s}, s:{s:s, s:s, s:i, s:i, s:s, s:s},"
      " s:o, s:o, s:o, s:o, s:{s:i, s:i}, s:{s:s}, s:{s:s}, s:s}",
      "schema", 1, "kind", "run", "engine", "blis", "arm", wanted.arm, "options", "scenario",
      wanted.scenario, "threads", wanted.threads, "batch", single ? 1 : 64, "precision", "fp32",
      "model", "name", "lite", "dataset", "name", wanted.dataset, "sha256", wanted.dataset, "users",
      1000, "items", 50, "tie", "item", "split", "leave-one-out", "accuracy",
      accuracy_of(wanted.hits), "latency_ns", latency, "users_per_second", throughput, "rounds",
      rounds, "resources", "weights_bytes", 2500000, "peak_rss_bytes", 33000000, "pinned", "asked",
      "core", "manifest", "cpu", "A processor", "samples", name);
  cr_assert_not_null(record);
  json_object_set_new(record, "counters", json_array());
  json_object_set_new(record, "ceiling",
                      test_derive_ceiling(rounds, json_object_get(record, "description"), NULL));
  if (wanted.rate > 0)
    json_object_set_new(record, "server",
                        json_pack("{s:f, s:f, s:f, s:f, s:s, s:{s:f}}", "rate_asked", wanted.rate,
                                  "rate_achieved", wanted.rate * .99, "load", .5, "bound_ns", 1e7,
                                  "verdict", wanted.ns < 1e7 ? "PASS" : "FAIL", "service_p50_ns",
                                  "value", 1e6));
  return record;
}

static void ignore(void *context, const char *where, const char *field, const char *what) {
  (void)context, (void)where, (void)field, (void)what;
}

static void seal(const char *folder, json_t *record) {
  struct l4r_verified verified = {.allow_missing = 1};
  char path[512];
  snprintf(path, sizeof path, "%s/x.jsonl", test_path(folder));
  cr_assert_eq(l4r_record_seal(record), 0, "%s", l4r_error_message());
  json_object_set_new(record, "_path", json_string(path));
  if (test_record_verify(record, ignore, NULL, &verified) || verified.differences) {
    json_object_del(record, "samples");
    cr_assert_eq(l4r_record_seal(record), 0, "%s", l4r_error_message());
  }
  json_decref(verified.accuracy);
  json_object_del(record, "_path");
}

void test_records(const char *folder, const char *name, json_t *const *record, int records) {
  char path[512], *text = NULL;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  for (int r = 0; r < records; r++) {
    if (!json_object_get(record[r], "sha256")) seal(folder, record[r]);
    json_dumpf(record[r], stream, JSON_COMPACT | JSON_SORT_KEYS);
    fputc('\n', stream);
    json_decref(record[r]);
  }
  fclose(stream);
  snprintf(path, sizeof path, "%s/%s.jsonl", folder, name);
  test_bytes(path, text, bytes);
  free(text);
}

const json_t *test_at(const json_t *record, const char *one, const char *two) {
  return json_object_get(json_object_get(record, one), two);
}

int test_spoiled(const json_t *record, const char *kind) {
  size_t index;
  const json_t *warning;
  json_array_foreach(json_object_get(record, "warnings"), index, warning) {
    const char *said = json_string_value(json_object_get(warning, "kind"));
    if (said && !strcmp(said, kind)) return json_is_true(json_object_get(warning, "spoils"));
  }
  return 0;
}

int test_was_crowded(const json_t *record) {
  size_t index;
  const json_t *round;
  json_array_foreach(json_object_get(record, "rounds"), index, round) {
    const double seconds = json_number_value(test_at(round, "usage", "seconds"));
    if (json_number_value(test_at(round, "usage", "wait_seconds")) < .1 * seconds) return 0;
  }
  return 1;
}
