/* SPDX-License-Identifier: BSD-3-Clause */
/* The engine `beam`: options, the model folder with its id map, and a server (server.h). There are
 * two structs, because an engine either has `score` or not: the generating kinds do not, p5-head
 * scores the catalogue. */
#include "baselines/beam/engine.h"

#include "baselines/beam/cost.h"
#include "baselines/beam/server.h"
#include "baselines/beam/server_open.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/number.h"
#include "impl/lite/stacks.h"
#include "impl/stack_options.h"

#include <inttypes.h>
#include <string.h>

struct engine {
  struct l4r_beam_server *server;
  double open_seconds;
};

static int parse_trie(const struct l4r_open_options *options, enum l4r_trie_use *use) {
  const char *value = l4r_option_get(options, "trie");
  *use = L4R_TRIE_ON;
  for (int i = L4R_TRIE_OFF; value && i <= L4R_TRIE_HEAD; i++)
    if (!strcmp(value, l4r_trie_use_names[i])) {
      *use = (enum l4r_trie_use)i;
      return L4R_OK;
    }
  if (!value) return L4R_OK;
  return l4r_fail(L4R_USAGE, "option trie=%s: the values are on, off and head", value);
}

/* search=exact has no beams, and ranks ids alone. */
static int parse_search(const struct l4r_open_options *options, struct l4r_beam_server_spec *spec) {
  const char *beams = l4r_option_get(options, "beams");
  int exact, by_mean;
  int status = l4r_option_choice(options, "search", l4r_search_use_names[L4R_SEARCH_BEAM],
                                 l4r_search_use_names[L4R_SEARCH_EXACT], &exact);
  if (status) return status;
  spec->search = exact ? L4R_SEARCH_EXACT : L4R_SEARCH_BEAM;
  if (exact && beams)
    return l4r_fail(L4R_USAGE,
                    "option beams=%s: search=exact ranks the whole catalogue and has no "
                    "beams; leave it out",
                    beams);
  if (exact && spec->trie == L4R_TRIE_OFF)
    return l4r_fail(L4R_USAGE, "option trie=off: search=exact ranks ids, which need the trie; "
                               "choose on or head");
  if (!l4r_option_get(options, "length_penalty")) {
    spec->by_sum = exact;
    return L4R_OK;
  }
  status = l4r_option_choice(options, "length_penalty", "0", "1", &by_mean);
  spec->by_sum = !status && !by_mean;
  return status;
}

static int parse_options(const struct l4r_open_options *options, enum l4r_kind kind,
                         struct l4r_beam_server_spec *spec) {
  static const char *const generate[] = {
      "stack", "search", "beams", "trie", "length_penalty", "decoder", L4R_STACK_OPTION_KEYS, NULL};
  static const char *const head[] = {"stack", "decoder", L4R_STACK_OPTION_KEYS, NULL};
  int status = l4r_options_check(options, "beam", kind == L4R_KIND_P5_HEAD ? head : generate);
  if (status) return status;
  const char *stack = l4r_option_get(options, "stack");
  const char *beams = l4r_option_get(options, "beams");
  spec->ops = l4r_stack_find(stack ? stack : "blis");
  if (!spec->ops)
    return l4r_fail(L4R_USAGE, "option stack=%s: the values are blis and reference", stack);
  spec->beams = L4R_BEAMS;
  if (beams && (l4r_parse_int(beams, &spec->beams) || spec->beams < 1))
    return l4r_fail(L4R_USAGE, "option beams=%s: it must be a number of at least 1", beams);
  if (kind == L4R_KIND_P5_HEAD) spec->beams = 1;
  int plain;
  status = l4r_stack_options_read(options, &spec->compute);
  if (!status) status = parse_trie(options, &spec->trie);
  if (!status) status = parse_search(options, spec);
  if (!status) status = l4r_option_choice(options, "decoder", "cached", "plain", &plain);
  spec->cached = !status && !plain;
  return status;
}

static int serves(enum l4r_kind kind) {
  return kind == L4R_KIND_P5 || kind == L4R_KIND_P5_HEAD || kind == L4R_KIND_LITE_BEAM;
}

static int open_server(const struct l4r_open_options *options, struct l4r_beam_server **server) {
  struct l4r_model *model = NULL;
  struct l4r_id_map ids = {0};
  int status = l4r_model_open(options->model, options->dataset, &model);
  if (status) return status;
  const struct l4r_model_config *config = &model->config;
  struct l4r_beam_server_spec spec = {.model = model,
                                      .ids = &ids,
                                      .dataset = options->dataset,
                                      .team = options->team,
                                      .vector_cache = 1,
                                      .max_batch = options->max_batch,
                                      .max_k = options->max_k,
                                      .on_stage = options->on_stage};
  if (!serves(config->kind))
    status = l4r_fail(L4R_USAGE,
                      "%s: a model of kind %s; engine beam serves p5, p5-head and lite-beam",
                      options->model, l4r_kind_name(config->kind));
  if (!status) status = parse_options(options, config->kind, &spec);
  if (!status) status = l4r_id_map_read(options->model, config->items, config->id_map_sha256, &ids);
  if (!status) status = l4r_beam_server_open(&spec, server);
  l4r_id_map_free(&ids);
  l4r_model_close(model);
  return status;
}

static void engine_close(void *handle) {
  struct engine *engine = handle;
  if (!engine) return;
  l4r_beam_server_close(engine->server);
  l4r_free(engine);
}

static int engine_open(const struct l4r_open_options *options, void **handle) {
  int64_t began = l4r_now_ns();
  struct engine *engine = l4r_alloc(1, sizeof *engine, "an engine");
  if (!engine) return L4R_ENVIRONMENT;
  int status = open_server(options, &engine->server);
  if (status) {
    engine_close(engine);
    return status;
  }
  engine->open_seconds = (double)(l4r_now_ns() - began) * 1e-9;
  *handle = engine;
  return L4R_OK;
}

static int engine_recommend(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                            struct l4r_ranking *ranking) {
  struct engine *engine = handle;
  return l4r_beam_server_recommend(engine->server, request, n, k, ranking);
}

static int engine_recommend_unseen(void *handle, const struct l4r_request *request, int64_t n,
                                   int64_t k, struct l4r_ranking *ranking) {
  struct engine *engine = handle;
  return l4r_beam_server_recommend_unseen(engine->server, request, n, k, ranking);
}

static int engine_score(void *handle, const struct l4r_request *request, int64_t n, float *scores) {
  struct engine *engine = handle;
  return l4r_beam_server_score(engine->server, request, n, scores);
}

static int engine_about(void *handle, struct l4r_about *about) {
  const struct engine *engine = handle;
  l4r_beam_server_about(engine->server, about);
  about->open_seconds = engine->open_seconds;
  return L4R_OK;
}

static int engine_cost(void *handle, int64_t length, struct l4r_cost *cost) {
  return l4r_beam_server_cost(((const struct engine *)handle)->server, length, cost);
}

static int engine_timers(void *handle, struct l4r_timers *timers) {
  return l4r_beam_server_timers(((const struct engine *)handle)->server, timers);
}

static int engine_budget(void *handle, struct l4r_budget *budget) {
  return l4r_beam_server_budget(((const struct engine *)handle)->server, budget);
}

const struct l4r_engine l4r_engine_beam = {
    .abi = L4R_ENGINE_ABI,
    .name = "beam",
    .open = engine_open,
    .recommend = engine_recommend,
    .recommend_unseen = engine_recommend_unseen,
    .about = engine_about,
    .cost = engine_cost,
    .timers = engine_timers,
    .budget = engine_budget,
    .close = engine_close,
};

const struct l4r_engine l4r_engine_beam_head = {
    .abi = L4R_ENGINE_ABI,
    .name = "beam",
    .open = engine_open,
    .recommend = engine_recommend,
    .score = engine_score,
    .about = engine_about,
    .cost = engine_cost,
    .timers = engine_timers,
    .budget = engine_budget,
    .close = engine_close,
};
