/* SPDX-License-Identifier: BSD-3-Clause */
/* One engine with a vice. The honest part: score(user, item) is a hash of the newest item and the
 * item, and every request costs a stated busy time, so that latency has something to measure. */
#include "tests/red/engines.h"

#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/data/dataset.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum vice {
  HONEST,
  SLOW,
  CACHE,
  TWO_FACED,
  LATE,
  KERNEL,
  FALLBACK,
  DRIFTING,
  EQUAL,
  LEAK,
  WANDERER,
  CRASH,
  ORDER,
  TWICE,
  RISING,
  NO_NUMBER,
  OUTSIDE,
  NEIGHBOUR,
  BACKWARDS,
};
/* Calls of recommend after which the late vices show: beyond the probe's few. */
enum { LATE_CALLS = 40 };

struct red {
  enum vice vice;
  const struct l4r_dataset *dataset;
  int64_t cost_ns, calls;
  int home; /* the processor it was opened on */
  float *score;
  unsigned char *served; /* by user */
};

static int red_open(const struct l4r_open_options *options, enum vice vice, void **handle) {
  static const char *const known[] = {"cost", "precision", NULL};
  int status = l4r_options_check(options, "red", known);
  if (status) return status;
  const struct l4r_dataset *dataset = options->dataset;
  struct red *red = l4r_alloc(1, sizeof *red, "a red engine");
  const char *cost = l4r_option_get(options, "cost");
  red->vice = vice;
  red->home = sched_getcpu();
  red->dataset = dataset;
  red->cost_ns = (cost ? atoi(cost) : 20) * (vice == SLOW ? 100000LL : 1000LL);
  red->score = l4r_alloc((size_t)dataset->items, sizeof(float), "scores");
  red->served = l4r_alloc((size_t)dataset->users, 1, "users served");
  if (vice == LEAK) {
    char path[L4R_PATH_MAX], *content;
    size_t bytes;
    l4r_path_join(path, dataset->path, "test.txt");
    if (!l4r_read_file(path, 1, &content, &bytes)) l4r_free(content);
  }
  *handle = red;
  return L4R_OK;
}

static void red_close(void *handle) {
  struct red *red = handle;
  l4r_free(red->score);
  l4r_free(red->served);
  l4r_free(red);
}

static void fill(const struct red *red, const struct l4r_request *request, uint64_t salt,
                 float *score) {
  uint64_t newest = request->length ? (uint64_t)request->history[request->length - 1] : 0;
  for (int64_t i = 0; i < red->dataset->items; i++) {
    uint64_t x = (newest + salt * 977) * 0x9e3779b97f4a7c15u +
                 (uint64_t)(i + 1) * 0xbf58476d1ce4e5b9u;
    x ^= x >> 29;
    x *= 0x94d049bb133111ebu;
    score[i] = (float)(x >> 40) / (float)(1 << 24);
    if (red->vice == EQUAL) score[i] = 1;
    if (red->vice == NEIGHBOUR || red->vice == BACKWARDS) {
      const int64_t items = red->dataset->items, after = (i + 1 - (int64_t)newest + items) % items;
      score[i] = (float)(red->vice == BACKWARDS ? after : items - after);
    }
    if (red->vice == ORDER && i < 4) score[i] = 2;
  }
}

static void spend(int64_t ns) {
  for (int64_t end = l4r_now_ns() + ns; l4r_now_ns() < end;) {
  }
}

static void misbehave(struct red *red) {
  cpu_set_t mask;
  if (red->vice == CRASH && red->calls > LATE_CALLS) abort();
  if (red->vice == WANDERER && red->calls > LATE_CALLS) {
    CPU_ZERO(&mask);
    for (int c = 0; c < 64; c++)
      if (c != red->home) CPU_SET(c, &mask);
    sched_setaffinity(0, sizeof mask, &mask);
  }
}

/* What makes a ranking none. */
static void spoil(const struct red *red, struct l4r_ranking *ranking) {
  l4r_item first = ranking->item[0];
  if (red->vice == ORDER) { /* the four tied items stand first: the wrong way round */
    ranking->item[0] = ranking->item[3];
    ranking->item[3] = first;
  }
  if (red->vice == TWICE) ranking->item[1] = first;
  if (red->vice == NO_NUMBER) ranking->score[0] = NAN;
  if (red->vice == OUTSIDE) ranking->item[0] = (l4r_item)red->dataset->items + 1;
  if (red->vice != RISING) return;
  for (int64_t i = 0, j = ranking->count - 1; i < j; i++, j--) {
    float score = ranking->score[i];
    first = ranking->item[i];
    ranking->item[i] = ranking->item[j];
    ranking->item[j] = first;
    ranking->score[i] = ranking->score[j];
    ranking->score[j] = score;
  }
}

static int red_recommend(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                         struct l4r_ranking *ranking) {
  struct red *red = handle;
  for (int64_t r = 0; r < n; r++) {
    unsigned char *served = &red->served[request[r].user];
    int wrong = red->vice == TWO_FACED || (red->vice == LATE && red->calls > LATE_CALLS);
    red->calls++;
    misbehave(red);
    if (red->vice != CACHE || !*served) spend(red->cost_ns);
    *served = 1;
    fill(red, &request[r], (uint64_t)wrong, red->score);
    l4r_top_k(red->score, red->dataset->items, red->dataset->train_count, k, &ranking[r]);
    spoil(red, &ranking[r]);
  }
  return L4R_OK;
}

static int red_score(void *handle, const struct l4r_request *request, int64_t n, float *scores) {
  struct red *red = handle;
  for (int64_t r = 0; r < n; r++) fill(red, &request[r], 0, scores + r * red->dataset->items);
  return L4R_OK;
}

static int red_about(void *handle, struct l4r_about *about) {
  struct red *red = handle;
  /* Two BLIS kernel sets, of which at most one can be this machine's. */
  const char *other = strcmp(l4r_blas_open(), "penryn") ? "penryn" : "bulldozer";
  snprintf(about->kernels, sizeof about->kernels, "%s%s",
           red->vice == KERNEL ? "blis sgemm " : "plain loops",
           red->vice == KERNEL                                ? other
           : red->vice == DRIFTING && red->calls > LATE_CALLS ? ", fallback"
                                                              : "");
  strcpy(about->isa, "scalar");
  strcpy(about->precision, "fp32");
  about->weights_bytes = 1000;
  about->load_ns = 7000;
  return L4R_OK;
}

#define RED(id, vice, scorer)                                                                      \
  static int open_##id(const struct l4r_open_options *options, void **handle) {                    \
    return red_open(options, vice, handle);                                                        \
  }                                                                                                \
  const struct l4r_engine red_##id = {.abi = L4R_ENGINE_ABI,                                       \
                                      .name = #id,                                                 \
                                      .open = open_##id,                                           \
                                      .recommend = red_recommend,                                  \
                                      .score = scorer,                                             \
                                      .about = red_about,                                          \
                                      .close = red_close}
RED(honest, HONEST, red_score);
RED(ranker, HONEST, NULL);
RED(slow, SLOW, red_score);
RED(cache, CACHE, red_score);
RED(two_faced, TWO_FACED, red_score);
RED(late, LATE, red_score);
RED(kernel, KERNEL, red_score);
RED(fallback, FALLBACK, red_score);
RED(drifting, DRIFTING, red_score);
RED(equal, EQUAL, red_score);
RED(leak, LEAK, red_score);
RED(wanderer, WANDERER, red_score);
RED(crash, CRASH, red_score);
RED(order, ORDER, NULL);
RED(twice, TWICE, NULL);
RED(rising, RISING, NULL);
RED(no_number, NO_NUMBER, NULL);
RED(outside, OUTSIDE, NULL);
RED(neighbour, NEIGHBOUR, red_score);
RED(backwards, BACKWARDS, red_score);
