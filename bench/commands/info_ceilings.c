#include "bench/commands/info_ceilings.h"

#include "bench/ceiling/encoder.h"
#include "bench/ceiling/fma.h"
#include "bench/harness/pin.h"
#include "impl/base/blas.h"
#include "impl/base/ceiling.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { HISTORY = 50, ITEMS = 3416, TOP = 70, ROUNDS = 7 };

/* A team on `threads` cores, one worker a core; 0: as many as there are. */
static int make_team(int64_t threads, struct l4r_pin *pin, struct l4r_team **team) {
  int list[L4R_PIN_THREADS];
  const int cores = l4r_pin_candidates("core", list);
  if (cores < 0) return L4R_ENVIRONMENT;
  const int status = l4r_pin_plan("core", threads > 0 ? (int)threads : cores, pin);
  return status ? status : l4r_team_create(pin->threads, pin->processor, team);
}

static int measure_ceilings(int64_t threads, json_t *rows) {
  struct l4r_pin *pin = l4r_alloc(1, sizeof *pin, "a pinning plan");
  struct l4r_team *team = NULL;
  double sgemm, fma;
  int status = pin ? make_team(threads, pin, &team) : L4R_ENVIRONMENT;
  if (!status) status = l4r_ceiling_sgemm(team, 1, &sgemm);
  if (!status) status = l4r_ceiling_fma(team, 1, &fma);
  if (!status)
    json_array_append_new(rows, json_pack("{s:i, s:f, s:f}", "threads", l4r_team_size(team),
                                          "sgemm_gflops", sgemm, "fma_gflops", fma));
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

static void print_tables(const json_t *ceilings, const json_t *shares) {
  size_t i;
  const json_t *row;
  printf("ceilings, fp32 (BLIS kernels: %s)\n  threads   sgemm GFLOP/s   multiply-add GFLOP/s\n",
         l4r_blas_open());
  json_array_foreach(ceilings, i, row) {
    printf("  %7.0f   %13.1f   %20.1f\n", number(row, "threads"), number(row, "sgemm_gflops"),
           number(row, "fma_gflops"));
  }
  printf("\nLite on the blis stack, history %d, %d items, random weights; medians of %d rounds in "
         "which the\nsgemm ceiling and the work take turns; share: operations really carried out\n"
         "  size      batch threads     users/s    GFLOP/s   of sgemm\n",
         HISTORY, ITEMS, ROUNDS);
  json_array_foreach(shares, i, row) {
    printf("  %-9s %5.0f %7.0f %11.1f %10.1f %9.1f %%\n",
           json_string_value(json_object_get(row, "size")), number(row, "batch"),
           number(row, "threads"), number(row, "users_per_second"), number(row, "gflops"),
           100 * number(row, "share"));
  }
}

int l4r_info_ceilings(int64_t threads, int json) {
  static const char *const sizes[] = {"mini", "base", "t5-small"};
  static const int64_t batches[] = {1, 64};
  l4r_blas_open(); /* before there are threads */
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
  } else if (!status) {
    print_tables(ceilings, shares);
  }
  json_decref(ceilings);
  json_decref(shares);
  return status;
}
