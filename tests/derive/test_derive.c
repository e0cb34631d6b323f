/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/derive.h"
#include "impl/base/error.h"
#include "tests/support/models.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* Two rounds of `calls` calls each: 1000, 2000, ... ns in the first, twice that in the second. */
static struct l4r_bundle samples_of(int64_t calls, int64_t distinct, int per_query, double tick) {
  struct l4r_bundle samples;
  cr_assert_eq(l4r_bundle_init(&samples), 0);
  int64_t *start = l4r_bundle_add(&samples, "round_start", 3);
  int64_t *ns = l4r_bundle_add(&samples, "ns", 2 * calls);
  int64_t *served = l4r_bundle_add(&samples, "served", 2 * calls);
  start[1] = calls;
  start[2] = 2 * calls;
  for (int64_t i = 0; i < 2 * calls; i++) {
    ns[i] = 1000 * (i % calls + 1) * (1 + i / calls);
    served[i] = per_query ? 1 : 10;
  }
  json_object_set_new(samples.meta, "distinct_users", json_integer(distinct));
  json_object_set_new(samples.meta, "per_query", json_integer(per_query));
  json_object_set_new(samples.meta, "tick_ns", json_real(tick));
  return samples;
}

static double at(const json_t *object, const char *one, const char *two) {
  json_t *value = json_object_get(object, one);
  return json_number_value(two ? json_object_get(value, two) : value);
}

Test(derive, rounds_and_means_by_hand) {
  struct l4r_bundle samples = samples_of(100, 100, 1, 1);
  json_t *rounds = json_pack("[{}, {}]"), *latency, *throughput;
  cr_assert_eq(test_derive_rounds(&samples, rounds), 0);
  json_t *second = json_array_get(rounds, 1);
  cr_assert_float_eq(at(second, "mean_ns", NULL), 101000, 1e-9);
  cr_assert_eq(at(second, "p50_ns", NULL), 100000);
  cr_assert_eq(at(second, "p99_ns", NULL), 198000);
  cr_assert_float_eq(at(second, "users_per_second", NULL), 1e9 / 101000, 1e-6);
  cr_assert_eq(test_derive_latency(&samples, &latency), 0);
  cr_assert_eq(at(latency, "count", NULL), 200);
  /* Over rounds, on logarithms: the geometric mean of 50.5 and 101 us. */
  cr_assert_float_eq(at(latency, "mean", "value"), 50500 * sqrt(2), 1e-6);
  cr_assert_eq(at(latency, "p50", "value"), 67000); /* 67 of the first and 33 of the second round */
  cr_assert_eq(test_derive_throughput(&samples, &throughput), 0);
  cr_assert_float_eq(at(throughput, "value", NULL), 1e9 / 50500 / sqrt(2), 1e-6);
  cr_assert_gt(at(throughput, "lo", NULL), 0);
  cr_assert_gt(at(throughput, "hi", NULL), at(throughput, "value", NULL));
}

/* Two rounds of 1 .. 100 and 2 .. 200 us: medians of 50.5 and 101. */
Test(derive, percentiles_over_rounds_by_hand) {
  struct l4r_bundle samples = samples_of(100, 100, 1, 1), batches = samples_of(40, 400, 0, 1);
  json_t *latency, *over_rounds;
  cr_assert_eq(test_derive_latency(&samples, &latency), 0);
  cr_assert_eq(test_derive_over_rounds(&samples, latency, &over_rounds), 0);
  const json_t *p50 = json_object_get(over_rounds, "p50");
  cr_assert_float_eq(at(p50, "value", NULL), 50500 * sqrt(2), 1e-6);
  /* deviation of the logarithms log(2) / sqrt(2), of their mean log(2) / 2; t of one degree 12.7062
   */
  cr_assert_float_eq(log(at(p50, "hi", NULL) / at(p50, "value", NULL)), 12.7062 * log(2) / 2, 1e-4);
  cr_assert_float_eq(at(p50, "lo", NULL) * at(p50, "hi", NULL), 50500. * 101000., 1);
  /* rank (100 + 1/3) .9 + 1/3 */
  cr_assert_float_eq(at(over_rounds, "p90", "value"), 90633.333333 * sqrt(2), 1e-3);
  /* too few users for p99, however many rounds there are */
  cr_assert(json_equal(json_object_get(over_rounds, "p99"), json_object_get(latency, "p99")));
  cr_assert(json_object_get(json_object_get(over_rounds, "p99"), "withheld"));
  cr_assert_eq(test_derive_latency(&batches, &latency), 0);
  cr_assert_eq(test_derive_over_rounds(&batches, latency, &over_rounds), 0);
  cr_assert(json_object_get(json_object_get(over_rounds, "p50"), "withheld"));
}

/* Rounds of `calls` users each, of 1000, 2000, ... ns times the round's level, by the rule of users
 * and rounds; the users of each round in another order. */
static struct l4r_bundle crossed_of(int rounds, int64_t calls, const double *round_level) {
  struct l4r_bundle samples;
  cr_assert_eq(l4r_bundle_init(&samples), 0);
  int64_t *start = l4r_bundle_add(&samples, "round_start", rounds + 1);
  int64_t *ns = l4r_bundle_add(&samples, "ns", rounds * calls);
  int64_t *served = l4r_bundle_add(&samples, "served", rounds * calls);
  int64_t *request = l4r_bundle_add(&samples, "request", rounds * calls);
  for (int r = 0; r < rounds; r++) {
    start[r + 1] = start[r] + calls;
    for (int64_t i = 0; i < calls; i++) {
      request[start[r] + i] = (7 * i + r) % calls;
      ns[start[r] + i] = llround(1000 * round_level[r] * (double)(request[start[r] + i] + 1));
      served[start[r] + i] = 1;
    }
  }
  json_object_set_new(samples.meta, "distinct_users", json_integer(calls));
  json_object_set_new(samples.meta, "per_query", json_integer(1));
  json_object_set_new(samples.meta, "tick_ns", json_real(1));
  json_object_set_new(samples.meta, "interval", json_string(l4r_interval_crossed));
  return samples;
}

Test(derive, intervals_of_users_and_rounds) {
  static const double level[] = {1, 2, 4, 2, 1};
  struct l4r_bundle samples = crossed_of(5, 100, level), same;
  static const double equal[] = {1, 1, 1, 1, 1};
  json_t *latency, *over_rounds, *alike;
  cr_assert_eq(test_derive_latency(&samples, &latency), 0, "%s", l4r_error_message());
  cr_assert_eq(test_derive_over_rounds(&samples, latency, &over_rounds), 0);
  cr_expect_str_eq(json_string_value(json_object_get(latency, "interval")), "users and rounds");
  const json_t *p50 = json_object_get(latency, "p50");
  const json_t *rounds = json_object_get(over_rounds, "p50");
  /* of medians 50.5 us times the level, whose geometric mean is 2^(4/5) */
  cr_expect_float_eq(at(p50, "value", NULL), 50500 * pow(2, .8), 1e-6);
  cr_expect_lt(at(p50, "lo", NULL), at(rounds, "lo", NULL), "users are added to rounds");
  cr_expect_gt(at(p50, "hi", NULL), at(rounds, "hi", NULL));
  same = crossed_of(5, 100, equal);
  cr_assert_eq(test_derive_latency(&same, &alike), 0);
  const json_t *users = json_object_get(alike, "p50");
  /* Rounds are the same to the last digit, so users alone count: ranks 40 and 61 of 100, or so. */
  cr_expect(at(users, "lo", NULL) > 38000 && at(users, "lo", NULL) < 43000, "%g",
            at(users, "lo", NULL));
  cr_expect(at(users, "hi", NULL) > 58000 && at(users, "hi", NULL) < 63000, "%g",
            at(users, "hi", NULL));
  cr_expect_lt(log(at(p50, "hi", NULL) / at(p50, "value", NULL)),
               log(at(rounds, "hi", NULL) / at(rounds, "value", NULL)) +
                   log(at(users, "hi", NULL) / at(users, "value", NULL)),
               "squares are added");
}

Test(derive, fewer_than_three_rounds_have_no_interval) {
  static const double level[] = {1, 1.5, 1.1};
  for (int rounds = 1; rounds <= 3; rounds++) {
    struct l4r_bundle samples = crossed_of(rounds, 400, level);
    json_t *latency, *throughput;
    cr_assert_eq(test_derive_latency(&samples, &latency), 0);
    cr_assert_eq(test_derive_throughput(&samples, &throughput), 0);
    const json_t *figures[] = {json_object_get(latency, "p50"),  json_object_get(latency, "p90"),
                               json_object_get(latency, "p95"),  json_object_get(latency, "p99"),
                               json_object_get(latency, "mean"), throughput};
    for (int f = 0; f < 6; f++) {
      const char *why = json_string_value(json_object_get(figures[f], "interval_withheld"));
      cr_expect_gt(at(figures[f], "value", NULL), 0);
      cr_expect_eq(json_is_number(json_object_get(figures[f], "lo")), rounds == 3);
      cr_expect_eq(json_is_number(json_object_get(figures[f], "hi")), rounds == 3);
      cr_expect(rounds == 3 ? !why : why && !strcmp(why, "fewer than three rounds"));
    }
    cr_expect_eq(json_object_get(latency, "round_correlation") != NULL, rounds == 3);
  }
}

Test(derive, rounds_that_drift_are_warned_about) {
  static const double drift[] = {1, 1.1, 1.21, 1.331, 1.4641}, mood[] = {1, 1.2, 1, 1.1, .9};
  struct l4r_bundle one = crossed_of(5, 40, drift), other = crossed_of(5, 40, mood);
  json_t *latency;
  cr_assert_eq(test_derive_latency(&one, &latency), 0);
  /* of -2, -1, 0, 1, 2: products 4 of squares 10; -1/5 + 1.96 * 3 / (5 * 2) */
  cr_expect_float_eq(at(latency, "round_correlation", "lag1"), .4, 1e-4);
  cr_expect_float_eq(at(latency, "round_correlation", "bound"), .388, 1e-9);
  const char *warning = json_string_value(
      json_object_get(test_derive_correlation_warning(latency), "text"));
  cr_assert(warning && strstr(warning, "neighbouring rounds are alike"), "%s", warning);
  cr_assert_eq(test_derive_latency(&other, &latency), 0);
  cr_expect_lt(at(latency, "round_correlation", "lag1"), 0);
  cr_expect_null(test_derive_correlation_warning(latency));
}

Test(derive, calls_of_users_that_are_not_in_the_sample_are_refused) {
  static const double level[] = {1, 1, 1};
  struct l4r_bundle samples = crossed_of(3, 40, level);
  json_t *latency;
  samples.array[3].value[5] = 40;
  test_fails(test_derive_latency(&samples, &latency), L4R_INPUT, "do not fit");
  samples.array[3].value[5] = -1;
  test_fails(test_derive_latency(&samples, &latency), L4R_INPUT, "do not fit");
}

Test(derive, batches_and_short_spans_have_no_percentiles) {
  struct l4r_bundle batches = samples_of(40, 400, 0, 1), fast = samples_of(100, 100, 1, 4000);
  json_t *latency, *rounds = json_pack("[{}, {}]");
  cr_assert_eq(test_derive_latency(&batches, &latency), 0);
  cr_assert(json_object_get(json_object_get(latency, "p50"), "withheld"));
  cr_assert_eq(at(latency, "count", NULL), 800);
  cr_assert_float_eq(at(latency, "mean", "value"), 20500 * sqrt(2) / 10, 1e-6);
  cr_assert_eq(test_derive_rounds(&batches, rounds), 0);
  cr_assert(json_is_null(json_object_get(json_array_get(rounds, 0), "p50_ns")));
  cr_assert_eq(test_derive_latency(&fast, &latency), 0); /* 20 ticks are 80 us: p50 is 67 us */
  const char *why = json_string_value(json_object_get(json_object_get(latency, "p50"), "withheld"));
  cr_assert(why && strstr(why, "below 20 ticks"), "%s", why);
  cr_assert(json_object_get(json_object_get(latency, "p90"), "value"));
}

Test(derive, counters_fold_and_ceilings_follow) {
  json_t *rounds = json_loads(
      "[{\"sgemm_gflops\":50,\"counters\":["
      "{\"name\":\"cpu_time\",\"unit\":\"ns\",\"source\":\"kernel\",\"reason\":\"\",\"value\":300,"
      "\"total\":true},"
      "{\"name\":\"IPC\",\"unit\":\"\",\"source\":\"hardware\",\"reason\":\"\",\"value\":2,"
      "\"total\":false}"
      "]},"
      "{\"counters\":["
      "{\"name\":\"cpu_time\",\"unit\":\"ns\",\"source\":\"kernel\",\"reason\":\"\",\"value\":100,"
      "\"total\":true},"
      "{\"name\":\"IPC\",\"unit\":\"\",\"source\":\"absent\",\"reason\":\"lost\",\"value\":null,"
      "\"total\":false}"
      "]}]",
      0, NULL);
  cr_assert(rounds);
  json_t *description = json_pack("{s:[{s:s, s:f, s:f}, {s:s, s:f, s:f}]}", "stages", "name", "one",
                                  "flops", 2e6, "bytes", 10.0, "name", "two", "flops", 3e6, "bytes",
                                  0.0);
  json_t *cells = test_derive_counters(rounds, description, 8);
  json_t *cpu = json_array_get(cells, 0), *ipc = json_array_get(cells, 1);
  cr_assert_eq(at(cpu, "value", NULL), 50);
  cr_assert_str_eq(json_string_value(json_object_get(cpu, "unit")), "ns/query");
  /* One round without it: no figure stands in. */
  cr_assert(json_is_null(json_object_get(ipc, "value")));
  cr_assert_str_eq(json_string_value(json_object_get(ipc, "source")), "absent");
  cr_assert_str_eq(json_string_value(json_object_get(ipc, "reason")), "lost");
  json_t *flops = json_array_get(cells, 2);
  cr_assert_str_eq(json_string_value(json_object_get(flops, "source")), "modelled");
  cr_assert_eq(at(flops, "value", NULL), 5e6);
  json_t *speed = json_pack("{s:f}", "value", 1000.0);
  json_t *ceiling = test_derive_ceiling(rounds, description, speed);
  cr_assert_eq(at(ceiling, "value", NULL), 50e9);
  cr_assert_float_eq(at(ceiling, "fraction", NULL), .1, 1e-12); /* 5e9 flop/s of 50e9 */
  ceiling = test_derive_ceiling(json_array(), description, speed);
  cr_assert(json_is_null(json_object_get(ceiling, "fraction")));
}

Test(derive, stages_are_timers_over_users) {
  struct l4r_bundle samples = samples_of(10, 10, 0, 1); /* 100 users a round */
  json_t *rounds = json_pack(
      "[{s:f, s:[{s:s, s:I}, {s:s, s:I}]}, {s:f, s:[{s:s, s:I}, {s:s, s:I}]}]", "sgemm_gflops",
      10.0, "timers", "name", "encoding", "ns", (json_int_t)4000, "name", "head", "ns",
      (json_int_t)1000, "sgemm_gflops", 10.0, "timers", "name", "encoding", "ns", (json_int_t)16000,
      "name", "head", "ns", (json_int_t)1000);
  json_t *description = json_pack(
      "{s:[{s:s, s:f, s:f, s:i}, {s:s, s:f, s:f, s:i}, {s:s, s:f, s:f, s:i}]}", "stages", "name",
      "items", "flops", 0.0, "bytes", 100.0, "timer", 0, "name", "encoder", "flops", 400.0, "bytes",
      60.0, "timer", 0, "name", "head", "flops", 30.0, "bytes", 20.0, "timer", 1);
  cr_assert_eq(test_derive_rounds(&samples, rounds), 0);
  size_t round;
  json_t *entry;
  json_array_foreach(rounds, round, entry)
    json_object_set_new(entry, "memory_gb_per_s", json_real(8));
  json_t *stages = test_derive_stages(rounds, description, NULL);
  cr_assert_eq(json_array_size(stages), 2);
  const json_t *encoding = json_array_get(stages, 0), *head = json_array_get(stages, 1);
  cr_expect_float_eq(at(encoding, "ns_per_user", "value"), 80, 1e-9); /* of 40 and 160 */
  cr_expect_eq(json_array_size(json_object_get(encoding, "stages")), 2);
  cr_expect_eq(at(encoding, "flops", NULL), 400);
  cr_expect_eq(at(encoding, "bytes", NULL), 160);
  cr_expect_float_eq(at(encoding, "flops_per_second", NULL), 5e9, 1);
  cr_expect_float_eq(at(encoding, "sgemm_fraction", NULL), .5, 1e-9);
  cr_expect_float_eq(at(head, "ns_per_user", "value"), 10, 1e-9);
  cr_expect_float_eq(at(head, "bytes_per_second", NULL), 2e9, 1);
  cr_expect_float_eq(at(head, "memory_fraction", NULL), .25, 1e-9);
  json_object_set_new(json_array_get(json_object_get(json_array_get(rounds, 1), "timers"), 1),
                      "ns_per_user", json_integer(0)); /* a round that did not see it */
  stages = test_derive_stages(rounds, description, NULL);
  cr_expect(json_is_null(json_object_get(json_array_get(stages, 1), "ns_per_user")));
  cr_expect(json_is_null(json_object_get(json_array_get(stages, 1), "flops_per_second")));
  cr_expect_eq(json_array_size(test_derive_stages(json_pack("[{}]"), description, NULL)), 0);
}

/* Rounds that know the ceiling of the engine's precision: the highest of them counts, sgemm does
 * not, and what is read counts against the slowest level that could have given it. */
static json_t *rounds_with_peaks(double first, double second) {
  return json_pack("[{s:f, s:{s:f, s:s, s:s}, s:f, s:f, s:[{s:s, s:I}]},"
                   " {s:f, s:{s:f, s:s, s:s}, s:f, s:f, s:[{s:s, s:I}]}]",
                   "sgemm_gflops", 1.0, "peak", "gops", first, "precision", "bf16", "instructions",
                   "AVX512-BF16", "memory_gb_per_s", 1.0, "l3_gb_per_s", 4.0, "timers", "name",
                   "encoding", "ns", (json_int_t)8000, "sgemm_gflops", 1.0, "peak", "gops", second,
                   "precision", "bf16", "instructions", "AVX-512", "memory_gb_per_s", 1.0,
                   "l3_gb_per_s", 4.0, "timers", "name", "encoding", "ns", (json_int_t)8000);
}

static const char *word(const json_t *object, const char *name) {
  return json_string_value(json_object_get(object, name));
}

Test(derive, the_ceiling_is_of_the_precision_and_the_fastest_set) {
  struct l4r_bundle samples = samples_of(10, 10, 0, 1); /* 100 users a round: 80 ns each */
  json_t *rounds = rounds_with_peaks(8, 10), *speed = json_pack("{s:f}", "value", 1e7);
  json_t *description = json_pack("{s:[{s:s, s:f, s:f, s:i}]}", "stages", "name", "encoder",
                                  "flops", 400.0, "bytes", 160.0, "timer", 0);
  cr_assert_eq(test_derive_rounds(&samples, rounds), 0);
  json_t *ceiling = test_derive_ceiling(rounds, description, speed);
  cr_expect_eq(at(ceiling, "value", NULL), 10e9);
  cr_expect_float_eq(at(ceiling, "fraction", NULL), .4, 1e-12);
  cr_expect_str_eq(word(ceiling, "precision"), "bf16");
  cr_expect_str_eq(word(ceiling, "instructions"), "AVX-512");
  cr_expect_str_eq(word(ceiling, "name"), "bf16 multiply-adds by AVX-512, flop/s");
  cr_expect_null(json_object_get(ceiling, "fault"));
  const json_t *stage = json_array_get(test_derive_stages(rounds, description, NULL), 0);
  cr_expect_float_eq(at(stage, "peak_fraction", NULL), .5, 1e-9);
  cr_expect(json_is_null(json_object_get(stage, "sgemm_fraction")));
  cr_expect_float_eq(at(stage, "memory_fraction", NULL), 2, 1e-9);
  cr_expect_str_eq(word(stage, "read_from"), "L3", "twice what memory gives");
  cr_expect_float_eq(at(stage, "read_fraction", NULL), .5, 1e-9);
}

Test(derive, a_share_that_cannot_be_is_an_error_of_the_record) {
  struct l4r_bundle samples = samples_of(10, 10, 0, 1);
  json_t *rounds = rounds_with_peaks(3, 4), *speed = json_pack("{s:f}", "value", 1e7);
  json_t *description = json_pack("{s:[{s:s, s:f, s:f, s:i}]}", "stages", "name", "encoder",
                                  "flops", 400.0, "bytes", 160.0, "timer", 0);
  cr_assert_eq(test_derive_rounds(&samples, rounds), 0);
  /* 4e9 flop/s of 4e9: all of it, which is no error */
  cr_expect_null(json_object_get(test_derive_ceiling(rounds, description, speed), "fault"));
  rounds = rounds_with_peaks(3, 3.8);
  cr_assert_eq(test_derive_rounds(&samples, rounds), 0);
  const char *fault = word(test_derive_ceiling(rounds, description, speed), "fault");
  cr_assert(fault);
  cr_expect_str_eq(fault, "ceiling below the work by a factor of 1.05: measure again or report a "
                          "fault");
  /* sgemm is a library's speed, which may be passed */
  rounds = json_pack("[{s:f}]", "sgemm_gflops", 1.0);
  json_t *rival = test_derive_ceiling(rounds, description, speed);
  cr_expect_null(json_object_get(rival, "fault"));
  cr_expect_float_eq(at(rival, "fraction", NULL), 4, 1e-12);
  cr_expect_str_eq(word(rival, "name"), "sgemm, flop/s");
}

Test(derive, samples_that_do_not_fit_are_refused) {
  struct l4r_bundle samples = samples_of(10, 10, 1, 1);
  json_t *rounds = json_pack("[{}]"), *latency;
  test_fails(test_derive_rounds(&samples, rounds), L4R_INPUT, "the record has 1 rounds");
  samples.array[0].value[2] = 19;
  test_fails(test_derive_latency(&samples, &latency), L4R_INPUT, "do not fit");
}

/* Sums of them would overflow, or figures of them would be no numbers and so be left out. */
Test(derive, times_that_no_clock_counts_are_refused) {
  static const struct {
    const char *array;
    int64_t place, value;
  } odd[] = {{"ns", 3, INT64_MAX},     {"ns", 0, -1},       {"ns", 199, INT64_MIN},
             {"served", 5, INT64_MAX}, {"served", 100, -3}, {"served", 7, (1ll << 53) + 1}};
  json_t *rounds = json_pack("[{}, {}]"), *latency, *throughput;
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
    struct l4r_bundle samples = samples_of(100, 100, 1, 1);
    l4r_bundle_find(&samples, odd[i].array)->value[odd[i].place] = odd[i].value;
    cr_assert_eq(test_derive_rounds(&samples, rounds), L4R_INPUT, "%zu", i);
    cr_assert(strstr(l4r_error_message(), "no run measures"), "%s", l4r_error_message());
    cr_assert_eq(test_derive_latency(&samples, &latency), L4R_INPUT);
    cr_assert_eq(test_derive_throughput(&samples, &throughput), L4R_INPUT);
  }
  struct l4r_bundle idle = samples_of(100, 100, 1, 1), instant = samples_of(100, 100, 1, 1);
  for (int i = 100; i < 200; i++) {
    l4r_bundle_find(&idle, "served")->value[i] = 0;
    l4r_bundle_find(&instant, "ns")->value[i] = 0;
  }
  cr_assert_eq(test_derive_rounds(&idle, rounds), L4R_INPUT);
  cr_assert_eq(test_derive_rounds(&instant, rounds), L4R_INPUT);
  cr_assert(strstr(l4r_error_message(), "round 2"), "%s", l4r_error_message());
}

/* More users than calls: the intervals are those of the calls, and come at once. */
Test(derive, users_are_no_more_than_calls) {
  struct l4r_bundle honest = samples_of(100, 200, 1, 1);
  struct l4r_bundle boastful = samples_of(100, 1000000000000, 1, 1);
  json_t *few, *many;
  cr_assert_eq(test_derive_latency(&honest, &few), 0);
  cr_assert_eq(test_derive_latency(&boastful, &many), 0);
  cr_assert(json_equal(few, many));
}
