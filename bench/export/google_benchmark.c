/* SPDX-License-Identifier: BSD-3-Clause */
/* Google Benchmark's JSON (github.com/google/benchmark, docs/user_guide.md, "Output Formats" and
 * "Statistics"). A round is a repetition; a benchmark with two or more also has their mean, median,
 * standard deviation and coefficient of variation. Google's tools/compare.py pairs benchmarks by
 * name, uses the repetitions of both sides for a U test, and ignores benchmarks without
 * cpu_time. */
#include "bench/export/google_benchmark.h"
#include "bench/derive/door.h"
#include "bench/export/benchmarks.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 1024, AGGREGATES = 4 };

struct benchmark {
  const struct l4r_row *row;
  const char *name;                 /* the name of the candidate */
  double real[ROUNDS], cpu[ROUNDS]; /* ns per user; NaN: not counted */
  int64_t iterations[ROUNDS];       /* requests of a round; 0: unknown */
  int64_t place[ROUNDS];            /* index in the record's rounds */
  int rounds;
};

static double counter_of(const struct l4r_record_counter *counter, int64_t counters,
                         const char *name) {
  for (int64_t c = 0; c < counters; c++)
    if (counter[c].name && !strcmp(counter[c].name, name)) return counter[c].value;
  return NAN;
}

/* Returns the requests of a round: all of the record's, shared out by permutations of the sampled
 * users. */
static int64_t requests_of(const struct l4r_row *row, const struct l4r_record_round *round) {
  const struct l4r_record_record *data = &row->record->data;
  double sum = 0;
  for (int64_t r = 0; r < data->rounds.count; r++)
    sum += data->rounds.at[r].permutations == L4R_NONE ? NAN
                                                       : (double)data->rounds.at[r].permutations;
  const double requests = l4r_row_number(row, "latency_ns.count") * (double)round->permutations /
                          sum;
  return requests >= 1 ? (int64_t)llround(requests) : 0;
}

static void read_benchmark(const struct l4r_benchmark *candidate, struct benchmark *b) {
  const struct l4r_row *row = candidate->row;
  const struct l4r_record_record *data = &row->record->data;
  b->row = row;
  b->rounds = 0;
  b->name = candidate->name;
  for (int64_t r = 0; r < data->rounds.count; r++) {
    const struct l4r_record_round *round = &data->rounds.at[r];
    if (isnan(round->mean_ns) || b->rounds == ROUNDS) continue; /* the round failed */
    const int64_t requests = requests_of(row, round);
    const double total = counter_of(round->counters.at, round->counters.count, "cpu_time");
    b->real[b->rounds] = round->mean_ns;
    b->iterations[b->rounds] = requests;
    b->cpu[b->rounds] = requests ? total / (double)requests
                                 : counter_of(data->counters.at, data->counters.count, "cpu_time");
    b->place[b->rounds++] = r;
  }
}

static json_t *entry_of(const struct benchmark *b, int family, const char *name, const char *type) {
  return json_pack("{s:s, s:i, s:i, s:s, s:s, s:i, s:I}", "name", name, "family_index", family,
                   "per_family_instance_index", 0, "run_name", b->name, "run_type", type,
                   "repetitions", b->rounds, "threads", (json_int_t)b->row->threads);
}

static void set_real(json_t *entry, const char *key, double value) {
  if (isfinite(value)) json_object_set_new(entry, key, json_real(value));
}

/* Adds what the round counted, per request; ratios stay. cpu_time has its own member. */
static void add_counters(json_t *entry, const struct l4r_record_round *round, int64_t requests) {
  for (int64_t c = 0; c < round->counters.count; c++) {
    const struct l4r_record_counter *counter = &round->counters.at[c];
    const int total = counter->total == 1;
    if (!counter->name || json_object_get(entry, counter->name) || (total && !requests)) continue;
    set_real(entry, counter->name, counter->value / (total ? (double)requests : 1));
  }
}

static json_t *round_entry(const struct benchmark *b, int family, int r) {
  json_t *entry = entry_of(b, family, b->name, "iteration");
  const struct l4r_record_round *round = &b->row->record->data.rounds.at[b->place[r]];
  json_object_set_new(entry, "repetition_index", json_integer(r));
  if (b->iterations[r]) json_object_set_new(entry, "iterations", json_integer(b->iterations[r]));
  set_real(entry, "real_time", b->real[r]);
  set_real(entry, "cpu_time", b->cpu[r]);
  json_object_set_new(entry, "time_unit", json_string("ns"));
  set_real(entry, "items_per_second", round->users_per_second);
  add_counters(entry, round, b->iterations[r]);
  return entry;
}

static int ascending(const void *left, const void *right) {
  const double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/* Computes mean, median, stddev (of a sample) and cv; NaN where a value is missing. */
static void aggregate(const double *value, int n, double out[AGGREGATES]) {
  double sorted[ROUNDS], sum = 0, squares = 0;
  memcpy(sorted, value, (size_t)n * sizeof *value);
  qsort(sorted, (size_t)n, sizeof *sorted, ascending);
  for (int i = 0; i < n; i++) sum += value[i];
  out[0] = sum / n;
  out[1] = isnan(sum) ? NAN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  for (int i = 0; i < n; i++) squares += (value[i] - out[0]) * (value[i] - out[0]);
  out[2] = sqrt(squares / (n - 1));
  out[3] = out[2] / out[0];
}

static void add_aggregates(json_t *list, const struct benchmark *b, int family) {
  static const char *const names[AGGREGATES] = {"mean", "median", "stddev", "cv"};
  double real[AGGREGATES], cpu[AGGREGATES];
  if (b->rounds < 2) return;
  aggregate(b->real, b->rounds, real);
  aggregate(b->cpu, b->rounds, cpu);
  for (int a = 0; a < AGGREGATES; a++) {
    char name[L4R_BENCHMARK_NAME + 16];
    l4r_text_set(name, sizeof name, "%s_%s", b->name, names[a]);
    json_t *entry = entry_of(b, family, name, "aggregate");
    json_object_set_new(entry, "aggregate_name", json_string(names[a]));
    json_object_set_new(entry, "aggregate_unit", json_string(a == 3 ? "percentage" : "time"));
    json_object_set_new(entry, "iterations", json_integer(b->rounds));
    set_real(entry, "real_time", real[a]);
    set_real(entry, "cpu_time", cpu[a]);
    json_object_set_new(entry, "time_unit", json_string("ns"));
    json_array_append_new(list, entry);
  }
}

/* The first level is the one of data, which is the only one of it that records have; the others are
 * unified on every processor that there are kernels for. */
static json_t *cache_of(const struct l4r_record_cache *cache, int64_t processors) {
  const int shared = processors != L4R_NONE && cache->count != L4R_NONE && cache->count > 0;
  return json_pack("{s:s, s:I, s:I, s:I}", "type", cache->level == 1 ? "Data" : "Unified", "level",
                   (json_int_t)cache->level, "size", (json_int_t)cache->bytes, "num_sharing",
                   (json_int_t)(shared ? processors / cache->count : 0));
}

/* Always an array, as Google's reporter writes it; empty where it is not known. */
static json_t *load_of(const struct l4r_record_load_average *load) {
  if (!load->is_there) return json_array();
  return json_pack("[f, f, f]", load->minutes_1, load->minutes_5, load->minutes_15);
}

/* Describes the machine of the first record as far as Google Benchmark's context has members for
 * it. */
static json_t *context_of(const struct l4r_rows *rows) {
  json_t *context = json_object(), *caches = json_array();
  int64_t count[L4R_CHECKS] = {0};
  char line[L4R_CHECKS][256];
  for (int64_t r = 0; r < rows->count; r++) count[l4r_checked_of(rows->row[r].record)]++;
  const int lines = l4r_checked_count_lines(count, line);
  for (int l = 0; l < lines; l++)
    json_object_set_new(context, l ? l > 1 ? "checked_3" : "checked_2" : "checked",
                        json_string(line[l]));
  for (int64_t r = 0; r < rows->count && r < 1; r++) {
    const struct l4r_row *row = &rows->row[r];
    json_object_set_new(context, "date", json_string(l4r_row_text(row, "manifest.time")));
    json_object_set_new(context, "executable", json_string("lite4rec"));
    const struct l4r_record_manifest *manifest = &row->record->data.manifest;
    if (manifest->processors_online != L4R_NONE)
      json_object_set_new(context, "num_cpus", json_integer(manifest->processors_online));
    for (int64_t c = 0; c < manifest->topology.caches.count; c++) {
      const struct l4r_record_cache *cache = &manifest->topology.caches.at[c];
      json_array_append_new(caches, cache_of(cache, manifest->topology.processors));
    }
    json_object_set_new(context, "load_avg", load_of(&manifest->load_average));
    json_object_set_new(context, "cpu", json_string(l4r_row_text(row, "manifest.cpu")));
    json_object_set_new(context, "commit", json_string(l4r_row_text(row, "manifest.git")));
  }
  json_object_set_new(context, "caches", caches);
  return context;
}

static void warn(int64_t outdated, int64_t uncounted) {
  if (outdated)
    l4r_warn("%lld records are older ones of what was measured again; the newest is taken",
             (long long)outdated);
  if (uncounted)
    l4r_warn("%lld benchmarks have no cpu_time, because their rounds did not count it; Google's "
             "compare.py ignores those: measure with run --counters auto",
             (long long)uncounted);
}

int l4r_export_google_benchmark(const struct l4r_rows *rows, FILE *stream) {
  struct benchmark *b = l4r_alloc(1, sizeof *b, "a benchmark");
  struct l4r_benchmark *candidate = l4r_alloc((size_t)rows->count, sizeof *candidate, "benchmarks");
  json_t *list = json_array();
  int status = b && candidate && list ? l4r_benchmarks_name(rows, candidate)
                                      : l4r_fail(L4R_ENVIRONMENT, "no memory for benchmarks");
  int64_t outdated = 0, uncounted = 0;
  int family = 0;
  for (int64_t r = 0; r < rows->count && !status; r++) {
    if (candidate[r].outdated) {
      outdated++;
      continue;
    }
    read_benchmark(&candidate[r], b);
    for (int i = 0; i < b->rounds; i++) json_array_append_new(list, round_entry(b, family, i));
    add_aggregates(list, b, family);
    uncounted += b->rounds && isnan(b->cpu[0]);
    family++;
  }
  l4r_free(b);
  l4r_free(candidate);
  if (status) {
    json_decref(list);
    return status;
  }
  json_t *root = json_pack("{s:o, s:o}", "context", context_of(rows), "benchmarks", list);
  const int lost = !root || json_dumpf(root, stream, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
  json_decref(root);
  fputc('\n', stream);
  warn(outdated, uncounted);
  return lost ? l4r_fail(L4R_ENVIRONMENT, "the benchmarks could not be written") : L4R_OK;
}
