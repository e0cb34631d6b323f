/* SPDX-License-Identifier: BSD-3-Clause */
/* The workers start each run together after a barrier, and worker 0 measures the time until all
 * have met again. The best run counts, because every disturbance makes a run slower. */
#include "impl/ceiling/ceiling.h"

#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <blis.h>

/* A multiple of all common block sizes (12, 6, 16, 32), large enough that packing hardly counts,
 * small enough for some ten runs in 0.3 s. */
enum { EDGE = 768 };

struct run {
  struct l4r_team *team;
  const struct l4r_ceiling_loop *loop;
  double best; /* GFLOP/s */
  int stop;
};

static void meet(const struct run *run, int workers) {
  if (workers > 1) l4r_team_barrier(run->team);
}

static int repeat(void *argument, int worker, int workers) {
  struct run *run = argument;
  const struct l4r_ceiling_loop *loop = run->loop;
  loop->once(loop->argument, worker); /* warm-up: touches pages, fills BLIS's pools */
  int64_t begin = l4r_now_ns();
  int stop = 0;
  while (!stop) {
    meet(run, workers);
    int64_t from = l4r_now_ns();
    loop->once(loop->argument, worker);
    meet(run, workers);
    if (worker == 0) {
      int64_t now = l4r_now_ns();
      double speed = loop->flops * workers / (double)(now - from);
      if (speed > run->best) run->best = speed;
      run->stop = (double)(now - begin) * 1e-9 >= loop->seconds;
    }
    meet(run, workers);
    stop = run->stop;
  }
  return L4R_OK;
}

int l4r_ceiling_measure(struct l4r_team *team, const struct l4r_ceiling_loop *loop,
                        double *gflops) {
  struct run run = {.team = team, .loop = loop};
  int status = l4r_team_run(team, repeat, &run);
  if (!status) *gflops = run.best;
  return status;
}

static void sgemm_once(void *argument, int worker) {
  float *const *buffer = argument; /* each worker's three matrices, one after another */
  float *a = buffer[worker], *b = a + EDGE * (EDGE + 16), *c = b + EDGE * (EDGE + 16);
  float one = 1, zero = 0;
  rntm_t single = BLIS_RNTM_INITIALIZER;
  bli_rntm_set_num_threads(1, &single);
  bli_sgemm_ex(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, EDGE, EDGE, EDGE, &one, a, EDGE + 16, 1, b,
               EDGE + 16, 1, &zero, c, EDGE + 16, 1, NULL, &single);
}

int l4r_ceiling_sgemm(struct l4r_team *team, double seconds, double *gflops) {
  int workers = l4r_team_size(team);
  size_t floats = 3 * (size_t)EDGE * (EDGE + 16);
  l4r_blas_open();
  float **buffer = l4r_alloc((size_t)workers, sizeof *buffer, "the sgemm ceiling");
  int status = buffer ? L4R_OK : L4R_ENVIRONMENT;
  for (int w = 0; !status && w < workers; w++) {
    buffer[w] = l4r_alloc(floats, sizeof(float), "the sgemm ceiling");
    if (!buffer[w]) status = L4R_ENVIRONMENT;
    for (size_t i = 0; !status && i < floats; i++) buffer[w][i] = (float)(i % 13) - 6;
  }
  const struct l4r_ceiling_loop loop = {.seconds = seconds > 0 ? seconds : 0.3,
                                        .flops = 2.0 * EDGE * EDGE * EDGE,
                                        .once = sgemm_once,
                                        .argument = buffer};
  if (!status) status = l4r_ceiling_measure(team, &loop, gflops);
  for (int w = 0; buffer && w < workers; w++) l4r_free(buffer[w]);
  l4r_free(buffer);
  return status;
}
