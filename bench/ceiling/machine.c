/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/ceiling/machine.h"

#include "bench/ceiling/file.h"
#include "bench/ceiling/gemm.h"
#include "bench/ceiling/gemm_libraries.h"
#include "bench/ceiling/read.h"
#include "impl/base/error.h"
#include "impl/ceiling/peak.h"

static int measure_units(struct l4r_team *team, double seconds, json_t *row) {
  struct l4r_peak best[L4R_PEAK_PRECISIONS] = {{0}};
  json_t *list = json_array(), *of = json_object();
  int count, status = L4R_OK;
  const struct l4r_peak_unit *unit = l4r_peak_units(&count);
  for (int u = 0; u < count && !status; u++) {
    double gops;
    const char *lacks = unit[u].lacks();
    json_t *entry = json_pack("{s:s, s:s}", "precision", l4r_peak_precision_name(unit[u].operands),
                              "instructions", unit[u].name);
    json_array_append_new(list, entry);
    if (lacks) {
      json_object_set_new(entry, "absent", json_string(lacks));
      continue;
    }
    status = l4r_peak_measure(team, &unit[u], seconds, &gops);
    if (status) break;
    json_object_set_new(entry, "gops", json_real(gops));
    for (int p = 0; p < L4R_PEAK_PRECISIONS; p++)
      l4r_peak_raise(&best[p], (enum l4r_peak_precision)p, &unit[u], gops);
  }
  for (int p = 0; p < L4R_PEAK_PRECISIONS; p++)
    if (best[p].unit)
      json_object_set_new(
          of, l4r_peak_precision_name((enum l4r_peak_precision)p),
          json_pack("{s:f, s:s}", "gops", best[p].gops, "instructions", best[p].unit->name));
  json_object_set_new(row, "units", list);
  json_object_set_new(row, "best", of);
  return status;
}

static int measure_reads(struct l4r_team *team, double seconds, json_t *row) {
  struct l4r_read_caches caches;
  json_t *reads = json_array();
  int status = l4r_read_caches_find(l4r_team_size(team), &caches);
  for (int level = 1; !status && level <= L4R_CEILINGS_LEVELS; level++) {
    const int64_t bytes = l4r_read_bytes(&caches, level);
    double gigabytes;
    if (!bytes) continue;
    status = l4r_ceiling_read(team, bytes, seconds, &gigabytes);
    if (!status)
      json_array_append_new(reads,
                            json_pack("{s:s, s:I, s:f}", "from", l4r_ceilings_levels[level - 1],
                                      "bytes_a_worker", (json_int_t)bytes, "gb_per_s", gigabytes));
  }
  json_object_set_new(row, "read", reads);
  return status;
}

/* Libraries with threads of their own, in the process's affinity; this project's kernels with them.
 */
static int measure_rivals(const struct l4r_pin *pin, const struct l4r_ceilings_bench *bench,
                          json_t *row) {
  const struct l4r_gemm_bench race = {
      .threads = pin->threads, .processor = pin->processor, .rounds = 3, .seconds = bench->gemm};
  const struct l4r_gemm_shape shape = {"square", bench->edge, bench->edge, bench->edge};
  struct l4r_gemm_libraries libraries;
  struct l4r_gemm_speed speed;
  json_t *list = json_array();
  json_object_set_new(row, "rivals", list);
  l4r_gemm_libraries_open(pin->threads, &libraries);
  const int status = l4r_bench_gemm(&race, &shape, libraries.library, libraries.count, &speed);
  if (status) return status;
  json_array_append_new(list, json_pack("{s:s, s:f, s:s, s:s}", "name", "lite4rec", "gflops",
                                        speed.own, "version", "", "note", "this project's"));
  for (int i = 0; i < libraries.count; i++)
    json_array_append_new(
        list, json_pack("{s:s, s:f, s:s, s:s, s:s}", "name", libraries.library[i].name, "gflops",
                        speed.library[i], "version", libraries.library[i].version, "note",
                        libraries.library[i].note, "path", libraries.library[i].path));
  for (int i = 0; i < libraries.absent; i++)
    json_array_append_new(list, json_pack("{s:s, s:s}", "name", libraries.missing[i].name, "absent",
                                          libraries.missing[i].why));
  return L4R_OK;
}

int l4r_ceilings_measure(const struct l4r_pin *pin, const struct l4r_ceilings_bench *bench,
                         json_t *rows) {
  struct l4r_team *team = NULL;
  json_t *row = json_pack("{s:i}", "threads", pin->threads);
  int status = row ? l4r_team_create(pin->threads, pin->processor, &team)
                   : l4r_fail(L4R_ENVIRONMENT, "no memory for the ceilings");
  if (!status) status = measure_units(team, bench->unit, row);
  if (!status) status = measure_reads(team, bench->read, row);
  l4r_team_free(team); /* its workers must not spin while libraries work */
  if (!status) status = measure_rivals(pin, bench, row);
  if (!status) json_array_insert(rows, 0, row);
  json_decref(row);
  return status;
}
