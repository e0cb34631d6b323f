/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/commands/info/ceilings.h"

#include "bench/ceiling/encoder.h"
#include "bench/ceiling/file.h"
#include "bench/ceiling/machine.h"
#include "bench/ceiling/read.h"
#include "bench/ceiling/stream.h"
#include "bench/commands/info/ceilings_print.h"
#include "bench/machine/affinity.h"
#include "bench/machine/manifest.h"
#include "bench/machine/pin.h"
#include "bench/machine/watch.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HISTORY = 50, ITEMS = 3416, TOP = 70, ROUNDS = 5 };

struct measuring { /* on so many cores, one worker each */
  struct l4r_pin *pin;
  struct l4r_team *team;
};

static int open_team(int64_t threads, struct measuring *m) {
  *m = (struct measuring){.pin = l4r_alloc(1, sizeof *m->pin, "a pinning plan")};
  const int status = m->pin ? l4r_pin_cores(threads, m->pin) : L4R_ENVIRONMENT;
  return status ? status : l4r_team_create(m->pin->threads, m->pin->processor, &m->team);
}

static void close_team(struct measuring *m) {
  l4r_team_free(m->team);
  l4r_free(m->pin);
}

static int measure_ceilings(int64_t threads, json_t *rows) {
  static const struct l4r_ceilings_bench bench = {.unit = .5, .read = .5, .gemm = .2, .edge = 1024};
  struct l4r_pin *pin = l4r_alloc(1, sizeof *pin, "a pinning plan");
  int status = pin ? l4r_pin_cores(threads, pin) : L4R_ENVIRONMENT;
  if (!status) status = l4r_affinity_narrow(pin);
  if (!status) status = l4r_ceilings_measure(pin, &bench, rows);
  l4r_free(pin);
  return status;
}

/* What cannot be measured here is a row with the reason. */
static int measure_share(const struct measuring *m, const struct l4r_encoder_bench *bench,
                         json_t *rows) {
  struct l4r_encoder_speed speed;
  json_t *row = json_pack("{s:s, s:s, s:I, s:i}", "size", bench->size, "precision",
                          bench->precision, "batch", (json_int_t)bench->batch, "threads",
                          l4r_team_size(m->team));
  json_array_append_new(rows, row);
  if (l4r_bench_encoder(m->team, bench, &speed)) {
    json_object_set_new(row, "absent", json_string(l4r_error_message()));
    return L4R_OK;
  }
  json_t *figures = json_pack("{s:f, s:f, s:f, s:s, s:f, s:f}", "users_per_second",
                              speed.users_per_second, "gflops", speed.gflops, "ceiling_gops",
                              speed.ceiling.gops, "instructions", speed.ceiling.unit->name, "share",
                              speed.share, "model_share", speed.model_share);
  json_object_update(row, figures);
  json_decref(figures);
  return L4R_OK;
}

static int measure_shares(const struct measuring *m, json_t *rows) {
  static const char *const sizes[] = {"mini", "base", "t5-small"};
  static const char *const precisions[] = {"bf16", "int8", "bf16x3"}; /* of the last size */
  static const int64_t batches[] = {1, 64};
  struct l4r_encoder_bench bench = {
      .causal = 1, .history = HISTORY, .items = ITEMS, .k = TOP, .rounds = ROUNDS, .seconds = .2};
  int status = L4R_OK;
  for (int row = 0; row < 6; row++)
    for (int b = 0; b < 2 && !status; b++) {
      bench.size = sizes[row < 3 ? row : 2];
      bench.precision = row < 3 ? "fp32" : precisions[row - 3];
      bench.batch = batches[b];
      status = measure_share(m, &bench, rows);
    }
  return status;
}

static const json_t *level_of(const json_t *ceilings, int threads, const char *level) {
  size_t i, j;
  const json_t *row, *read;
  json_array_foreach(ceilings, i, row)
    json_array_foreach(json_object_get(row, "read"), j, read)
      if (json_integer_value(json_object_get(row, "threads")) == threads &&
          !strcmp(json_string_value(json_object_get(read, "from")), level))
        return read;
  return NULL;
}

/* Weights of half of a level, as reading is measured, for all workers together; from memory once
 * what a worker reads there, which is beyond all caches already. */
static int measure_stream(const struct measuring *m, const json_t *ceilings, const char *level,
                          struct l4r_stream_bench bench, json_t *rows) {
  const int threads = l4r_team_size(m->team);
  const json_t *read = level_of(ceilings, threads, level);
  struct l4r_stream_speed speed;
  if (!read) return L4R_OK; /* no such level */
  bench.bytes = json_integer_value(json_object_get(read, "bytes_a_worker"));
  if (strcmp(level, "DRAM") != 0) bench.bytes *= threads;
  json_t *row = json_pack("{s:s, s:s, s:s, s:i}", "what",
                          bench.top ? "head with top 70" : "one-row product", "precision",
                          bench.precision, "from", level, "threads", threads);
  json_array_append_new(rows, row);
  if (l4r_bench_stream(m->team, &bench, &speed)) {
    json_object_set_new(row, "absent", json_string(l4r_error_message()));
    return L4R_OK;
  }
  const double ceiling = json_number_value(json_object_get(read, "gb_per_s"));
  json_object_set_new(row, "items", json_integer(speed.items));
  json_object_set_new(row, "bytes", json_integer(speed.bytes));
  json_object_set_new(row, "gb_per_s", json_real(speed.gb_per_s));
  json_object_set_new(row, "ceiling_gb_per_s", json_real(ceiling));
  json_object_set_new(row, "share", json_real(speed.gb_per_s / ceiling));
  return L4R_OK;
}

static int measure_streams(const struct measuring *m, const json_t *ceilings, json_t *rows) {
  static const char *const precisions[] = {"fp32", "bf16", "int8"};
  int status = L4R_OK;
  for (int p = 0; p < 3 && !status; p++) {
    const struct l4r_stream_bench row = {.precision = precisions[p], .seconds = .3};
    const struct l4r_stream_bench head = {.precision = precisions[p], .top = TOP, .seconds = .3};
    status = measure_stream(m, ceilings, "L2", row, rows);
    if (!status) status = measure_stream(m, ceilings, "L3", row, rows);
    if (!status && !p) status = measure_stream(m, ceilings, "DRAM", row, rows);
    if (!status) status = measure_stream(m, ceilings, p ? "L3" : "DRAM", head, rows);
  }
  return status;
}

static int measure(int64_t threads, json_t *root) {
  json_t *ceilings = json_array(), *streams = json_array(), *shares = json_array();
  struct measuring m = {0};
  struct l4r_watch watch;
  json_object_set_new(root, "ceilings", ceilings);
  json_object_set_new(root, "streams", streams);
  json_object_set_new(root, "lite", shares);
  l4r_watch_begin(&watch);
  /* a process that was narrowed to one core does not come back: so all of them come first */
  int status = measure_ceilings(threads, ceilings);
  if (!status) status = open_team(threads, &m);
  if (!status) status = measure_streams(&m, ceilings, streams);
  if (!status) status = measure_shares(&m, shares);
  close_team(&m);
  if (!status && json_integer_value(json_object_get(json_array_get(ceilings, 0), "threads")) != 1)
    status = measure_ceilings(1, ceilings);
  l4r_watch_end(&watch);
  json_object_set_new(root, "machine", l4r_watch_json(&watch));
  return status;
}

static int print(FILE *stream, const json_t *root) {
  struct l4r_sheet sheet;
  l4r_sheet_begin(&sheet, &l4r_print_text, stream, "ceilings");
  l4r_info_ceilings_print(&sheet, root);
  return l4r_sheet_end(&sheet, L4R_OK);
}

/* What other programs on the machine do to the figures: its load when they began. */
static json_t *load(void) {
  double average[3];
  const int known = getloadavg(average, 3);
  json_t *list = json_array();
  for (int i = 0; i < known; i++) json_array_append_new(list, json_real(average[i]));
  return list;
}

int l4r_info_ceilings(int64_t threads, int json) {
  l4r_blas_choose(); /* before there are threads */
  json_t *manifest = l4r_manifest();
  if (!manifest) return L4R_ENVIRONMENT;
  json_t *root = json_pack("{s:s, s:i, s:o, s:o, s:i, s:i, s:i}", "format", l4r_ceilings_format,
                           "version", L4R_CEILINGS_VERSION, "manifest", manifest, "load_average",
                           load(), "history", HISTORY, "items", ITEMS, "rounds", ROUNDS);
  int status = root ? measure(threads, root)
                    : l4r_fail(L4R_ENVIRONMENT, "no memory for the ceilings");
  if (!status && json) {
    char *text = json_dumps(root, JSON_INDENT(1));
    if (text) printf("%s\n", text);
    free(text);
  }
  if (!status) status = print(json ? stderr : stdout, root);
  json_decref(root);
  return status;
}
