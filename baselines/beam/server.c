/* SPDX-License-Identifier: BSD-3-Clause */
/* Serves a batch: the inputs one after another, one encoder call, then beam search or the head. */
#include "baselines/beam/server.h"

#include "baselines/beam/served.h"
#include "baselines/beam/server_inner.h"
#include "baselines/beam/whole_word.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/rank.h"

#include <inttypes.h>
#include <string.h>

const char *const l4r_trie_use_names[] = {"off", "on", "head"};
const char *const l4r_search_use_names[] = {"beam", "exact"};

/* Copies the vectors of a history's newest items; returns how many. */
static int64_t gather_vectors(struct l4r_beam_server *server, const struct l4r_request *request,
                              float *out) {
  int64_t skip = request->length > server->config.history ? request->length - server->config.history
                                                          : 0;
  for (int64_t i = skip; i < request->length; i++)
    memcpy(out + (i - skip) * server->width,
           server->vectors + (request->history[i] - 1) * server->width,
           (size_t)server->width * sizeof *out);
  return request->length - skip;
}

/* Computes memory[start[count]][D] of `count` <= batch requests for the decoder. */
static int encode(struct l4r_beam_server *server, const struct l4r_request *request,
                  int64_t count) {
  int64_t positions = 0;
  server->start[0] = 0;
  for (int64_t r = 0; r < count; r++) {
    int status = l4r_served_request_check(&request[r], server->users, server->items);
    if (status) return status;
    const struct l4r_prompt_question question = {.wording = L4R_PROMPT_SERVED,
                                                 .user = request[r].user,
                                                 .history = request[r].history,
                                                 .length = request[r].length};
    if (server->prompts)
      positions += l4r_prompt_write(server->prompts, &question, server->token + positions,
                                    server->word ? server->word + positions : NULL);
    else
      positions += gather_vectors(server, &request[r], server->input + positions * server->width);
    server->start[r + 1] = positions;
  }
  const struct l4r_prompt_batch worded = {
      .positions = positions, .width = server->width, .token = server->token, .word = server->word};
  if (server->word) l4r_whole_word_embed(&worded, server->table, server->whole, server->input);
  l4r_spend(server->spent, L4R_SPENT_PREPARING);
  const struct l4r_ragged batch = {.count = count,
                                   .start = server->start,
                                   .token = server->input ? NULL : server->token,
                                   .vector = server->input};
  return server->ops->encode(server->encoder, &batch, L4R_OUT_ALL, server->memory);
}

static int begin_decoding(struct l4r_beam_server *server, int64_t count) {
  return server->ops->decode_begin(server->decoder, count, server->start, server->memory);
}

static int decode_logits(void *argument, const struct l4r_decode_rows *rows, float *logits) {
  struct l4r_beam_server *server = argument;
  l4r_spend(server->spent, L4R_SPENT_SEARCHING);
  const int status = server->ops->decode_step(server->decoder, rows, NULL, logits);
  l4r_spend(server->spent, L4R_SPENT_DECODING);
  return status;
}

/* Turns answers into a ranking: drops and counts invalid strings and repetitions, and orders equal
 * scores by the contract's rule. */
static void rank_answers(struct l4r_beam_server *server, const struct l4r_answer *answer,
                         int64_t answers, int64_t k, struct l4r_ranking *ranking) {
  int64_t kept = 0, valid = 0;
  for (int64_t i = 0; i < answers; i++) {
    l4r_item item = !answer[i].finished ? 0
                    : server->trie_use
                        ? server->trie.item[answer[i].node]
                        : l4r_strings_item(server->strings, answer[i].token, answer[i].length);
    int repeated = 0;
    for (int64_t j = 0; j < kept; j++) repeated |= ranking->item[j] == item;
    if (!item || repeated) continue;
    valid++;
    float score = (float)answer[i].score;
    int64_t at = kept < k ? kept++ : k;
    for (; at > 0 && l4r_before(score, server->popularity[item], item, ranking->score[at - 1],
                                server->popularity[ranking->item[at - 1]], ranking->item[at - 1]);
         at--) {
      if (at == k) continue;
      ranking->item[at] = ranking->item[at - 1];
      ranking->score[at] = ranking->score[at - 1];
    }
    if (at == k) continue;
    ranking->item[at] = item;
    ranking->score[at] = score;
  }
  server->invalid_strings += server->beams - valid;
  server->short_rankings += kept < k;
  ranking->count = kept;
}

/* Computes u[count][D] of p5-head from the decoder's first position. */
static int decode_states(struct l4r_beam_server *server, int64_t count) {
  const struct l4r_decode_rows rows = {
      .rows = count, .user = server->row_user, .token = server->row_token};
  int status = begin_decoding(server, count);
  if (!status) status = server->ops->decode_step(server->decoder, &rows, server->state, NULL);
  l4r_spend(server->spent, L4R_SPENT_DECODING);
  return status;
}

static int rewind_decoder(void *argument, int64_t level) {
  struct l4r_beam_server *server = argument;
  return server->ops->decode_rewind(server->decoder, level);
}

static int rank_exactly(struct l4r_beam_server *server, const struct l4r_request *request,
                        int64_t count, int64_t k, struct l4r_ranking *ranking) {
  const struct l4r_exact_decoder decoder = {server, decode_logits, rewind_decoder};
  int status = begin_decoding(server, count);
  l4r_spend(server->spent, L4R_SPENT_DECODING);
  for (int64_t r = 0; !status && r < count; r++)
    if (server->unseen)
      status = l4r_exact_exclude(server->exact, r, &server->ids, request[r].history,
                                 request[r].length);
  if (!status) status = l4r_exact_run(server->exact, count, k, &decoder);
  for (int64_t r = 0; !status && r < count; r++) {
    l4r_exact_ranking(server->exact, r, &ranking[r]);
    server->short_rankings += ranking[r].count < k;
  }
  l4r_spend(server->spent, L4R_SPENT_SEARCHING);
  return status;
}

static int search_ids(struct l4r_beam_server *server, const struct l4r_request *request,
                      int64_t count, int64_t k, struct l4r_ranking *ranking) {
  int status = begin_decoding(server, count);
  l4r_spend(server->spent, L4R_SPENT_DECODING);
  for (int64_t r = 0; !status && r < count; r++)
    if (server->unseen)
      status = l4r_search_exclude(server->search, r, &server->ids, request[r].history,
                                  request[r].length);
  if (!status) status = l4r_search_run(server->search, count, decode_logits, server);
  for (int64_t r = 0; !status && r < count; r++) {
    const struct l4r_answer *answer;
    int64_t answers = l4r_search_answers(server->search, r, &answer);
    rank_answers(server, answer, answers, k, &ranking[r]);
  }
  l4r_spend(server->spent, L4R_SPENT_SEARCHING);
  return status;
}

static int recommend_batch(struct l4r_beam_server *server, const struct l4r_request *request,
                           int64_t count, int64_t k, struct l4r_ranking *ranking) {
  l4r_spent_begin(server->spent);
  l4r_stage_begins(&server->on_stage, L4R_BEAM_ENCODING);
  const int64_t began = l4r_now_ns();
  int status = encode(server, request, count);
  if (status) return status;
  const int64_t encoded = l4r_now_ns();
  l4r_stage_begins(&server->on_stage, L4R_BEAM_DECODING);
  status = server->head    ? decode_states(server, count)
           : server->exact ? rank_exactly(server, request, count, k, ranking)
                           : search_ids(server, request, count, k, ranking);
  const int64_t decoded = l4r_now_ns();
  if (server->head) l4r_stage_begins(&server->on_stage, L4R_BEAM_HEAD);
  if (!status && server->head)
    status = server->ops->project_top_k(server->head, server->state, count, k, server->popularity,
                                        ranking);
  server->encoding_ns += encoded - began;
  server->decoding_ns += decoded - encoded;
  server->head_ns += l4r_now_ns() - decoded;
  l4r_stage_begins(&server->on_stage, -1);
  return status;
}

int l4r_beam_server_recommend(struct l4r_beam_server *server, const struct l4r_request *request,
                              int64_t n, int64_t k, struct l4r_ranking *ranking) {
  for (int64_t done = 0; done < n; done += server->batch) {
    int64_t count = n - done < server->batch ? n - done : server->batch;
    int status = recommend_batch(server, request + done, count, k, ranking + done);
    if (status) return status;
  }
  return L4R_OK;
}

int l4r_beam_server_recommend_unseen(struct l4r_beam_server *server,
                                     const struct l4r_request *request, int64_t n, int64_t k,
                                     struct l4r_ranking *ranking) {
  if (server->head)
    return l4r_fail(L4R_USAGE, "a model of kind %s scores the catalogue; ask for its scores",
                    l4r_kind_name(server->config.kind));
  if (!server->trie_use)
    return l4r_fail(L4R_USAGE, "trie=off generates freely and cannot leave out items; with trie=on "
                               "the search walks around them");
  server->unseen = 1;
  const int status = l4r_beam_server_recommend(server, request, n, k, ranking);
  server->unseen = 0;
  return status;
}

int l4r_beam_server_score(struct l4r_beam_server *server, const struct l4r_request *request,
                          int64_t n, float *scores) {
  if (!server->head)
    return l4r_fail(L4R_USAGE, "a model of kind %s generates item ids and scores no catalogue",
                    l4r_kind_name(server->config.kind));
  for (int64_t done = 0; done < n; done += server->batch) {
    int64_t count = n - done < server->batch ? n - done : server->batch;
    int status = encode(server, request + done, count);
    if (!status) status = decode_states(server, count);
    if (!status)
      status = server->ops->project(server->head, server->state, count,
                                    scores + done * server->items);
    if (status) return status;
  }
  return L4R_OK;
}
