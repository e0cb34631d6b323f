/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/tables.h"

#include "bench/record/text.h"

#include <stdlib.h>
#include <string.h>

static const struct {
  const char *column, *path;
} columns[] = {
    {"engine", "engine"},
    {"arm", "arm"},
    {"scenario", "scenario"},
    {"threads", "threads"},
    {"precision", "precision"},
    {"model", "model.name"},
    {"kind", "model.kind"},
    {"size", "model.size"},
    {"seed", "model.seed"},
    {"init", "model.init"},
    {"loss", "model.loss"},
    {"epoch", "model.epoch"},
    {"training_seconds", "model.training_seconds"},
    {"dataset", "dataset.name"},
    {"dataset_sha256", "dataset.sha256"},
    {"tie", "dataset.tie"},
    {"split", "dataset.split"},
    {"users", "accuracy.users"},
    {"hr10_keep", "accuracy.keep.HR@10"},
    {"hr10_keep_lo", "accuracy.ci95.keep.HR@10.0"},
    {"hr10_keep_hi", "accuracy.ci95.keep.HR@10.1"},
    {"ndcg10_keep", "accuracy.keep.NDCG@10"},
    {"ndcg10_keep_lo", "accuracy.ci95.keep.NDCG@10.0"},
    {"ndcg10_keep_hi", "accuracy.ci95.keep.NDCG@10.1"},
    {"hr10_mask", "accuracy.mask.HR@10"},
    {"hr10_mask_lo", "accuracy.ci95.mask.HR@10.0"},
    {"hr10_mask_hi", "accuracy.ci95.mask.HR@10.1"},
    {"ndcg10_mask", "accuracy.mask.NDCG@10"},
    {"ndcg10_mask_lo", "accuracy.ci95.mask.NDCG@10.0"},
    {"ndcg10_mask_hi", "accuracy.ci95.mask.NDCG@10.1"},
    {"queries", "latency_ns.count"},
    {"p50_ns", "latency_ns.p50.value"},
    {"p50_lo", "latency_ns.p50.lo"},
    {"p50_hi", "latency_ns.p50.hi"},
    {"p90_ns", "latency_ns.p90.value"},
    {"p90_lo", "latency_ns.p90.lo"},
    {"p90_hi", "latency_ns.p90.hi"},
    {"p95_ns", "latency_ns.p95.value"},
    {"p99_ns", "latency_ns.p99.value"},
    {"p99_lo", "latency_ns.p99.lo"},
    {"p99_hi", "latency_ns.p99.hi"},
    {"mean_ns", "latency_ns.mean.value"},
    {"mean_lo", "latency_ns.mean.lo"},
    {"mean_hi", "latency_ns.mean.hi"},
    {"users_per_second", "users_per_second.value"},
    {"users_per_second_lo", "users_per_second.lo"},
    {"users_per_second_hi", "users_per_second.hi"},
    {"weights_bytes", "resources.weights_bytes"},
    {"scratch_bytes", "resources.scratch_bytes"},
    {"peak_rss_bytes", "resources.peak_rss_bytes"},
    {"open_seconds", "resources.open_seconds"},
    {"item_vectors_seconds", "resources.item_vectors_seconds"},
    {"load_ns", "rounds.0.load_ns"}, /* a peer's alone */
    {"cold_ns", "rounds.0.cold_ns"},
    {"short_rankings", "accuracy.short_rankings"},
    {"short_rankings_mask", "accuracy.short_rankings_mask"},
    {"mask_by", "accuracy.mask_by"},
    {"tie_share", "accuracy.tie_share"},
    {"joules", "energy.joules"},
    {"cpu", "manifest.cpu"},
    {"time", "manifest.time"},
    {"command", "command"},
    {"sha256", "sha256"},
    {"batch", "batch"},
    {"stage1", "stages.0.name"},
    {"stage1_ns", "stages.0.ns_per_user.value"},
    {"stage1_lo", "stages.0.ns_per_user.lo"},
    {"stage1_hi", "stages.0.ns_per_user.hi"},
    {"stage1_flops_per_second", "stages.0.flops_per_second"},
    {"stage1_bytes_per_second", "stages.0.bytes_per_second"},
    {"stage1_sgemm_fraction", "stages.0.sgemm_fraction"},
    {"stage2", "stages.1.name"},
    {"stage2_ns", "stages.1.ns_per_user.value"},
    {"stage2_lo", "stages.1.ns_per_user.lo"},
    {"stage2_hi", "stages.1.ns_per_user.hi"},
    {"stage2_flops_per_second", "stages.1.flops_per_second"},
    {"stage2_bytes_per_second", "stages.1.bytes_per_second"},
    {"stage2_sgemm_fraction", "stages.1.sgemm_fraction"},
    {"stage3", "stages.2.name"},
    {"stage3_ns", "stages.2.ns_per_user.value"},
    {"stage3_lo", "stages.2.ns_per_user.lo"},
    {"stage3_hi", "stages.2.ns_per_user.hi"},
    {"stage3_flops_per_second", "stages.2.flops_per_second"},
    {"stage3_bytes_per_second", "stages.2.bytes_per_second"},
    {"stage3_sgemm_fraction", "stages.2.sgemm_fraction"},
    {"rate_asked", "server.rate_asked"},
    {"rate_achieved", "server.rate_achieved"},
    {"load", "server.load"},
    {"bound_ns", "server.bound_ns"},
    {"verdict", "server.verdict"},
    {"knee", "knee.rate"},
    {"overhead_ns", "overhead_ns.every"},
    {"p50_over_rounds_lo", "latency_over_rounds_ns.p50.lo"},
    {"p50_over_rounds_hi", "latency_over_rounds_ns.p50.hi"},
    {"p99_over_rounds_lo", "latency_over_rounds_ns.p99.lo"},
    {"p99_over_rounds_hi", "latency_over_rounds_ns.p99.hi"},
    {"machine_key", "manifest.machine_key"},
    {"warnings", "warnings"},
    {"checked", "_checked"},
    {"pin", "pinned.asked"},
    {"k", "settings.k"},
    {"model_sha256", "model.sha256"},
    {"file", "_path"},
    {"line", "_line"},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* The value at "a.b.0" (digits index arrays); NULL where there is none. */
static const json_t *value_at(const json_t *record, const char *path) {
  char copy[128], *rest = copy, *word;
  snprintf(copy, sizeof copy, "%s", path);
  while (record && (word = strsep(&rest, ".")))
    record = json_is_array(record) ? json_array_get(record, (size_t)(*word - '0'))
                                   : json_object_get(record, word);
  return record;
}

static void print_text(FILE *stream, const char *text) {
  if (!strpbrk(text, ",\"\r\n")) {
    fputs(text, stream);
    return;
  }
  fputc('"', stream);
  for (; *text; text++) {
    if (*text == '"') fputc('"', stream);
    fputc(*text, stream);
  }
  fputc('"', stream);
}

/* The texts of all warnings in one field. */
static void print_warnings(FILE *stream, const json_t *warnings) {
  char *text = NULL;
  size_t bytes, index;
  const json_t *warning;
  FILE *field = open_memstream(&text, &bytes);
  if (!field) return;
  json_array_foreach(warnings, index, warning)
    fprintf(field, "%s%s", index ? "; " : "", l4r_warning_text(warning));
  if (!fclose(field)) print_text(stream, text);
  free(text);
}

static void print_value(FILE *stream, const json_t *value) {
  if (json_is_integer(value))
    fprintf(stream, "%lld", (long long)json_integer_value(value));
  else if (json_is_real(value))
    fprintf(stream, "%.10g", json_real_value(value));
  else if (json_is_string(value))
    print_text(stream, json_string_value(value));
}

void l4r_export_csv(FILE *stream, const json_t *records) {
  size_t index;
  const json_t *record;
  for (int c = 0; c < COLUMNS; c++) fprintf(stream, "%s%s", c ? "," : "", columns[c].column);
  fprintf(stream, "\r\n");
  json_array_foreach(records, index, record) {
    for (int c = 0; c < COLUMNS; c++) {
      if (c) fputc(',', stream);
      const json_t *value = value_at(record, columns[c].path);
      if (json_is_array(value))
        print_warnings(stream, value);
      else
        print_value(stream, value);
    }
    fprintf(stream, "\r\n");
  }
}
