/* SPDX-License-Identifier: BSD-3-Clause */
/* The heuristics as an engine. A request's scores are sums over rows of the table of counts (one
 * row for markov, ten for itemknn, the popularity itself for pop), in double. They are returned as
 * floats in the same order (levels.c), so that ranking the floats ranks the doubles. Requests of a
 * batch are spread over the team. */
#include "baselines/heuristics/engine.h"

#include "baselines/heuristics/counts.h"
#include "baselines/heuristics/levels.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/model/config_files.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* itemknn uses the newest ten interactions; each place back in time weighs a fifth less. */
enum { KNN_HISTORY = 10 };
static const double KNN_DECAY = 0.8;

struct worker {
  double *sum;               /* [items] */
  float *score;              /* [items] */
  struct l4r_level *scratch; /* [2 * items] */
};

struct handle {
  struct l4r_counts counts;
  struct l4r_team *team;
  int64_t max_batch, max_k;
  double weight[KNN_HISTORY]; /* by age */
  int64_t ages;               /* number of history items used: 0, 1 or 10 */
  float *popular;             /* [items], pop alone */
  struct worker *worker;
  int workers;
  double open_seconds;
};

static void close_handle(void *opaque) {
  struct handle *handle = opaque;
  if (!handle) return;
  for (int w = 0; handle->worker && w < handle->workers; w++) {
    l4r_free(handle->worker[w].sum);
    l4r_free(handle->worker[w].score);
    l4r_free(handle->worker[w].scratch);
  }
  l4r_free(handle->worker);
  l4r_free(handle->popular);
  l4r_counts_free(&handle->counts);
  l4r_free(handle);
}

/* --- opening --- */

static int check_model(const struct l4r_open_options *options, const struct l4r_counts *counts) {
  struct l4r_model_config config;
  int status = l4r_config_read(options->model, &config);
  if (status) return status;
  if (config.kind != counts->kind || config.items != counts->items) {
    return l4r_fail(L4R_INPUT,
                    "%s: config.json says %s over %lld items, counts.bin %s over %lld; count again",
                    options->model, l4r_kind_name(config.kind), (long long)config.items,
                    l4r_kind_name(counts->kind), (long long)counts->items);
  }
  status = l4r_config_check_files(options->model, &config, NULL, NULL);
  if (status) return status;
  if (config.dataset_sha256[0] && strcmp(config.dataset_sha256, counts->dataset_sha256) != 0)
    return l4r_fail(
        L4R_INPUT,
        "%s: config.json: dataset_sha256: it says data set %.12s, counts.bin was counted "
        "in %.12s: one of the two was changed; count again",
        options->model, config.dataset_sha256, counts->dataset_sha256);
  const struct l4r_dataset *dataset = options->dataset;
  if (counts->items != dataset->items || strcmp(counts->dataset_sha256, dataset->sha256) != 0) {
    return l4r_fail(L4R_INPUT,
                    "model %s was counted in another data set ('%s', %.12s) than %s (%.12s); give "
                    "that data set or count again",
                    options->model, config.dataset_name, counts->dataset_sha256, dataset->path,
                    dataset->sha256);
  }
  return L4R_OK;
}

static int take_scratch(struct handle *handle) {
  size_t items = (size_t)handle->counts.items;
  handle->workers = l4r_team_size(handle->team);
  handle->worker = l4r_alloc((size_t)handle->workers, sizeof *handle->worker, "workers");
  if (!handle->worker) return L4R_ENVIRONMENT;
  for (int w = 0; w < handle->workers; w++) {
    struct worker *worker = &handle->worker[w];
    worker->sum = l4r_alloc(items, sizeof *worker->sum, "scores");
    worker->score = l4r_alloc(items, sizeof *worker->score, "scores");
    worker->scratch = l4r_alloc(2 * items, sizeof *worker->scratch, "sorted scores");
    if (!worker->sum || !worker->score || !worker->scratch) return L4R_ENVIRONMENT;
  }
  return L4R_OK;
}

/* Popularity scores are the same for all requests, so they are computed once. */
static int rank_popular(struct handle *handle) {
  const struct l4r_counts *counts = &handle->counts;
  handle->popular = l4r_alloc((size_t)counts->items, sizeof *handle->popular, "popularity");
  if (!handle->popular) return L4R_ENVIRONMENT;
  struct worker *worker = &handle->worker[0];
  for (int64_t i = 0; i < counts->items; i++) worker->sum[i] = (double)counts->popularity[i + 1];
  l4r_levels(worker->sum, counts->items, worker->scratch, handle->popular);
  memset(worker->sum, 0, (size_t)counts->items * sizeof *worker->sum);
  return L4R_OK;
}

static int open_handle(const struct l4r_open_options *options, void **opaque) {
  static const char *const KNOWN[] = {NULL};
  int64_t began = l4r_now_ns();
  int status = l4r_options_check(options, l4r_engine_heuristic.name, KNOWN);
  if (status) return status;
  struct handle *handle = l4r_alloc(1, sizeof *handle, "the heuristic engine");
  if (!handle) return L4R_ENVIRONMENT;
  handle->team = options->team;
  handle->max_batch = options->max_batch;
  handle->max_k = options->max_k;
  status = l4r_counts_read(options->model, &handle->counts);
  if (!status) status = check_model(options, &handle->counts);
  if (!status) status = take_scratch(handle);
  if (!status && handle->counts.kind == L4R_KIND_POP) status = rank_popular(handle);
  if (status) {
    close_handle(handle);
    return status;
  }
  handle->ages = handle->counts.kind == L4R_KIND_ITEMKNN ? KNN_HISTORY
                                                         : handle->counts.kind == L4R_KIND_MARKOV;
  for (int age = 0; age < KNN_HISTORY; age++) handle->weight[age] = pow(KNN_DECAY, age);
  handle->open_seconds = (double)(l4r_now_ns() - began) / 1e9;
  *opaque = handle;
  return L4R_OK;
}

/* --- serving --- */

/* Computes all items' scores of one request, whose history ids were checked. */
static void score_one(struct handle *handle, struct worker *worker,
                      const struct l4r_request *request, float *out) {
  const struct l4r_counts *counts = &handle->counts;
  if (handle->popular) {
    memcpy(out, handle->popular, (size_t)counts->items * sizeof *out);
    return;
  }
  memset(worker->sum, 0, (size_t)counts->items * sizeof *worker->sum);
  for (int64_t age = 0; age < handle->ages && age < request->length; age++) {
    l4r_item item = request->history[request->length - 1 - age];
    double weight = handle->weight[age];
    for (int64_t i = counts->start[item]; i < counts->start[item + 1]; i++) {
      worker->sum[counts->column[i] - 1] += weight * counts->value[i];
    }
  }
  l4r_levels(worker->sum, counts->items, worker->scratch, out);
}

struct batch {
  struct handle *handle;
  const struct l4r_request *request;
  int64_t n, k;
  float *scores;               /* score: [n][items] */
  struct l4r_ranking *ranking; /* recommend: [n] */
};

static int serve_part(void *argument, int worker, int workers) {
  const struct batch *batch = argument;
  struct handle *handle = batch->handle;
  const struct l4r_counts *counts = &handle->counts;
  struct worker *mine = &handle->worker[worker];
  int64_t begin, end;
  l4r_split(batch->n, 1, worker, workers, &begin, &end);
  for (int64_t r = begin; r < end; r++) {
    float *out = batch->scores ? batch->scores + r * counts->items : mine->score;
    score_one(handle, mine, &batch->request[r], out);
    if (batch->ranking) {
      l4r_top_k(out, counts->items, counts->popularity, batch->k, &batch->ranking[r]);
    }
  }
  return L4R_OK;
}

static int check_requests(const struct handle *handle, const struct l4r_request *request, int64_t n,
                          int64_t k) {
  if (n < 1 || n > handle->max_batch || k < 0 || k > handle->max_k) {
    return l4r_fail(L4R_USAGE,
                    "heuristic was opened for batches of 1..%lld and k up to %lld, asked for %lld "
                    "and %lld",
                    (long long)handle->max_batch, (long long)handle->max_k, (long long)n,
                    (long long)k);
  }
  for (int64_t r = 0; r < n; r++) {
    for (int64_t age = 0; age < handle->ages && age < request[r].length; age++) {
      l4r_item item = request[r].history[request[r].length - 1 - age];
      if (item >= 1 && item <= handle->counts.items) continue;
      return l4r_fail(L4R_USAGE, "request %lld: history item %d is not among 1..%lld", (long long)r,
                      (int)item, (long long)handle->counts.items);
    }
  }
  return L4R_OK;
}

static int serve(struct batch *batch) {
  struct handle *handle = batch->handle;
  int status = check_requests(handle, batch->request, batch->n, batch->k);
  if (status) return status;
  if (batch->n == 1) return serve_part(batch, 0, 1);
  return l4r_team_run(handle->team, serve_part, batch);
}

static int recommend(void *opaque, const struct l4r_request *request, int64_t n, int64_t k,
                     struct l4r_ranking *ranking) {
  struct batch batch = {opaque, request, n, k, NULL, ranking};
  return serve(&batch);
}

static int score(void *opaque, const struct l4r_request *request, int64_t n, float *scores) {
  struct batch batch = {opaque, request, n, 0, scores, NULL};
  return serve(&batch);
}

static int tell_about(void *opaque, struct l4r_about *about) {
  const struct handle *handle = opaque;
  const struct l4r_counts *counts = &handle->counts;
  snprintf(about->kernels, sizeof about->kernels, "plain loops");
  snprintf(about->isa, sizeof about->isa, "scalar");
  snprintf(about->precision, sizeof about->precision, "fp64");
  snprintf(about->settings, sizeof about->settings, "%s%s", l4r_kind_name(counts->kind),
           counts->kind != L4R_KIND_ITEMKNN ? ""
           : counts->cosine                 ? ",norm=cosine"
                                            : ",norm=none");
  about->weights_bytes = (int64_t)(sizeof(double) + sizeof(l4r_item)) * counts->pairs +
                         (int64_t)sizeof(int64_t) * (2 * counts->items + 3);
  about->scratch_bytes = handle->workers * counts->items *
                         (int64_t)(sizeof(double) + sizeof(float) + 2 * sizeof(struct l4r_level));
  about->open_seconds = handle->open_seconds;
  return L4R_OK;
}

static int cost_of(void *opaque, int64_t length, struct l4r_cost *cost) {
  const struct handle *handle = opaque;
  const double items = (double)handle->counts.items;
  const double rows = (double)(length < handle->ages ? length : handle->ages);
  const double pairs = rows * (double)handle->counts.pairs / items; /* in rows of mean length */
  const struct l4r_stage sum = {
      .name = "sum", .flops = 2 * pairs, .bytes = pairs * (8 + 4 + 16) + 8 * items};
  const struct l4r_stage order = {.name = "order", .bytes = 12 * items};
  const int status = l4r_cost_add(cost, &sum);
  return status ? status : l4r_cost_add(cost, &order);
}

const struct l4r_engine l4r_engine_heuristic = {
    .abi = L4R_ENGINE_ABI,
    .name = "heuristic",
    .open = open_handle,
    .recommend = recommend,
    .score = score,
    .about = tell_about,
    .cost = cost_of,
    .close = close_handle,
};
