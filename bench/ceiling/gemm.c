/* SPDX-License-Identifier: BSD-3-Clause */
/* See gemm.h. Between engines the machine gets a moment: a library's idle threads spin for a while
 * before they sleep, and would take a core from whoever comes next. */
#include "bench/ceiling/gemm.h"

#include "bench/ceiling/gemm_libraries.h"
#include "bench/stats/quantile.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "impl/blis/stack.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include <time.h>

enum { ALONE_ROWS = 256, PAUSE_MS = 60 };

struct subject {
  const struct l4r_gemm_bench *bench;
  const struct l4r_gemm_shape *shape;
  struct l4r_gemm_operands operands;
  float *own_a; /* [m][own_lda], as this project's engines keep what a long product reads */
  int64_t own_lda;
  float *a, *w_out, *w_in, *w_pad, *expected;
  struct l4r_stack *stack; /* of whoever measures now */
  struct l4r_matrix packed;
};

static float *floats(int64_t n) {
  return l4r_alloc((size_t)n, sizeof(float), "a product of the comparison");
}

static int open_operands(struct subject *s) {
  const int64_t m = s->shape->m, n = s->shape->n, k = s->shape->k;
  struct l4r_random random;
  if (m < 1 || n < 1 || k < 1)
    return l4r_fail(L4R_USAGE, "a product needs m, n and k of 1 or more, not %lld, %lld, %lld",
                    (long long)m, (long long)n, (long long)k);
  const int64_t ld = l4r_padded(n);
  s->own_lda = l4r_padded(k);
  s->own_a = floats(m * s->own_lda);
  s->a = floats(m * k), s->w_out = floats(n * k), s->w_in = floats(k * n);
  s->w_pad = floats(k * ld), s->expected = floats(m * n), s->operands.c = floats(m * n);
  if (!s->own_a || !s->a || !s->w_out || !s->w_in || !s->w_pad || !s->expected || !s->operands.c)
    return L4R_ENVIRONMENT;
  l4r_random_seed(&random, 1);
  for (int64_t i = 0; i < m * k; i++) s->a[i] = (float)l4r_random_normal(&random);
  for (int64_t i = 0; i < m; i++)
    memcpy(s->own_a + i * s->own_lda, s->a + i * k, (size_t)k * sizeof *s->a);
  for (int64_t j = 0; j < n; j++)
    for (int64_t i = 0; i < k; i++)
      s->w_out[j * k + i] = s->w_in[i * n + j] = s->w_pad[i * ld + j] = (float)l4r_random_normal(
          &random);
  s->operands.a = s->a, s->operands.w_out = s->w_out, s->operands.w_in = s->w_in;
  s->operands.w_pad = s->w_pad, s->operands.pad_ld = ld;
  return L4R_OK;
}

static void close_subject(struct subject *s) {
  void *memory[] = {s->own_a, s->a, s->w_out, s->w_in, s->w_pad, s->expected, s->operands.c};
  l4r_matrix_close(&s->packed);
  for (size_t i = 0; i < sizeof memory / sizeof *memory; i++) l4r_free(memory[i]);
}

/* --- this project's kernels ------------------------------------------------------------------ */

/* As the encoder does: few rows are shared by the whole team, of many each worker takes a part. */
static int own_product(void *argument, int worker, int workers) {
  const struct subject *s = argument;
  const int64_t m = s->shape->m, n = s->shape->n;
  const int alone = workers == 1 || m >= ALONE_ROWS * workers;
  const struct l4r_work_group group = {.kernels = s->stack->kernels,
                                       .team = s->stack->team,
                                       .worker = alone ? 0 : worker,
                                       .workers = alone ? 1 : workers,
                                       .converted = l4r_stack_converted(s->stack, worker)};
  int64_t begin = 0, end = m;
  if (alone) l4r_split(m, 1, worker, workers, &begin, &end);
  for (int64_t row = begin; row < end; row += ALONE_ROWS) {
    const int64_t rows = alone && end - row > ALONE_ROWS ? ALONE_ROWS : end - row;
    const struct l4r_product product = {.m = rows,
                                        .a = s->own_a + row * s->own_lda,
                                        .lda = s->own_lda,
                                        .columns = n,
                                        .c = s->operands.c + row * n,
                                        .ldc = n};
    l4r_multiply(&group, &s->packed, &product);
    if (!alone) break;
  }
  return L4R_OK;
}

static void own_once(struct subject *s) {
  assert(s->stack);
  l4r_team_run(s->stack->team, own_product, s);
}

/* The team lives for one measurement: its workers must not spin while a library works. */
static int own_open(struct subject *s, struct l4r_team **team) {
  int status = l4r_team_create(s->bench->threads, s->bench->processor, team);
  if (!status)
    status = l4r_stack_blis.open(
        *team, &(struct l4r_stack_options){.precision = s->bench->precision, .fallback = 1},
        &s->stack);
  if (status || s->packed.value) return status;
  status = l4r_matrix_open(&s->packed, s->stack->gemm, s->shape->k, s->shape->n,
                           "packed weights of the comparison");
  if (!status) l4r_matrix_put(&s->packed, 0, s->shape->n, s->w_out);
  return status;
}

static void own_close(struct subject *s, struct l4r_team *team) {
  if (s->stack) l4r_stack_blis.close(s->stack);
  s->stack = NULL;
  l4r_team_free(team);
}

/* --- time ------------------------------------------------------------------------------------ */

struct once {
  struct subject *subject;
  const struct l4r_gemm_library *library; /* NULL: own */
  enum l4r_gemm_layout layout;
};

static void run_once(const struct once *once) {
  struct subject *s = once->subject;
  if (once->library)
    once->library->multiply(once->library, s->shape, &s->operands, once->layout);
  else
    own_once(s);
}

/* GFLOP/s of as many products as `seconds` need, after one that warms up. */
static double measure(const struct once *once, double seconds) {
  const struct l4r_gemm_shape *shape = once->subject->shape;
  run_once(once);
  int64_t begin = l4r_now_ns(), now, products = 0, some = 1;
  do { /* the clock is read more seldom than products of a microsecond are made */
    for (int64_t i = 0; i < some; i++) run_once(once);
    products += some;
    if (some < 64) some *= 2;
    now = l4r_now_ns();
  } while ((double)(now - begin) * 1e-9 < seconds);
  return 2.0 * (double)shape->m * (double)shape->n * (double)shape->k * (double)products /
         (double)(now - begin);
}

static void pause_a_moment(const struct subject *s) {
  const struct timespec moment = {.tv_nsec = PAUSE_MS * 1000000L};
  if (s->bench->threads > 1) nanosleep(&moment, NULL);
}

static double differs(const struct subject *s) {
  const int64_t size = s->shape->m * s->shape->n;
  double most = 0, largest = 0;
  for (int64_t i = 0; i < size; i++) {
    const double difference = fabs((double)s->operands.c[i] - (double)s->expected[i]);
    if (!(difference <= most)) most = difference; /* NaN stays */
    if (fabs((double)s->expected[i]) > largest) largest = fabs((double)s->expected[i]);
  }
  return largest > 0 ? most / largest : most;
}

static enum l4r_gemm_layout fastest_layout(struct subject *s,
                                           const struct l4r_gemm_library *library) {
  double best = 0;
  enum l4r_gemm_layout chosen = L4R_GEMM_OUT;
  for (int layout = 0; layout < L4R_GEMM_LAYOUTS; layout++) {
    const struct once once = {s, library, (enum l4r_gemm_layout)layout};
    const double speed = measure(&once, s->bench->seconds / 2);
    if (speed <= best) continue;
    best = speed;
    chosen = once.layout;
  }
  return chosen;
}

static int measure_own(struct subject *s, double *speed) {
  struct l4r_team *team = NULL;
  int status = own_open(s, &team);
  const struct once once = {.subject = s};
  if (!status) *speed = measure(&once, s->bench->seconds);
  own_close(s, team);
  pause_a_moment(s);
  return status;
}

static int prepare(struct subject *s, const struct l4r_gemm_library *library, int libraries,
                   struct l4r_gemm_speed *speed) {
  double unused;
  int status = measure_own(s, &unused);
  if (status) return status;
  memcpy(s->expected, s->operands.c, (size_t)(s->shape->m * s->shape->n) * sizeof *s->expected);
  for (int i = 0; i < libraries; i++) {
    memset(s->operands.c, 0, (size_t)(s->shape->m * s->shape->n) * sizeof *s->operands.c);
    speed->layout[i] = fastest_layout(s, &library[i]);
    const double difference = differs(s);
    if (!(difference <= speed->differs)) speed->differs = difference;
    pause_a_moment(s);
  }
  return L4R_OK;
}

static int measure_rounds(struct subject *s, const struct l4r_gemm_library *library, int libraries,
                          struct l4r_gemm_speed *speed) {
  double own[L4R_GEMM_ROUNDS_MAX], other[L4R_GEMM_LIBRARIES][L4R_GEMM_ROUNDS_MAX],
      ratio[L4R_GEMM_LIBRARIES][L4R_GEMM_ROUNDS_MAX];
  const int64_t asked = s->bench->rounds;
  const int64_t rounds = asked < L4R_GEMM_ROUNDS_MAX ? asked : L4R_GEMM_ROUNDS_MAX;
  for (int64_t r = 0; r < rounds; r++) {
    int status = measure_own(s, &own[r]);
    if (status) return status;
    for (int i = 0; i < libraries; i++) {
      const struct once once = {s, &library[i], speed->layout[i]};
      other[i][r] = measure(&once, s->bench->seconds);
      ratio[i][r] = own[r] / other[i][r];
      pause_a_moment(s);
    }
  }
  speed->own = l4r_median(own, rounds);
  for (int i = 0; i < libraries; i++) {
    speed->library[i] = l4r_median(other[i], rounds);
    speed->ratio[i] = l4r_median(ratio[i], rounds);
  }
  return L4R_OK;
}

int l4r_bench_gemm(const struct l4r_gemm_bench *bench, const struct l4r_gemm_shape *shape,
                   const struct l4r_gemm_library *library, int libraries,
                   struct l4r_gemm_speed *speed) {
  struct subject subject = {.bench = bench, .shape = shape};
  *speed = (struct l4r_gemm_speed){0};
  int status = open_operands(&subject);
  if (!status) status = prepare(&subject, library, libraries, speed);
  if (!status) status = measure_rounds(&subject, library, libraries, speed);
  close_subject(&subject);
  return status;
}
