/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/export/tracking.h"

#include "bench/export/benchmarks.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

/* What is followed. Slugs as Bencher wants them: small letters, digits and '-'; latency and
 * throughput are built in there, in ns and operations a second. */
struct measure {
  const char *slug, *unit;
  int bigger;                 /* 1: more is better */
  const char *path, *lo, *hi; /* in the record; lo and hi may be NULL */
};
static const struct measure measures[] = {
    {"latency", "ns/user", 0, "latency_ns.mean.value", "latency_ns.mean.lo", "latency_ns.mean.hi"},
    {"p50", "ns", 0, "latency_ns.p50.value", "latency_ns.p50.lo", "latency_ns.p50.hi"},
    {"p99", "ns", 0, "latency_ns.p99.value", "latency_ns.p99.lo", "latency_ns.p99.hi"},
    {"memory", "bytes", 0, "resources.peak_rss_bytes", NULL, NULL},
    {"weights", "bytes", 0, "resources.weights_bytes", NULL, NULL},
    {"instructions", "instructions/user", 0, "instructions.per_user", NULL, NULL},
    {"throughput", "users/s", 1, "users_per_second.value", "users_per_second.lo",
     "users_per_second.hi"},
    {"hr-10", "HR@10", 1, "accuracy.mask.HR@10", "accuracy.ci95.mask.HR@10.0",
     "accuracy.ci95.mask.HR@10.1"},
    {"ndcg-10", "NDCG@10", 1, "accuracy.mask.NDCG@10", "accuracy.ci95.mask.NDCG@10.0",
     "accuracy.ci95.mask.NDCG@10.1"}};
enum { MEASURES = sizeof measures / sizeof *measures };

static struct l4r_shown figure_of(const struct l4r_row *row, const struct measure *measure) {
  return (struct l4r_shown){l4r_row_number(row, measure->path),
                            measure->lo ? l4r_row_number(row, measure->lo) : NAN,
                            measure->hi ? l4r_row_number(row, measure->hi) : NAN};
}

/* Readers make headings and file names of names. */
static void blank_controls(char *name) {
  for (; *name; name++)
    if ((unsigned char)*name < 32 || *name == 127) *name = ' ';
}

static int name_all(const struct l4r_rows *rows, struct l4r_benchmark **benchmark) {
  *benchmark = l4r_alloc((size_t)rows->count, sizeof **benchmark, "benchmarks");
  int status = *benchmark ? l4r_benchmarks_name(rows, *benchmark) : L4R_ENVIRONMENT;
  int64_t outdated = 0;
  for (int64_t r = 0; r < rows->count && !status; r++) {
    blank_controls((*benchmark)[r].name);
    outdated += (*benchmark)[r].outdated;
  }
  if (outdated)
    l4r_warn("%lld records are older ones of what was measured again; the newest is taken",
             (long long)outdated);
  return status;
}

static int print(json_t *root, FILE *stream) {
  const int lost = !root ||
                   json_dumpf(root, stream,
                              JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12));
  json_decref(root);
  fputc('\n', stream);
  return lost ? l4r_fail(L4R_ENVIRONMENT, "the benchmarks could not be written") : L4R_OK;
}

static json_t *metric_of(struct l4r_shown shown) {
  json_t *metric = json_pack("{s:f}", "value", shown.value);
  if (isfinite(shown.lo)) json_object_set_new(metric, "lower_value", json_real(shown.lo));
  if (isfinite(shown.hi)) json_object_set_new(metric, "upper_value", json_real(shown.hi));
  return metric;
}

int l4r_export_bencher(const struct l4r_rows *rows, FILE *stream) {
  struct l4r_benchmark *benchmark;
  json_t *root = json_object();
  int status = name_all(rows, &benchmark);
  for (int64_t r = 0; r < rows->count && !status; r++) {
    json_t *figures = json_object();
    for (int m = 0; m < MEASURES && !benchmark[r].outdated; m++) {
      const struct l4r_shown shown = figure_of(benchmark[r].row, &measures[m]);
      if (isfinite(shown.value)) json_object_set_new(figures, measures[m].slug, metric_of(shown));
    }
    if (json_object_size(figures)) json_object_set(root, benchmark[r].name, figures);
    json_decref(figures);
  }
  l4r_free(benchmark);
  if (!status) return print(root, stream);
  json_decref(root);
  return status;
}

static json_t *entry_of(const struct l4r_benchmark *benchmark, const struct measure *measure,
                        struct l4r_shown shown) {
  const struct l4r_row *row = benchmark->row;
  json_t *entry = json_pack("{s:o, s:s, s:f}", "name",
                            json_sprintf("%s, %s", benchmark->name, measure->slug), "unit",
                            measure->unit, "value", shown.value);
  if (isfinite(shown.lo) && isfinite(shown.hi)) {
    char range[64];
    l4r_text_set(range, sizeof range, "%.6g to %.6g", shown.lo, shown.hi);
    json_object_set_new(entry, "range", json_string(range));
  }
  json_object_set_new(entry, "extra",
                      json_sprintf("commit %s\n%s\n%lld rounds", l4r_row_text(row, "manifest.git"),
                                   l4r_row_text(row, "manifest.cpu"),
                                   (long long)row->record->data.rounds.count));
  return entry;
}

int l4r_export_github_benchmark(const struct l4r_rows *rows, int bigger, FILE *stream) {
  struct l4r_benchmark *benchmark;
  json_t *root = json_array();
  int status = name_all(rows, &benchmark);
  for (int64_t r = 0; r < rows->count && !status; r++)
    for (int m = 0; m < MEASURES && !benchmark[r].outdated; m++) {
      const struct l4r_shown shown = figure_of(benchmark[r].row, &measures[m]);
      if (measures[m].bigger == bigger && isfinite(shown.value))
        json_array_append_new(root, entry_of(&benchmark[r], &measures[m], shown));
    }
  l4r_free(benchmark);
  if (!status) return print(root, stream);
  json_decref(root);
  return status;
}
