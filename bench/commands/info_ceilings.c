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

static void print_figure(FILE *stream, const json_t *row, const char *name) {
  const json_t *figure = json_object_get(row, name);
  if (json_is_number(figure))
    fprintf(stream, "   %11.1f", json_number_value(figure));
  else
    fprintf(stream, "   %11s", "-");
}

static void print_ceilings(FILE *stream, const json_t *ceilings) {
  static const char *const figures[] = {"sgemm_gflops", "fma_gflops", "bf16_gflops", "int8_gops"};
  size_t i, j;
  const json_t *row, *read;
  fprintf(stream,
          "ceilings, 10^9 operations/s: sgemm (BLIS kernels: %s) and multiply-adds in registers\n"
          "  threads         sgemm          fp32          bf16          int8\n",
          l4r_blas_open());
  json_array_foreach(ceilings, i, row) {
    fprintf(stream, "  %7.0f", number(row, "threads"));
    for (int f = 0; f < 4; f++) print_figure(stream, row, figures[f]);
    fprintf(stream, "\n");
  }
  for (int kind = L4R_FMA_BF16; kind <= L4R_FMA_INT8; kind++)
    if (l4r_fma_lacks((enum l4r_fma_kind)kind))
      fprintf(stream, "  -: this processor has %s\n", l4r_fma_lacks((enum l4r_fma_kind)kind));
  fprintf(stream, "\nceilings of reading\n  threads   from    KB a worker          GB/s\n");
  json_array_foreach(ceilings, i, row) {
    json_array_foreach(json_object_get(row, "read"), j, read) {
      fprintf(stream, "  %7.0f   %-5s %13.0f", number(row, "threads"), l4r_text_at(read, "from"),
              number(read, "bytes_a_worker") / 1000);
      print_figure(stream, read, "gb_per_s");
      fprintf(stream, "\n");
    }
  }
}

static void print_tables(FILE *stream, const json_t *ceilings, const json_t *shares) {
  size_t i;
  const json_t *row;
  print_ceilings(stream, ceilings);
  fprintf(stream,
          "\nLite on the blis stack, history %d, %d items, random weights; medians of %d rounds in "
          "which the\nsgemm ceiling and the work take turns; share: operations really carried out\n"
          "  size      batch threads     users/s    GFLOP/s   of sgemm\n",
          HISTORY, ITEMS, ROUNDS);
  json_array_foreach(shares, i, row) {
    fprintf(stream, "  %-9s %5.0f %7.0f %11.1f %10.1f %9.1f %%\n", l4r_text_at(row, "size"),
            number(row, "batch"), number(row, "threads"), number(row, "users_per_second"),
            number(row, "gflops"), 100 * number(row, "share"));
  }
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
  if (!status) print_tables(json ? stderr : stdout, ceilings, shares);
  json_decref(ceilings);
  json_decref(shares);
  return status;
}
