/* The measuring loop shared by both ceilings: the workers start each run together after a barrier
 * and worker 0 takes the time until all have met again; the best run counts, because everything
 * that disturbs a run makes it slower. */
#include "bench/ceiling/gemm.h"

#include "bench/ceiling/fma.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <blis.h>

/* A multiple of every block size in use that matters (12, 6, 16, 32), big enough for the packing to
 * be amortised, small enough for some ten runs in 0.3 s. */
enum { EDGE = 768 };

struct run {
  struct l4r_team *team;
  double seconds, best; /* in: at least; out: GFLOP/s */
  int64_t rounds;       /* fma: of the inner loop a run */
  enum l4r_isa isa;
  int stop;
  float **buffer; /* sgemm: a worker's three matrices, one behind the other */
};

static void meet(const struct run *run, int workers) {
  if (workers > 1) l4r_team_barrier(run->team);
}

/* Runs `once` on all workers again and again; `flops` are one worker's of one run. */
static void repeat(struct run *run, int worker, int workers, double flops,
                   void (*once)(struct run *, int)) {
  once(run, worker); /* warm-up: pages touched, BLIS's pools filled */
  int64_t begin = l4r_now_ns();
  int stop = 0;
  while (!stop) {
    meet(run, workers);
    int64_t from = l4r_now_ns();
    once(run, worker);
    meet(run, workers);
    if (worker == 0) {
      int64_t now = l4r_now_ns();
      double speed = flops * workers / (double)(now - from);
      if (speed > run->best) run->best = speed;
      run->stop = (double)(now - begin) * 1e-9 >= run->seconds;
    }
    meet(run, workers);
    stop = run->stop;
  }
}

static void sgemm_once(struct run *run, int worker) {
  float *a = run->buffer[worker], *b = a + EDGE * (EDGE + 16), *c = b + EDGE * (EDGE + 16);
  float one = 1, zero = 0;
  rntm_t single;
  bli_rntm_init(&single);
  bli_rntm_set_num_threads(1, &single);
  bli_sgemm_ex(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, EDGE, EDGE, EDGE, &one, a, EDGE + 16, 1, b,
               EDGE + 16, 1, &zero, c, EDGE + 16, 1, NULL, &single);
}

static int sgemm_work(void *argument, int worker, int workers) {
  repeat(argument, worker, workers, 2.0 * EDGE * EDGE * EDGE, sgemm_once);
  return L4R_OK;
}

int l4r_ceiling_sgemm(struct l4r_team *team, double seconds, double *gflops) {
  int workers = l4r_team_size(team);
  size_t floats = 3 * (size_t)EDGE * (EDGE + 16);
  struct run run = {.team = team, .seconds = seconds > 0 ? seconds : 0.3};
  l4r_blas_open();
  run.buffer = l4r_alloc((size_t)workers, sizeof *run.buffer, "the sgemm ceiling");
  int status = run.buffer ? L4R_OK : L4R_ENVIRONMENT;
  for (int w = 0; !status && w < workers; w++) {
    run.buffer[w] = l4r_alloc(floats, sizeof(float), "the sgemm ceiling");
    if (!run.buffer[w]) status = L4R_ENVIRONMENT;
    for (size_t i = 0; !status && i < floats; i++) run.buffer[w][i] = (float)(i % 13) - 6;
  }
  if (!status) status = l4r_team_run(team, sgemm_work, &run);
  for (int w = 0; run.buffer && w < workers; w++) l4r_free(run.buffer[w]);
  l4r_free(run.buffer);
  if (!status) *gflops = run.best;
  return status;
}

static void fma_once(struct run *run, int worker) {
  l4r_fma_loop(run->isa, run->rounds);
}

static int fma_work(void *argument, int worker, int workers) {
  struct run *run = argument;
  repeat(run, worker, workers, (double)run->rounds * l4r_fma_flops(run->isa), fma_once);
  return L4R_OK;
}

int l4r_ceiling_fma(struct l4r_team *team, double seconds, double *gflops) {
  struct run run = {.team = team, .seconds = seconds > 0 ? seconds : 0.3, .rounds = 1000000};
  int status = l4r_cpu_isa(&run.isa);
  if (!status) status = l4r_team_run(team, fma_work, &run);
  if (!status) *gflops = run.best;
  return status;
}
