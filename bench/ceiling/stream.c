/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/ceiling/stream.h"

#include "impl/base/available.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/stack.h"

#include <string.h>

enum { WIDTH = 512, WORDS_OF_FP32 = 4, RUNS_LEAST = 3 };

struct subject {
  int64_t items, top;
  struct l4r_stack *stack;
  struct l4r_head *head;
  float *state, *score;
  int64_t *popularity;
  struct l4r_ranking ranking;
};

/* Bytes of a weight in the packed layout, which is all that is read of it. */
static int64_t bytes_of(const char *precision) {
  if (!strcmp(precision, "bf16")) return 2;
  if (!strcmp(precision, "bf16x3")) return 6;
  return strcmp(precision, "int8") ? WORDS_OF_FP32 : 1;
}

static int open_head(struct subject *s) {
  const size_t floats = (size_t)s->items * WIDTH;
  const double memory = 2.5 * (double)floats * sizeof(float);
  int status = l4r_memory_check(memory, "weights to stream");
  float *weight = status ? NULL : l4r_alloc(floats, sizeof *weight, "weights to stream");
  if (!weight) return status ? status : L4R_ENVIRONMENT;
  for (size_t i = 0; i < floats; i++) weight[i] = 0.01f * (float)((int)(i % 13) - 6);
  const struct l4r_head_spec spec = {
      .items = s->items, .width = WIDTH, .weight = weight, .scale = 1};
  status = l4r_stack_blis.head_open(s->stack, &spec, &s->head);
  l4r_free(weight);
  return status;
}

static int64_t weights_of(const struct subject *s) {
  struct l4r_about about = {0};
  l4r_stack_blis.about(s->stack, &about);
  return about.weights_bytes;
}

static int open_user(struct subject *s) {
  s->state = l4r_alloc(WIDTH, sizeof *s->state, "a state");
  s->score = l4r_alloc((size_t)s->items + 1, sizeof *s->score, "scores");
  s->popularity = l4r_alloc((size_t)s->items + 1, sizeof *s->popularity, "scores");
  s->ranking.item = l4r_alloc((size_t)s->top + 1, sizeof *s->ranking.item, "a ranking");
  s->ranking.score = l4r_alloc((size_t)s->top + 1, sizeof *s->ranking.score, "a ranking");
  if (!s->state || !s->score || !s->popularity || !s->ranking.item || !s->ranking.score)
    return L4R_ENVIRONMENT;
  for (int i = 0; i < WIDTH; i++) s->state[i] = (float)(i % 7) - 3;
  return L4R_OK;
}

static void close_subject(struct subject *s) {
  void *memory[] = {s->state, s->score, s->popularity, s->ranking.item, s->ranking.score};
  if (s->head) l4r_stack_blis.head_close(s->head);
  if (s->stack) l4r_stack_blis.close(s->stack);
  for (size_t i = 0; i < sizeof memory / sizeof *memory; i++) l4r_free(memory[i]);
}

static int serve(struct subject *s) {
  if (!s->top) return l4r_stack_blis.project(s->head, s->state, 1, s->score);
  return l4r_stack_blis.project_top_k(s->head, s->state, 1, s->top, s->popularity, &s->ranking);
}

/* Runs of a millisecond and more, of which the best counts. */
static int measure(struct subject *s, double seconds, struct l4r_stream_speed *speed) {
  int64_t times = 1, took = 0;
  int status = serve(s);
  const int64_t begin = l4r_now_ns();
  for (int64_t run = 0; !status; run++) {
    const int64_t from = l4r_now_ns();
    for (int64_t i = 0; i < times && !status; i++) status = serve(s);
    const int64_t now = l4r_now_ns();
    took = now - from;
    const double rate = (double)(times * speed->bytes) / (double)took;
    if (rate > speed->gb_per_s) speed->gb_per_s = rate;
    if (took < 1000000) times *= 2;
    if (run >= RUNS_LEAST && (double)(now - begin) * 1e-9 > seconds) break;
  }
  return status;
}

int l4r_bench_stream(struct l4r_team *team, const struct l4r_stream_bench *bench,
                     struct l4r_stream_speed *speed) {
  struct subject subject = {.top = bench->top};
  subject.items = (bench->bytes + WIDTH - 1) / (WIDTH * bytes_of(bench->precision));
  if (subject.items < bench->top + 1) subject.items = bench->top + 1;
  *speed = (struct l4r_stream_speed){.items = subject.items};
  const struct l4r_stack_options options = {.precision = bench->precision};
  int status = l4r_stack_blis.open(team, &options, &subject.stack);
  if (!status) status = open_head(&subject);
  if (!status) speed->bytes = weights_of(&subject);
  if (!status) status = open_user(&subject);
  if (!status) status = measure(&subject, bench->seconds, speed);
  close_subject(&subject);
  return status;
}
