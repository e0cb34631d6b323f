/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens a server: ids and their tree, prompts or item vectors, the stack's objects, and buffers for
 * a batch. Everything that serving uses is allocated here. */
#include "baselines/beam/server_open.h"

#include "baselines/beam/cost.h"
#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/search/exact_open.h"
#include "baselines/beam/served.h"
#include "baselines/beam/server_inner.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/lite/catalogue.h"
#include "impl/model/weights.h"

#include <inttypes.h>
#include <string.h>

/* Requests computed together. 32 users x 20 beams are enough rows for a matrix product; the logits
 * of all beams stay below LOGITS_MAX bytes, which at t5-small's vocabulary allows 26 users. */
enum { BATCH_MAX = 32, LOGITS_MAX = 1 << 26 };
/* Of an exact search: nodes decoded together, enough for products at full speed, and the bytes that
 * waiting nodes may take. */
enum { ROWS_MAX = 640, WAITING_MAX = 1 << 26 };

static int is_prompted(const struct l4r_beam_server *server) {
  return server->config.kind != L4R_KIND_LITE_BEAM;
}

static int is_head(const struct l4r_beam_server *server) {
  return server->config.kind == L4R_KIND_P5_HEAD;
}

static int open_ids(struct l4r_beam_server *server, const struct l4r_beam_server_spec *spec) {
  const struct l4r_model *model = spec->model;
  struct l4r_served_ids ids;
  int status = l4r_served_ids_make(model, spec->ids, server->shape->vocabulary, &ids);
  if (status) return status;
  server->ids = ids.tokens;
  server->unused_begin = ids.unused_begin;
  server->unused_end = ids.unused_end;
  status = l4r_trie_build(&server->ids, &server->trie);
  if (status) return l4r_fail_context(status, "%s", model->path);
  if (server->trie_use == L4R_TRIE_HEAD) return l4r_beam_levels_make(server);
  if (server->trie_use) return L4R_OK;
  if (server->ids.words && server->config.id_form == L4R_IDS_DIGITS)
    return l4r_fail(L4R_USAGE,
                    "%s: trie=off reads answers of digits alone, and this model's begin with words "
                    "(--prompt openp5); give trie=on or trie=head",
                    model->path);
  return l4r_strings_open(server->config.id_form, spec->ids, model->tokenizer, &server->trie,
                          &server->strings);
}

static int open_prompts(struct l4r_beam_server *server, const struct l4r_beam_server_spec *spec) {
  const struct l4r_prompt_spec prompts = {.tokenizer = spec->model->tokenizer,
                                          .ids = &server->ids,
                                          .users = server->users,
                                          .history = server->config.history,
                                          .style = server->config.prompt,
                                          .dataset = server->config.dataset_name};
  int status = l4r_prompts_open(&prompts, &server->prompts);
  if (!status) server->longest = l4r_prompt_longest(server->prompts);
  return status;
}

static int open_vectors(struct l4r_beam_server *server, const struct l4r_beam_server_spec *spec) {
  int64_t began = l4r_now_ns();
  server->longest = server->config.history;
  server->vectors = l4r_alloc((size_t)(server->items * server->width), sizeof(float),
                              "item vectors");
  if (!server->vectors) return L4R_ENVIRONMENT;
  const struct l4r_catalogue catalogue = {.ops = server->ops,
                                          .stack = server->stack,
                                          .model = spec->model,
                                          .dataset = spec->dataset,
                                          .cache = spec->vector_cache};
  int status = l4r_catalogue_vectors(&catalogue, server->vectors, &server->item_vectors_cached);
  server->item_vectors_seconds = (double)(l4r_now_ns() - began) * 1e-9;
  return status;
}

static int open_head(struct l4r_beam_server *server, const struct l4r_weights *weights) {
  struct l4r_head_spec head = {.items = server->items, .width = server->width, .scale = 1};
  int status = l4r_weights_get(weights, "item_head.", "weight", head.items, head.width,
                               &head.weight);
  if (!status) status = l4r_weights_get(weights, "item_head.", "bias", head.items, 0, &head.bias);
  return status ? status : server->ops->head_open(server->stack, &head, &server->head);
}

static int open_exact(struct l4r_beam_server *server, const struct l4r_kernels *kernels) {
  const struct l4r_exact_spec exact = {.max_users = server->batch,
                                       .max_k = server->max_k,
                                       .rows = server->rows,
                                       .vocabulary = server->shape->vocabulary,
                                       .unused_begin = server->unused_begin,
                                       .unused_end = server->unused_end,
                                       .steps = server->config.max_id_tokens,
                                       .trie = &server->trie,
                                       .restricted = server->trie_use == L4R_TRIE_HEAD,
                                       .by_sum = server->by_sum,
                                       .popularity = server->popularity,
                                       .team = server->team,
                                       .kernels = kernels};
  return l4r_exact_open(&exact, &server->exact);
}

/* The search takes the set that the stack took, where that chose one. */
static int open_search(struct l4r_beam_server *server) {
  enum l4r_isa isa = l4r_isa_widest();
  if (server->ops->isa) isa = server->ops->isa(server->stack);
  if (server->search_use == L4R_SEARCH_EXACT) return open_exact(server, l4r_kernels_of(isa));
  const struct l4r_search_spec search = {.max_users = server->batch,
                                         .beams = server->beams,
                                         .vocabulary = server->shape->vocabulary,
                                         .unused_begin = server->unused_begin,
                                         .unused_end = server->unused_end,
                                         .steps = server->config.max_id_tokens,
                                         .trie = server->trie_use ? &server->trie : NULL,
                                         .restricted = server->trie_use == L4R_TRIE_HEAD,
                                         .by_sum = server->by_sum,
                                         .team = server->team,
                                         .kernels = l4r_kernels_of(isa)};
  return l4r_search_open(&search, &server->search);
}

/* Copies the tables, because weights are read only during open; the encoder then gets no table of
 * its own. */
static int open_words(struct l4r_beam_server *server, const struct l4r_weights *weights) {
  int64_t rows = server->shape->vocabulary, width = server->width, words = server->config.history;
  const float *table, *whole;
  server->encoder_shape = *server->shape;
  if (!server->config.whole_word) return L4R_OK;
  server->encoder_shape.vocabulary = 0;
  int status = l4r_weights_get(weights, "", "shared.weight", rows, width, &table);
  if (!status) status = l4r_weights_get(weights, "", "whole_word.weight", words, width, &whole);
  if (status) return status;
  server->table = l4r_alloc((size_t)(rows * width), sizeof *table, "shared.weight");
  server->whole = l4r_alloc((size_t)(words * width), sizeof *whole, "whole_word.weight");
  if (!server->table || !server->whole) return L4R_ENVIRONMENT;
  memcpy(server->table, table, (size_t)(rows * width) * sizeof *table);
  memcpy(server->whole, whole, (size_t)(words * width) * sizeof *whole);
  return L4R_OK;
}

static int open_t5(struct l4r_beam_server *server, const struct l4r_weights *weights) {
  int64_t positions = server->batch * server->longest;
  int answers = !is_head(server);
  const struct l4r_encoder_spec encoder = {.shape = &server->encoder_shape,
                                           .weights = weights,
                                           .prefix = server->prefix,
                                           .max_positions = positions,
                                           .max_count = server->batch,
                                           .max_length = server->longest};
  const struct l4r_decoder_spec decoder = {.shape = server->shape,
                                           .weights = weights,
                                           .prefix = server->prefix,
                                           .max_users = server->batch,
                                           .max_memory = positions,
                                           .max_rows = server->rows,
                                           .max_steps = answers ? server->config.max_id_tokens : 1,
                                           .cached = server->cached,
                                           .rewinds = server->search_use == L4R_SEARCH_EXACT,
                                           .restricted = answers &&
                                                         server->trie_use == L4R_TRIE_HEAD};
  int status = server->ops->encoder_open(server->stack, &encoder, &server->encoder);
  return status ? status : server->ops->decoder_open(server->stack, &decoder, &server->decoder);
}

static int take_buffers(struct l4r_beam_server *server) {
  size_t batch = (size_t)server->batch, row = (size_t)server->width * sizeof(float);
  size_t positions = batch * (size_t)server->longest;
  server->start = l4r_alloc(batch + 1, sizeof *server->start, "a batch's bounds");
  server->memory = l4r_alloc(positions, row, "encoder outputs");
  int taken = server->start && server->memory;
  if (server->prompts) {
    server->token = l4r_alloc(positions, sizeof *server->token, "a batch's prompts");
    taken = taken && server->token;
  }
  if (server->config.whole_word) {
    server->word = l4r_alloc(positions, sizeof *server->word, "a batch's prompts");
    taken = taken && server->word;
  }
  if (!server->prompts || server->config.whole_word) {
    server->input = l4r_alloc(positions, row, "a batch's input vectors");
    taken = taken && server->input;
  }
  if (is_head(server)) {
    server->state = l4r_alloc(batch, row, "decoder states");
    server->row_user = l4r_alloc(batch, sizeof *server->row_user, "decoder rows");
    server->row_token = l4r_alloc(batch, sizeof *server->row_token, "start tokens");
    taken = taken && server->state && server->row_user && server->row_token;
    for (size_t i = 0; taken && i < batch; i++) server->row_user[i] = (int64_t)i;
  }
  return taken ? L4R_OK : L4R_ENVIRONMENT;
}

static void adopt(struct l4r_beam_server *server, const struct l4r_beam_server_spec *spec) {
  server->ops = spec->ops;
  server->team = spec->team;
  server->config = spec->model->config;
  int prompted = is_prompted(server);
  server->shape = prompted ? &server->config.p5 : &server->config.rec_llm;
  server->prefix = prompted ? "" : "rec_llm.";
  server->popularity = spec->dataset->train_count;
  server->users = spec->dataset->users;
  server->items = server->config.items;
  server->width = server->shape->d_model;
  server->beams = spec->beams;
  server->search_use = spec->search;
  server->max_k = spec->max_k;
  server->by_sum = spec->by_sum;
  server->trie_use = spec->trie;
  server->cached = spec->cached;
  server->on_stage = spec->on_stage;
  int64_t one = spec->beams * server->shape->vocabulary * (int64_t)sizeof(float);
  int64_t batch = LOGITS_MAX / (one > 0 ? one : 1);
  if (spec->trie == L4R_TRIE_HEAD) batch = BATCH_MAX; /* logits of choices only */
  if (batch > BATCH_MAX) batch = BATCH_MAX;
  if (batch > spec->max_batch) batch = spec->max_batch;
  server->batch = batch > 1 ? batch : 1;
  server->rows = server->batch * (is_head(server) ? 1 : server->beams);
}

/* Users and nodes of an exact search at once, by the memory that the trie's size makes them take.
 */
static void plan_exact(struct l4r_beam_server *server, const struct l4r_beam_server_spec *spec) {
  const struct l4r_trie *trie = &server->trie;
  const int64_t per_row = server->trie_use == L4R_TRIE_HEAD ? l4r_trie_most_choices(trie)
                                                            : server->shape->vocabulary;
  int64_t rows = LOGITS_MAX / (per_row * (int64_t)sizeof(float));
  if (rows > ROWS_MAX) rows = ROWS_MAX;
  if (rows < 1) rows = 1;
  int64_t batch = WAITING_MAX / l4r_exact_bytes_per_user(trie, rows);
  if (batch > BATCH_MAX) batch = BATCH_MAX;
  if (batch > spec->max_batch) batch = spec->max_batch;
  if (batch > rows) batch = rows;
  server->rows = rows;
  server->batch = batch > 1 ? batch : 1;
}

/* Whatever the batch: so that an arm computes by the same kernels in every scenario. */
void l4r_beam_products(const struct l4r_model_config *config, int64_t beams,
                       struct l4r_products *products) {
  const int head = config->kind == L4R_KIND_P5_HEAD;
  const struct l4r_t5_shape *shape = l4r_kind_is_prompted(config->kind) ? &config->p5
                                                                        : &config->rec_llm;
  l4r_products_encoder(products, shape, config->history);
  l4r_products_decoder(products, shape, head ? 1 : beams, head ? 1 : config->max_id_tokens);
}

static int open_stack(struct l4r_beam_server *server, const struct l4r_beam_server_spec *spec) {
  struct l4r_stack_options compute = spec->compute;
  struct l4r_products products = {0};
  l4r_beam_products(&server->config, spec->beams, &products);
  compute.products = &products;
  if (server->on_stage.begins) {
    server->spent = l4r_alloc(1, sizeof *server->spent, "a budget of time");
    if (!server->spent) return L4R_ENVIRONMENT;
    compute.spent = server->spent;
  }
  return spec->ops->open(spec->team, &compute, &server->stack);
}

int l4r_beam_server_open(const struct l4r_beam_server_spec *spec, struct l4r_beam_server **out) {
  if (spec->beams < 1 || spec->beams > 1000)
    return l4r_fail(L4R_USAGE, "beams=%" PRId64 ": choose 1 to 1000", spec->beams);
  struct l4r_beam_server *server = l4r_alloc(1, sizeof *server, "an engine");
  if (!server) return L4R_ENVIRONMENT;
  adopt(server, spec);
  int status = open_stack(server, spec);
  if (!status) status = open_ids(server, spec);
  if (!status && server->search_use == L4R_SEARCH_EXACT) plan_exact(server, spec);
  if (!status) status = server->prefix[0] ? open_vectors(server, spec) : open_prompts(server, spec);
  if (!status) status = open_words(server, &spec->model->weights);
  if (!status) status = open_t5(server, &spec->model->weights);
  if (!status && is_head(server))
    status = open_head(server, &spec->model->weights);
  else if (!status)
    status = open_search(server);
  if (!status) status = take_buffers(server);
  if (status)
    l4r_beam_server_close(server);
  else
    *out = server;
  return status;
}

void l4r_beam_server_close(struct l4r_beam_server *server) {
  if (!server) return;
  if (server->head) server->ops->head_close(server->head);
  if (server->decoder) server->ops->decoder_close(server->decoder);
  if (server->encoder) server->ops->encoder_close(server->encoder);
  if (server->stack) server->ops->close(server->stack);
  l4r_search_close(server->search);
  l4r_exact_close(server->exact);
  l4r_prompts_close(server->prompts);
  l4r_strings_close(server->strings);
  l4r_trie_free(&server->trie);
  l4r_id_tokens_free(&server->ids);
  void *const part[] = {server->vectors, server->start, server->token,    server->input,
                        server->memory,  server->state, server->row_user, server->row_token,
                        server->word,    server->table, server->whole,    server->level,
                        server->spent};
  for (size_t i = 0; i < sizeof part / sizeof *part; i++) l4r_free(part[i]);
  l4r_free(server);
}
