/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/rounds.h"

#include "bench/run/accuracy.h"
#include "bench/record/bundle.h"
#include "bench/derive/derive.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define OK(call) cr_assert_eq(call, 0, "%s", l4r_error_message())

/* Of as many users as are timed, 40 at least. */
static json_t *accuracy_of(const char *folder, const struct test_rounds *wanted, int timed) {
  const int lost = wanted->users_lost;
  const int users = timed > 40 ? timed : 40;
  static const char *const arrays[] = {"keep", "mask", "tied", "short"};
  struct l4r_bundle ranks;
  char name[80];
  json_t *accuracy;
  OK(l4r_bundle_init(&ranks));
  for (int a = 0; a < 4; a++) {
    int64_t *value = l4r_bundle_add(&ranks, arrays[a], users);
    for (int u = 0; u < users && a < 2; u++) value[u] = lost && u % lost == 0 ? 0 : u % 30;
  }
  int64_t *user = l4r_bundle_add(&ranks, "user", users);
  for (int u = 0; u < users; u++) user[u] = u;
  OK(l4r_accuracy_derive(&ranks, &accuracy));
  OK(l4r_bundle_store(&ranks, test_path(folder), name));
  json_object_set_new(accuracy, "samples", json_string(name));
  l4r_bundle_free(&ranks);
  return accuracy;
}

static void fill_samples(struct l4r_bundle *samples, const struct test_rounds *wanted, int users) {
  const int n = users * wanted->rounds;
  int64_t *start = l4r_bundle_add(samples, "round_start", wanted->rounds + 1);
  int64_t *ns = l4r_bundle_add(samples, "ns", n);
  int64_t *served = l4r_bundle_add(samples, "served", n);
  for (int r = 0; r < wanted->rounds; r++) {
    start[r + 1] = start[r] + users;
    for (int u = 0; u < users; u++) {
      const double place = users > 1 ? 2.0 * u / (users - 1) - 1 : 0;
      ns[r * users + u] = llround(wanted->ns[r] * (1 + .2 * place));
      served[r * users + u] = 1;
    }
  }
  json_object_set_new(samples->meta, "tick_ns", json_real(1));
  json_object_set_new(samples->meta, "distinct_users", json_integer(users));
  json_object_set_new(
      samples->meta, "per_query",
      json_integer(!wanted->scenario || !strcmp(wanted->scenario, "single-stream")));
}

static void fill_figures(json_t *record, const struct test_rounds *wanted,
                         const struct l4r_bundle *samples, json_t *rounds) {
  json_t *latency, *over_rounds, *throughput;
  OK(test_derive_rounds(samples, rounds));
  OK(test_derive_latency(samples, &latency));
  OK(test_derive_over_rounds(samples, latency, &over_rounds));
  OK(test_derive_throughput(samples, &throughput));
  json_t *description = wanted->flops > 0
                            ? json_pack("{s:[{s:s, s:f, s:f, s:i}]}", "stages", "name", "encoder",
                                        "flops", wanted->flops, "bytes", 0.0, "timer", -1)
                            : json_object();
  json_object_set_new(record, "ceiling", test_derive_ceiling(rounds, description, throughput));
  json_object_set_new(record, "counters",
                      test_derive_counters(rounds, description,
                                           json_integer_value(json_object_get(latency, "count"))));
  json_object_set_new(record, "description", description);
  json_object_set_new(record, "latency_ns", latency);
  json_object_set_new(record, "latency_over_rounds_ns", over_rounds);
  json_object_set_new(record, "users_per_second", throughput);
  json_object_set(record, "rounds", rounds);
}

static const char *or_else(const char *text, const char *otherwise) {
  return text ? text : otherwise;
}

json_t *test_rounds_record(const char *folder, const struct test_rounds *wanted) {
  struct l4r_bundle samples;
  char name[80];
  const int users = wanted->users ? wanted->users : 400;
  json_t *rounds = json_array();
  for (int r = 0; r < wanted->rounds; r++)
    json_array_append_new(rounds, json_pack("{s:i, s:i, s:[]}", "round",
                                            r + (wanted->gap > 0 && r >= wanted->gap),
                                            "peak_rss_bytes", 1000 + r, "counters"));
  size_t r;
  json_t *round;
  json_array_foreach(rounds, r, round)
    if (wanted->cold > 0)
      json_object_set_new(round, "cold_ns", json_integer(llround(wanted->cold) + 1000 * (int)r));
  json_array_foreach(rounds, r, round)
    if (wanted->gops > 0)
      json_object_set_new(round, "peak",
                          json_pack("{s:f, s:s, s:s}", "gops", wanted->gops, "precision", "fp32",
                                    "instructions", "AVX-512"));
  json_t *record = json_pack(
      "{s:i, s:s, s:s, s:s, s:{}, s:s, s:i, s:i, s:s, s:{s:s, s:s}, s:{s:s, s:s, s:s}, s:{s:i}, "
      "s:{s:s}, s:{s:i, s:i, s:i}, s:{s:s, s:s, s:s}}",
      "schema", 1, "kind", "run", "engine", "blis", "arm", or_else(wanted->arm, "blis@lite"),
      "options", "scenario", or_else(wanted->scenario, "single-stream"), "threads",
      wanted->threads ? wanted->threads : 1, "batch", 1, "precision", "fp32", "model", "name",
      "lite", "sha256", "weights", "dataset", "name", "small", "sha256", "data", "split",
      "leave-one-out", "resources", "peak_rss_bytes", 1000 + wanted->rounds - 1, "pinned", "asked",
      "core", "settings", "users", users, "seed", wanted->seed, "k", 20, "manifest", "cpu",
      or_else(wanted->cpu, "A processor"), "time", or_else(wanted->time, "2026-11-26T07:00:00Z"),
      "git", or_else(wanted->git, "abc1234"));
  cr_assert_not_null(record);
  if (wanted->key)
    json_object_set_new(json_object_get(record, "manifest"), "machine_key",
                        json_string(wanted->key));
  if (wanted->weights > 0)
    json_object_set_new(json_object_get(record, "resources"), "weights_bytes",
                        json_integer(llround(wanted->weights)));
  OK(l4r_bundle_init(&samples));
  fill_samples(&samples, wanted, users);
  fill_figures(record, wanted, &samples, rounds);
  json_object_set_new(record, "accuracy", accuracy_of(folder, wanted, users));
  OK(l4r_bundle_store(&samples, test_path(folder), name));
  json_object_set_new(record, "samples", json_string(name));
  l4r_bundle_free(&samples);
  json_decref(rounds);
  OK(l4r_record_seal(record));
  return record;
}

const char *test_rounds_file(const char *folder, const char *name,
                             const struct test_rounds *wanted) {
  char path[512];
  json_t *record = test_rounds_record(folder, wanted);
  test_records(folder, name, &record, 1);
  snprintf(path, sizeof path, "%s/%s.jsonl", folder, name);
  return test_path(path);
}
