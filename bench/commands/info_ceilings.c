/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/commands/info_ceilings.h"

#include "bench/ceiling/encoder.h"
#include "bench/ceiling/fma.h"
#include "bench/ceiling/read.h"
#include "bench/machine/pin.h"
#include "bench/record/text.h"
#include "impl/base/blas.h"
#include "impl/base/ceiling.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const levels[] = {"L1", "L2", "L3", "DRAM"};

enum { HISTORY = 50, ITEMS = 3416, TOP = 70, ROUNDS = 7 };

/* A team on `threads` cores, one worker a core; 0: as many as there are. */
static int make_team(int64_t threads, struct l4r_pin *pin, struct l4r_team **team) {
  const int status = l4r_pin_cores(threads, pin);
  return status ? status : l4r_team_create(pin->threads, pin->processor, team);
}

/* Adds a figure, or null and the reason where the processor has none. */
static int measure_fma(struct l4r_team *team, enum l4r_fma_kind kind, json_t *row) {
  static const char *const names[] = {"fma_gflops", "bf16_gflops", "int8_gops"};
  const char *lacks = l4r_fma_lacks(kind);
  double gops;
  if (lacks) return json_object_set_new(row, names[kind], json_null());
  int status = l4r_ceiling_fma(team, kind, 1, &gops);
  return status ? status : json_object_set_new(row, names[kind], json_real(gops));
}

static int measure_reads(struct l4r_team *team, json_t *row) {
  struct l4r_read_caches caches;
  json_t *reads = json_array();
  int status = l4r_read_caches_find(l4r_team_size(team), &caches);
  for (int level = 1; !status && level <= 4; level++) {
    int64_t bytes = l4r_read_bytes(&caches, level);
    double gigabytes;
    if (!bytes) continue;
    status = l4r_ceiling_read(team, bytes, .5, &gigabytes);
    if (!status)
      json_array_append_new(reads,
                            json_pack("{s:s, s:I, s:f}", "from", levels[level - 1],
                                      "bytes_a_worker", (json_int_t)bytes, "gb_per_s", gigabytes));
  }
  json_object_set_new(row, "read", reads);
  return status;
}

static int measure_ceilings(int64_t threads, json_t *rows) {
  struct l4r_pin *pin = l4r_alloc(1, sizeof *pin, "a pinning plan");
  struct l4r_team *team = NULL;
  json_t *row = json_object();
  double sgemm;
  int status = pin ? make_team(threads, pin, &team) : L4R_ENVIRONMENT;
  if (!status) status = l4r_ceiling_sgemm(team, 1, &sgemm);
  if (!status) {
    json_object_set_new(row, "threads", json_integer(l4r_team_size(team)));
    json_object_set_new(row, "sgemm_gflops", json_real(sgemm));
  }
  for (int kind = L4R_FMA_FP32; !status && kind <= L4R_FMA_INT8; kind++)
    status = measure_fma(team, (enum l4r_fma_kind)kind, row);
  if (!status) status = measure_reads(team, row);
  if (!status) json_array_append(rows, row);
  json_decref(row);
  l4r_team_free(team);
  l4r_free(pin);
  return status;
}

static int measure_share(int64_t threads, const char *size, int64_t batch, json_t *rows) {
  const struct l4r_encoder_bench bench = {.size = size,
                                          .causal = 1,
                                          .history = HISTORY,
                                          .batch = batch,
                                          .items = ITEMS,
                                          .k = TOP,
                                          .rounds = ROUNDS,
                                          .seconds = .3};
  struct l4r_pin *pin = l4r_alloc(1, sizeof *pin, "a pinning plan");
  struct l4r_team *team = NULL;
  struct l4r_encoder_speed speed;
  int status = pin ? make_team(threads, pin, &team) : L4R_ENVIRONMENT;
  if (!status) status = l4r_bench_encoder(team, &bench, &speed);
  if (!status)
    json_array_append_new(rows,
                          json_pack("{s:s, s:I, s:i, s:f, s:f, s:f, s:f, s:f}", "size", size,
                                    "batch", (json_int_t)batch, "threads", l4r_team_size(team),
                                    "users_per_second", speed.users_per_second, "gflops",
                                    speed.gflops, "sgemm_gflops", speed.sgemm_gflops, "share",
                                    speed.share, "model_share", speed.model_share));
  l4r_team_free(team);
  l4r_free(pin);
  return status;
}

static double number(const json_t *row, const char *name) {
  return json_number_value(json_object_get(row, name));
}

static void add_figure(struct l4r_table *table, const json_t *row, const char *name,
                       const char *lacks) {
  const json_t *figure = json_object_get(row, name);
  char reason[128];
  l4r_text_set(reason, sizeof reason, "this processor has %s", lacks ? lacks : "");
  if (json_is_number(figure))
    l4r_cell_fixed(table, json_number_value(figure), 1, "");
  else
    l4r_cell_absent(table, lacks ? reason : NULL);
}

static void add_ceilings(struct l4r_sheet *sheet, const char *kernels, const char *const lacks[3],
                         const json_t *ceilings) {
  static const struct l4r_column columns[] = {
      {"threads", "threads", .align = L4R_RIGHT, .width = 7},
      {"sgemm_gflops", "sgemm", "GFLOP/s", .align = L4R_RIGHT, .width = 11},
      {"fma_gflops", "fp32", "GFLOP/s", .align = L4R_RIGHT, .width = 11},
      {"bf16_gflops", "bf16", "GFLOP/s", .align = L4R_RIGHT, .width = 11},
      {"int8_gops", "int8", "GOP/s", .align = L4R_RIGHT, .width = 11}};
  struct l4r_table table = {.layout = {.indent = 2, .gap = 3}};
  size_t i;
  const json_t *row;
  l4r_table_title(&table,
                  "ceilings, 10^9 operations/s: sgemm (BLIS kernels: %s) and multiply-adds in "
                  "registers",
                  kernels);
  l4r_table_columns(&table, columns, 5);
  json_array_foreach(ceilings, i, row) {
    l4r_row(&table);
    l4r_cell_fixed(&table, number(row, "threads"), 0, "");
    for (int c = 1; c < 5; c++)
      add_figure(&table, row, columns[c].key, c < 2 ? NULL : lacks[c - 2]);
  }
  l4r_sheet_table(sheet, &table);
}

static void add_reads(struct l4r_sheet *sheet, const json_t *ceilings) {
  static const struct l4r_column columns[] = {
      {"threads", "threads", .align = L4R_RIGHT, .width = 7},
      {"from", "from", .align = L4R_LEFT, .width = 5},
      {"kilobytes", "KB a worker", "kB", .align = L4R_RIGHT, .width = 11},
      {"gb_per_s", "GB/s", "GB/s", .align = L4R_RIGHT, .width = 11}};
  struct l4r_table table = {.layout = {.indent = 2, .gap = 3}};
  size_t i, j;
  const json_t *row, *read;
  l4r_table_title(&table, "ceilings of reading");
  l4r_table_columns(&table, columns, 4);
  json_array_foreach(ceilings, i, row)
    json_array_foreach(json_object_get(row, "read"), j, read) {
      l4r_row(&table);
      l4r_cell_fixed(&table, number(row, "threads"), 0, "");
      l4r_cell(&table, "%s", l4r_text_at(read, "from"));
      l4r_cell_fixed(&table, number(read, "bytes_a_worker") / 1000, 0, "");
      add_figure(&table, read, "gb_per_s", NULL);
    }
  l4r_sheet_table(sheet, &table);
}

static void add_shares(struct l4r_sheet *sheet, const json_t *shares) {
  static const struct l4r_column columns[] = {
      {"size", "size", .align = L4R_LEFT, .width = 9},
      {"batch", "batch", .align = L4R_RIGHT, .width = 5},
      {"threads", "threads", .align = L4R_RIGHT, .width = 7},
      {"users_per_second", "users/s", "users/s", .align = L4R_RIGHT, .width = 11},
      {"gflops", "GFLOP/s", "GFLOP/s", .align = L4R_RIGHT, .width = 10},
      {"share", "of sgemm", "%", .align = L4R_RIGHT, .width = 11}};
  struct l4r_table table = {.layout = {.indent = 2, .gap = 1}};
  size_t i;
  const json_t *row;
  l4r_table_title(&table,
                  "Lite on the blis stack, history %d, %d items, random weights; medians of %d "
                  "rounds in which the" L4R_LINE
                  "sgemm ceiling and the work take turns; share: operations really carried out",
                  HISTORY, ITEMS, ROUNDS);
  l4r_table_columns(&table, columns, 6);
  json_array_foreach(shares, i, row) {
    l4r_row(&table);
    l4r_cell(&table, "%s", l4r_text_at(row, "size"));
    l4r_cell_fixed(&table, number(row, "batch"), 0, "");
    l4r_cell_fixed(&table, number(row, "threads"), 0, "");
    l4r_cell_fixed(&table, number(row, "users_per_second"), 1, "");
    l4r_cell_fixed(&table, number(row, "gflops"), 1, "");
    l4r_cell_fixed(&table, 100 * number(row, "share"), 1, " %");
  }
  l4r_sheet_table(sheet, &table);
}

void l4r_info_ceilings_print(struct l4r_sheet *sheet, const char *kernels,
                             const char *const lacks[3], const json_t *ceilings,
                             const json_t *shares) {
  add_ceilings(sheet, kernels, lacks, ceilings);
  add_reads(sheet, ceilings);
  add_shares(sheet, shares);
}

static int print(FILE *stream, const json_t *ceilings, const json_t *shares) {
  const char *const lacks[3] = {l4r_fma_lacks(L4R_FMA_FP32), l4r_fma_lacks(L4R_FMA_BF16),
                                l4r_fma_lacks(L4R_FMA_INT8)};
  struct l4r_sheet sheet;
  l4r_sheet_begin(&sheet, &l4r_print_text, stream, "ceilings");
  l4r_info_ceilings_print(&sheet, l4r_blas_open(), lacks, ceilings, shares);
  return l4r_sheet_end(&sheet, L4R_OK);
}

int l4r_info_ceilings(int64_t threads, int json) {
  static const char *const sizes[] = {"mini", "base", "t5-small"};
  static const int64_t batches[] = {1, 64};
  l4r_blas_choose(); /* before there are threads */
  json_t *ceilings = json_array(), *shares = json_array();
  int status = measure_ceilings(1, ceilings);
  if (!status && threads != 1) status = measure_ceilings(threads, ceilings);
  for (int s = 0; s < 3; ++s)
    for (int b = 0; !status && b < 2; ++b)
      status = measure_share(threads, sizes[s], batches[b], shares);
  if (!status && json) {
    json_t *root = json_pack("{s:s, s:i, s:i, s:O, s:O}", "blis", l4r_blas_open(), "history",
                             HISTORY, "items", ITEMS, "ceilings", ceilings, "lite", shares);
    char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
    if (text) printf("%s\n", text);
    free(text);
    json_decref(root);
  }
  if (!status) status = print(json ? stderr : stdout, ceilings, shares);
  json_decref(ceilings);
  json_decref(shares);
  return status;
}
