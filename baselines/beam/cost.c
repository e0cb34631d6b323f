/* SPDX-License-Identifier: BSD-3-Clause */
/* Describes a server and the cost of a request, computed from the shapes (work.h). The decoder is
 * counted for the rows that it decoded for the users served so far, because searches end before the
 * longest id. Before the first user, it is counted for full beams (one row at the first step, S at
 * the others) and the longest id, which is an upper bound. */
#include "baselines/beam/cost.h"

#include "baselines/beam/search/exact_open.h"
#include "baselines/beam/server_inner.h"
#include "baselines/beam/work.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <stdio.h>
#include <string.h>

int l4r_beam_levels_make(struct l4r_beam_server *server) {
  const struct l4r_trie *trie = &server->trie;
  const int64_t steps = server->config.max_id_tokens;
  server->level = l4r_alloc((size_t)steps, sizeof *server->level, "levels of the trie");
  if (!server->level) return L4R_ENVIRONMENT;
  int32_t begin = 0, end = 1;
  for (int64_t t = 0; t < steps && begin < end; t++) {
    double decoded = 0, allowed = 0;
    for (int32_t node = begin; node < end; node++) {
      if (l4r_trie_is_leaf(trie, node)) continue;
      decoded++;
      allowed += (double)l4r_trie_choices(trie, node);
    }
    server->level[t].decoded = decoded / (end - begin);
    server->level[t].choices = decoded > 0 ? allowed / decoded : 0;
    begin = trie->child[begin], end = trie->child[end];
  }
  return L4R_OK;
}

/* What step t was for the users served so far, else its bound. Returns 1 where it was. */
static int work_of(const struct l4r_beam_server *server, int64_t t, struct l4r_search_work *work) {
  *work = (struct l4r_search_work){.rows = t ? (double)server->beams : 1, .users = 1};
  if (server->head) work->rows = 1;
  if (server->exact) return l4r_exact_work(server->exact, t, work);
  return server->search && l4r_search_work(server->search, t, work);
}

int l4r_beam_server_cost(const struct l4r_beam_server *server, int64_t n, struct l4r_cost *cost) {
  int64_t shown = n < server->config.history ? n : server->config.history;
  double length = server->prompts ? l4r_prompt_mean(server->prompts, n) : (double)shown;
  double width = (double)server->width, vocabulary = (double)server->shape->vocabulary;
  struct l4r_beam_work encoder = l4r_beam_encoder_work(server->shape, length);
  struct l4r_beam_work decoder = {0}, output = {0}, search = {0};
  const double weight = server->ops->weight_bytes(server->stack);
  const double beyond = weight / sizeof(float) - 1; /* fp32, for which work.h counts */
  encoder.bytes += beyond * l4r_beam_encoder_weights(server->shape);
  int64_t steps = server->head ? 1 : server->config.max_id_tokens;
  for (int64_t t = 0; t < steps; t++) {
    struct l4r_search_work work;
    const int seen = work_of(server, t, &work);
    double rows = work.rows, logits = vocabulary;
    double weights = work.users * vocabulary; /* rows of the output layer that are read */
    double row_weight = weight;
    if (server->level) { /* beams are assumed to be spread evenly over a level */
      if (!seen && !server->exact) rows *= server->level[t].decoded;
      logits = server->level[t].choices;
      weights = rows * logits;
      row_weight = sizeof(float); /* kept row by row */
    }
    const struct l4r_beam_step at = {(double)t, rows, length, work.users, server->cached};
    const struct l4r_beam_work step = l4r_beam_step_work(server->shape, &at);
    decoder.flops += step.flops;
    decoder.bytes += step.bytes + beyond * work.users * l4r_beam_step_weights(server->shape);
    output.flops += 2 * rows * logits * width;
    output.bytes += row_weight * weights * width + sizeof(float) * rows * (width + logits);
    search.flops += L4R_BEAM_FLOPS_PER_LOGIT * rows * logits;
    search.bytes += sizeof(float) * rows * logits;
  }
  const double items = (double)server->items;
  struct l4r_stage stage[4] = {
      {"encoder", encoder.flops, encoder.bytes, L4R_BEAM_ENCODING},
      {"decoder", decoder.flops, decoder.bytes, L4R_BEAM_DECODING},
      {"output", output.flops, output.bytes, L4R_BEAM_DECODING},
      {"search", search.flops, search.bytes, L4R_BEAM_DECODING},
  };
  if (server->head) {
    const double bytes = weight * items * width + sizeof(float) * 2 * items;
    stage[2] = (struct l4r_stage){"head", 2 * items * width, bytes, L4R_BEAM_HEAD};
    stage[3] = (struct l4r_stage){"top-k", items, sizeof(float) * items, L4R_BEAM_HEAD};
  }
  int status = L4R_OK;
  for (int s = 0; s < 4 && !status; s++) status = l4r_cost_add(cost, &stage[s]);
  return status;
}

int l4r_beam_server_timers(const struct l4r_beam_server *server, struct l4r_timers *timers) {
  timers->invalid_strings = server->invalid_strings;
  timers->short_rankings = server->short_rankings;
  int status = l4r_timers_add(timers, "encoding", server->encoding_ns);
  if (!status) status = l4r_timers_add(timers, "decoding", server->decoding_ns);
  if (!status && server->head) status = l4r_timers_add(timers, "head", server->head_ns);
  return status;
}

static int64_t own_bytes(const struct l4r_beam_server *server) {
  int64_t positions = server->batch * server->longest, row = server->width * (int64_t)sizeof(float);
  int64_t bytes = positions * row; /* memory */
  if (server->prompts) bytes += positions * (int64_t)sizeof *server->token;
  if (server->word) bytes += positions * (int64_t)sizeof *server->word;
  if (server->input) bytes += positions * row;
  if (server->exact) return bytes + l4r_exact_bytes(server->exact);
  return bytes + (server->search ? l4r_search_bytes(server->search) : server->batch * row);
}

void l4r_beam_server_about(const struct l4r_beam_server *server, struct l4r_about *about) {
  server->ops->about(server->stack, about);
  const struct l4r_model_config *config = &server->config;
  size_t used = 0;
  l4r_text_add(about->settings, sizeof about->settings, &used,
               "stack=%s,history=%lld,ids=%s,id_form=%s%s%s", server->ops->name,
               (long long)config->history, l4r_id_scheme_names[config->id_scheme],
               l4r_id_form_names[config->id_form], config->whole_word ? ",whole_word=yes" : "",
               config->prompt ? ",prompt=openp5" : "");
  if (server->exact)
    l4r_text_add(about->settings, sizeof about->settings, &used, ",search=exact");
  else if (server->search)
    l4r_text_add(about->settings, sizeof about->settings, &used, ",beams=%lld",
                 (long long)server->beams);
  if (!server->head)
    l4r_text_add(about->settings, sizeof about->settings, &used,
                 ",trie=%s,decoder=%s,length_penalty=%d%s,max_tokens=%lld",
                 l4r_trie_use_names[server->trie_use], server->cached ? "cached" : "plain",
                 !server->by_sum, server->search ? ",early_stopping=no" : "",
                 (long long)config->max_id_tokens);
  about->scratch_bytes += own_bytes(server);
  if (server->vectors)
    about->weights_bytes += server->items * server->width * (int64_t)sizeof(float);
  if (server->whole)
    about->weights_bytes += (server->shape->vocabulary + config->history) * server->width *
                            (int64_t)sizeof(float);
  about->item_vectors_seconds = server->item_vectors_seconds;
  about->item_vectors_cached = server->item_vectors_cached;
  about->unseen = server->exact || (server->search && server->trie_use);
}

int l4r_beam_server_budget(const struct l4r_beam_server *server, struct l4r_budget *budget) {
  if (server->spent) l4r_spent_budget(server->spent, budget);
  return L4R_OK;
}
