/* SPDX-License-Identifier: BSD-3-Clause */
/* The prompts are those of baselines/beam, the item vectors those of impl/lite. */
#include "baselines/peers/feed.h"

#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/prompt.h"
#include "baselines/beam/served.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/lite/catalogue.h"
#include "impl/model/model.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct l4r_feed {
  enum l4r_kind kind;
  int64_t users, items, longest; /* longest prompt in tokens */
  struct l4r_served_ids ids;
  struct l4r_prompts *prompts; /* NULL: no tokens */
  int32_t *token, *word;       /* [longest]; word NULL without whole-word vectors */
  int64_t max_id_tokens;
  int vectors;  /* a file in memory, which goes with this process; -1: none */
  int no_model; /* 1: the arm names none: the peer is fed nothing */
};

void l4r_feed_close(struct l4r_feed *feed) {
  if (!feed) return;
  if (feed->vectors >= 0) close(feed->vectors);
  l4r_prompts_close(feed->prompts);
  l4r_id_tokens_free(&feed->ids.tokens);
  l4r_free(feed->token);
  l4r_free(feed->word);
  l4r_free(feed);
}

static int open_prompts(struct l4r_feed *feed, const struct l4r_model *model, int64_t users) {
  const struct l4r_model_config *config = &model->config;
  struct l4r_id_map map = {0};
  int status = l4r_id_map_read(model->path, config->items, config->id_map_sha256, &map);
  if (!status) status = l4r_served_ids_make(model, &map, config->p5.vocabulary, &feed->ids);
  l4r_id_map_free(&map);
  if (status) return status;
  feed->max_id_tokens = config->max_id_tokens;
  const struct l4r_prompt_spec prompts = {.tokenizer = model->tokenizer,
                                          .ids = &feed->ids.tokens,
                                          .users = users,
                                          .history = config->history,
                                          .style = config->prompt,
                                          .dataset = config->dataset_name};
  status = l4r_prompts_open(&prompts, &feed->prompts);
  if (status) return status;
  feed->longest = l4r_prompt_longest(feed->prompts);
  feed->token = l4r_alloc((size_t)feed->longest, sizeof *feed->token, "a prompt");
  if (config->whole_word)
    feed->word = l4r_alloc((size_t)feed->longest, sizeof *feed->word, "a prompt");
  return feed->token && (feed->word || !config->whole_word) ? L4R_OK : L4R_ENVIRONMENT;
}

static int write_vectors(struct l4r_feed *feed, const char *bytes, size_t count) {
  feed->vectors = memfd_create("item vectors", MFD_CLOEXEC);
  if (feed->vectors < 0)
    return l4r_fail(L4R_ENVIRONMENT, "no memory file for item vectors: %s", strerror(errno));
  while (count) {
    const ssize_t written = write(feed->vectors, bytes, count);
    if (written < 0 && errno != EINTR)
      return l4r_fail(L4R_ENVIRONMENT, "item vectors: %s", strerror(errno));
    if (written < 0) continue;
    bytes += written;
    count -= (size_t)written;
  }
  return L4R_OK;
}

static int store_vectors(struct l4r_feed *feed, const struct l4r_model *model,
                         const struct l4r_open_options *options) {
  const size_t row = (size_t)model->config.rec_llm.d_model * sizeof(float);
  float *vectors = l4r_alloc((size_t)feed->items, row, "item vectors");
  int status = vectors ? l4r_catalogue_compute(model, options->dataset, options->team, 0, vectors)
                       : L4R_ENVIRONMENT;
  if (!status) status = write_vectors(feed, (const char *)vectors, (size_t)feed->items * row);
  l4r_free(vectors);
  return status;
}

static int open_model(struct l4r_feed *feed, const struct l4r_open_options *options) {
  struct l4r_model *model;
  int status = l4r_model_open(options->model, options->dataset, &model);
  if (status) return status;
  if (feed->kind == L4R_KIND_LITE)
    status = store_vectors(feed, model, options);
  else
    status = open_prompts(feed, model, options->dataset->users);
  l4r_model_close(model);
  return status;
}

int l4r_feed_open(const struct l4r_open_options *options, struct l4r_feed **out) {
  struct l4r_feed *feed = l4r_alloc(1, sizeof *feed, "what a peer is fed");
  if (!feed) return L4R_ENVIRONMENT;
  feed->items = options->dataset->items;
  feed->users = options->dataset->users;
  feed->vectors = -1;
  feed->no_model = !*options->model;
  int status = feed->no_model ? L4R_OK : l4r_model_kind(options->model, &feed->kind);
  if (!status && !feed->no_model &&
      (feed->kind == L4R_KIND_P5 || feed->kind == L4R_KIND_P5_HEAD || feed->kind == L4R_KIND_LITE))
    status = open_model(feed, options);
  if (status)
    l4r_feed_close(feed);
  else
    *out = feed;
  return status;
}

int l4r_feed_file(const struct l4r_feed *feed) {
  return feed->vectors > 0 ? feed->vectors : 0;
}

int l4r_feed_tell(const struct l4r_feed *feed, json_t *hello) {
  if (feed->no_model) return L4R_OK;
  int failed = json_object_set_new(hello, "kind", json_string(l4r_kind_name(feed->kind)));
  if (feed->vectors >= 0)
    failed |= json_object_set_new(hello, "vectors",
                                  json_sprintf("/proc/self/fd/%d", feed->vectors));
  if (!feed->prompts) return failed ? L4R_ENVIRONMENT : L4R_OK;
  json_t *ids = json_array();
  for (int64_t item = 0; item < feed->ids.tokens.items; item++) {
    json_t *tokens = json_array();
    for (int64_t t = feed->ids.tokens.start[item]; t < feed->ids.tokens.start[item + 1]; t++)
      json_array_append_new(tokens, json_integer(feed->ids.tokens.token[t]));
    json_array_append_new(ids, tokens);
  }
  failed |= json_object_set_new(hello, "ids", ids);
  failed |= json_object_set_new(
      hello, "unused",
      json_pack("[I, I]", (json_int_t)feed->ids.unused_begin, (json_int_t)feed->ids.unused_end));
  failed |= json_object_set_new(hello, "max_id_tokens",
                                json_integer((json_int_t)feed->max_id_tokens));
  return failed ? l4r_fail(L4R_ENVIRONMENT, "no memory for a peer's first line") : L4R_OK;
}

size_t l4r_feed_room(const struct l4r_feed *feed) {
  enum { NUMBER = 12, ENDS = 32 };
  return feed->prompts ? (size_t)feed->longest * NUMBER * (feed->word ? 2 : 1) + 2 * ENDS : 0;
}

/* "[1,2,3]" */
static char *write_numbers(const int32_t *number, int64_t count, char *at) {
  *at++ = '[';
  for (int64_t i = 0; i < count; i++) at += sprintf(at, "%s%d", i ? "," : "", number[i]);
  *at++ = ']';
  return at;
}

int l4r_feed_check(const struct l4r_feed *feed, const struct l4r_request *request) {
  return l4r_served_request_check(request, feed->users, feed->items);
}

char *l4r_feed_write(struct l4r_feed *feed, const struct l4r_request *request, int64_t n,
                     char *at) {
  for (int words = 0; feed->prompts && words <= (feed->word != NULL); words++) {
    at += sprintf(at, words ? ",\"words\":[" : ",\"tokens\":[");
    for (int64_t r = 0; r < n; r++) {
      const struct l4r_prompt_question question = {.wording = L4R_PROMPT_SERVED,
                                                   .user = request[r].user,
                                                   .history = request[r].history,
                                                   .length = request[r].length};
      const int64_t count = l4r_prompt_write(feed->prompts, &question, feed->token, feed->word);
      if (r) *at++ = ',';
      at = write_numbers(words ? feed->word : feed->token, count, at);
    }
    *at++ = ']';
  }
  return at;
}
