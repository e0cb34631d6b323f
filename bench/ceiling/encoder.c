/* SPDX-License-Identifier: BSD-3-Clause */
/* See encoder.h. The model lives in memory only. Ceiling and work take turns, because the clock of
 * a machine that others use drifts within seconds; the highest ceiling counts, since the machine
 * has shown it. */
#include "bench/ceiling/encoder.h"

#include "bench/stats/quantile.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "impl/model/config_sizes.h"
#include "impl/model/weights.h"
#include "impl/stack.h"

#include <string.h>

enum { ROUNDS_MAX = 64 };

struct subject { /* what is measured */
  const struct l4r_encoder_bench *bench;
  struct l4r_model_config config;
  struct l4r_tensors tensors;
  float *values, *vector, *state, *score;
  l4r_item *item;
  int64_t *start, *popularity;
  struct l4r_ranking *ranking;
  struct l4r_stack *stack;
  struct l4r_encoder *encoder;
  struct l4r_head *head;
};

static int open_model(struct subject *s) {
  int status = l4r_config_defaults(L4R_KIND_LITE, s->bench->size, &s->config);
  if (status) return status;
  s->config.rec_llm.causal = s->bench->causal;
  s->config.item_llm.vocabulary = 16; /* not served: item vectors are given */
  s->config.item_llm.encoder_blocks = 1;
  s->config.items = s->bench->items > 0 ? s->bench->items : 1;
  status = l4r_tensors_of(&s->config, &s->tensors);
  if (status) return status;
  s->values = l4r_alloc((size_t)s->tensors.floats, sizeof(float), "benchmark weights");
  if (!s->values) return L4R_ENVIRONMENT;
  l4r_tensors_init(&s->tensors, 1, s->values);
  return L4R_OK;
}

static int open_stack(struct subject *s, struct l4r_team *team) {
  const struct l4r_weights weights = {.tensors = &s->tensors, .values = s->values};
  const struct l4r_encoder_spec encoder = {.shape = &s->config.rec_llm,
                                           .weights = &weights,
                                           .prefix = "rec_llm.",
                                           .max_positions = s->bench->history * s->bench->batch,
                                           .max_count = s->bench->batch,
                                           .max_length = s->bench->history};
  const struct l4r_stack_options options = {.precision = s->bench->precision};
  int status = l4r_stack_blis.open(team, &options, &s->stack);
  if (!status) status = l4r_stack_blis.encoder_open(s->stack, &encoder, &s->encoder);
  if (status || !s->bench->items) return status;
  const float *head;
  status = l4r_weights_get(&weights, "", "item_head.weight", s->config.items,
                           s->config.rec_llm.d_model, &head);
  if (status) return status;
  const struct l4r_head_spec spec = {
      .items = s->config.items, .width = s->config.rec_llm.d_model, .weight = head, .scale = 1};
  return l4r_stack_blis.head_open(s->stack, &spec, &s->head);
}

static int open_requests(struct subject *s) {
  const struct l4r_encoder_bench *b = s->bench;
  int64_t width = s->config.rec_llm.d_model, floats = b->history * b->batch * width;
  s->vector = l4r_alloc((size_t)floats, sizeof(float), "benchmark requests");
  s->state = l4r_alloc((size_t)(b->batch * width), sizeof(float), "benchmark requests");
  s->start = l4r_alloc((size_t)b->batch + 1, sizeof *s->start, "benchmark requests");
  s->item = l4r_alloc((size_t)b->batch, (size_t)(b->k + 1) * sizeof *s->item, "benchmark rankings");
  s->score = l4r_alloc((size_t)b->batch, (size_t)(b->k + 1) * sizeof *s->score,
                       "benchmark rankings");
  s->ranking = l4r_alloc((size_t)b->batch, sizeof *s->ranking, "benchmark rankings");
  s->popularity = l4r_alloc((size_t)s->config.items + 1, sizeof *s->popularity,
                            "benchmark rankings");
  if (!s->vector || !s->state || !s->start || !s->item || !s->score || !s->ranking ||
      !s->popularity)
    return L4R_ENVIRONMENT;
  struct l4r_random random;
  l4r_random_seed(&random, 2);
  for (int64_t i = 0; i < floats; i++) s->vector[i] = (float)l4r_random_normal(&random);
  for (int64_t r = 0; r < b->batch; r++) {
    s->start[r + 1] = s->start[r] + b->history;
    s->ranking[r] = (struct l4r_ranking){.item = s->item + r * b->k, .score = s->score + r * b->k};
  }
  return L4R_OK;
}

static void close_subject(struct subject *s) {
  if (s->head) l4r_stack_blis.head_close(s->head);
  if (s->encoder) l4r_stack_blis.encoder_close(s->encoder);
  if (s->stack) l4r_stack_blis.close(s->stack);
  l4r_tensors_free(&s->tensors);
  void *memory[] = {s->values, s->vector, s->state,      s->score,
                    s->item,   s->start,  s->popularity, s->ranking};
  for (size_t i = 0; i < sizeof memory / sizeof *memory; i++) l4r_free(memory[i]);
}

static int serve(struct subject *s) {
  const struct l4r_ragged batch = {
      .count = s->bench->batch, .start = s->start, .vector = s->vector};
  int status = l4r_stack_blis.encode(s->encoder, &batch, L4R_OUT_LAST, s->state);
  if (status || !s->head) return status;
  return l4r_stack_blis.project_top_k(s->head, s->state, s->bench->batch, s->bench->k,
                                      s->popularity, s->ranking);
}

/* Floating-point operations for one user: carried out, and of the whole model. */
static void count_flops(const struct subject *s, double *done, double *model) {
  const struct l4r_t5_shape *shape = &s->config.rec_llm;
  double t = (double)s->bench->history, d = (double)shape->d_model;
  double inner = (double)(shape->heads * shape->d_kv), blocks = (double)shape->encoder_blocks;
  double row = 2 * (4 * d * inner + (shape->gated ? 3 : 2) * d * (double)shape->d_ff);
  double pairs = shape->causal ? t * (t + 1) / 2 : t * t;
  double block = t * row + 4 * inner * pairs, kv = 4 * d * inner;
  double head = 2 * d * (double)s->bench->items;
  *model = blocks * block + head;
  *done = (blocks - 1) * block + t * kv + (row - kv) + 4 * inner * t + head;
}

static int time_serving(struct subject *s, double *users_per_second) {
  int64_t begin = l4r_now_ns(), now, calls = 0;
  do {
    int status = serve(s);
    if (status) return status;
    calls++;
    now = l4r_now_ns();
  } while ((double)(now - begin) * 1e-9 < s->bench->seconds);
  *users_per_second = (double)(calls * s->bench->batch) / ((double)(now - begin) * 1e-9);
  return L4R_OK;
}

static int measure(struct subject *s, struct l4r_team *team, struct l4r_encoder_speed *speed) {
  double users[ROUNDS_MAX], done, model;
  int64_t rounds = s->bench->rounds < ROUNDS_MAX ? s->bench->rounds : ROUNDS_MAX;
  enum l4r_peak_precision precision;
  count_flops(s, &done, &model);
  *speed = (struct l4r_encoder_speed){0};
  int status = l4r_peak_precision_named(s->bench->precision, &precision);
  if (!status) status = serve(s); /* warm-up */
  for (int64_t r = 0; !status && r < rounds; r++) {
    struct l4r_peak peak;
    status = l4r_peak_best(team, precision, s->bench->seconds, &peak);
    if (!status && peak.gops > speed->ceiling.gops) speed->ceiling = peak;
    if (!status) status = time_serving(s, &users[r]);
  }
  if (status) return status;
  speed->users_per_second = l4r_median(users, rounds);
  speed->gflops = speed->users_per_second * done * 1e-9;
  speed->model_gflops = speed->users_per_second * model * 1e-9;
  speed->share = speed->gflops / speed->ceiling.gops;
  speed->model_share = speed->model_gflops / speed->ceiling.gops;
  return L4R_OK;
}

int l4r_bench_encoder(struct l4r_team *team, const struct l4r_encoder_bench *bench,
                      struct l4r_encoder_speed *speed) {
  struct subject subject = {.bench = bench};
  if (bench->history < 1 || bench->batch < 1 || bench->rounds < 1 || bench->items < 0 ||
      bench->k < 0)
    return l4r_fail(L4R_USAGE,
                    "encoder benchmark: history %lld, batch %lld and rounds %lld must "
                    "be at least 1",
                    (long long)bench->history, (long long)bench->batch, (long long)bench->rounds);
  int status = open_model(&subject);
  if (!status) status = open_stack(&subject, team);
  if (!status) status = open_requests(&subject);
  if (!status) status = measure(&subject, team, speed);
  close_subject(&subject);
  return status;
}
