/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/lite/shard_serve.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/team.h"
#include "impl/data/dataset.h"
#include "impl/lite/lite.h"
#include "impl/lite/parts.h"
#include "impl/lite/shard.h"
#include "impl/model/model.h"

#include <stdio.h>
#include <string.h>

struct shard_server {
  struct l4r_link *link;
  const struct l4r_shard_hands *hands;
  struct l4r_dataset *dataset;
  struct l4r_team *team;
  struct l4r_lite *lite; /* NULL: nothing is open */
  struct l4r_order order;
  void *payload;
  size_t room;
};

static void forget(struct shard_server *server) {
  if (server->lite) l4r_engine_lite_blis.close(server->lite);
  if (server->dataset) l4r_dataset_close(server->dataset);
  l4r_team_free(server->team);
  server->lite = NULL;
  server->dataset = NULL;
  server->team = NULL;
}

/* The weights of another model, or other kernels, would give rankings that nobody's model gives. */
static int check_same(const struct shard_server *server, const struct l4r_shard_open *open) {
  struct l4r_about about = {.weights_bytes = 0};
  const struct l4r_lite *lite = server->lite;
  lite->ops->about(lite->stack, &about);
  if (strcmp(lite->weights_sha256, open->sha256))
    return l4r_fail(L4R_INPUT,
                    "model %s is not the one of rank 0: its weights' SHA-256 is %.12s here and "
                    "%.12s there; give all hosts the same files",
                    open->model, lite->weights_sha256, open->sha256);
  if (strcmp(about.isa, open->isa) || strcmp(about.kernel, open->kernel) ||
      strcmp(about.precision, open->precision))
    return l4r_fail(L4R_ENVIRONMENT,
                    "this rank computes by '%s', rank 0 by '%s': scores would differ in their last "
                    "bits; ask for kernels that all processors have (isa=, kernel=)",
                    about.kernels, open->kernels);
  return L4R_OK;
}

/* Opens the engine that rank 0 has opened, with its kernels. */
static int open_engine(struct shard_server *server, const struct l4r_shard_open *open) {
  const int is_blis = !strcmp(open->stack, l4r_engine_lite_blis.name);
  char ranks[16];
  snprintf(ranks, sizeof ranks, "%d", server->link->ranks);
  static const char *const table[] = {"", "memory", "file"}; /* by enum l4r_table */
  struct l4r_option option[7] = {{"shards", ranks},
                                 {"precision", open->precision},
                                 {"fallback", open->fallback ? "on" : "off"},
                                 {"cache", open->cache ? "on" : "off"}};
  int options_given = 4;
  if (open->table != L4R_TABLE_BY_SIZE)
    option[options_given++] = (struct l4r_option){"table", table[open->table]};
  if (is_blis) {
    option[options_given++] = (struct l4r_option){"isa", open->isa};
    option[options_given++] = (struct l4r_option){"kernel", open->kernel};
  }
  const struct l4r_open_options options = {.model = open->model,
                                           .dataset = server->dataset,
                                           .team = server->team,
                                           .option = option,
                                           .options = options_given,
                                           .max_batch = open->batch,
                                           .max_k = open->max_k};
  const struct l4r_engine *engine = is_blis ? &l4r_engine_lite_blis : &l4r_engine_lite_reference;
  void *handle;
  const int status = engine->open(&options, &handle);
  if (status) return status;
  server->lite = handle;
  return check_same(server, open);
}

static int open_shard(struct shard_server *server) {
  const struct l4r_shard_open *open = server->payload;
  struct l4r_model_config config;
  if (server->order.bytes != sizeof *open)
    return l4r_fail(L4R_ENVIRONMENT, "rank 0 runs another version of this program");
  int status = l4r_config_read(open->model, &config);
  /* texts are many, and read only where vectors are made of them */
  if (!status)
    status = l4r_dataset_open(open->data,
                              L4R_PART_TRAIN | (l4r_model_needs_texts(&config) ? L4R_PART_TEXT : 0),
                              &server->dataset);
  if (!status) status = server->hands->team(server->hands->context, open->threads, &server->team);
  if (!status) status = open_engine(server, open);
  if (!status) status = l4r_lite_shard_forget_dataset(server->lite);
  if (status) return status;
  /* interactions may need as much memory as the slice; only rank 0 has a use for them */
  l4r_dataset_close(server->dataset);
  server->dataset = NULL;
  return L4R_OK;
}

static int answer(struct shard_server *server) {
  struct l4r_lite *lite = server->lite;
  const struct l4r_order *order = &server->order;
  const int64_t *start;
  const l4r_item *history;
  if (order->count < 0 || order->count > lite->batch || order->k > lite->max_k ||
      order->positions > lite->batch * lite->config.history)
    return l4r_fail(L4R_CHECK, "rank 0 asks for more than it opened");
  l4r_order_histories(order, server->payload, &start, &history);
  memcpy(lite->start, start, (size_t)(order->count + 1) * sizeof *start);
  memcpy(lite->history, history, (size_t)order->positions * sizeof *history);
  lite->shard->order = *order;
  const int status = l4r_lite_encode_histories(lite, order->count);
  if (status) return status;
  return order->kind == L4R_ORDER_SCORE ? l4r_lite_shard_scores(lite, NULL)
                                        : l4r_lite_shard_top_k(lite, NULL);
}

static int follow(struct shard_server *server) {
  const int is_open = server->lite != NULL;
  if (server->order.kind == L4R_ORDER_OPEN && !is_open) return open_shard(server);
  if (server->order.kind == L4R_ORDER_CLOSE) {
    forget(server);
    return L4R_OK;
  }
  if (!is_open) return l4r_fail(L4R_CHECK, "rank 0 asks before it has opened a model");
  if (server->order.kind != L4R_ORDER_REPORT) return answer(server);
  server->lite->shard->order = server->order;
  return l4r_lite_shard_report(server->lite, NULL);
}

int l4r_lite_shards_serve(struct l4r_link *link, const struct l4r_shard_hands *hands) {
  struct shard_server server = {.link = link, .hands = hands};
  int status;
  do {
    status = l4r_link_take(link, &server.order, &server.payload, &server.room);
    if (!status && server.order.kind != L4R_ORDER_STOP) status = follow(&server);
  } while (!status && server.order.kind != L4R_ORDER_STOP);
  forget(&server);
  l4r_free(server.payload);
  return status;
}
