/* Prompts as baselines/beam writes them, item vectors as impl/lite makes them. */
#include "baselines/peers/feed.h"

#include "baselines/beam/prompt.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/lite/items.h"
#include "impl/model/model.h"
#include "impl/stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SENTINELS = 100 }; /* of T5, behind the pieces; rows behind those stand for nothing */

struct l4r_feed {
  enum l4r_kind kind;
  int64_t items, unused_begin, longest; /* longest prompt in tokens */
  struct l4r_id_tokens ids;
  struct l4r_prompts *prompts; /* NULL: no tokens */
  int32_t *token, *word;       /* [longest]; word NULL without whole-word vectors */
  int64_t max_id_tokens;
  char vectors[64]; /* "" or the temporary file */
};

void l4r_feed_close(struct l4r_feed *feed) {
  if (!feed) return;
  if (*feed->vectors) unlink(feed->vectors);
  l4r_prompts_close(feed->prompts);
  l4r_id_tokens_free(&feed->ids);
  l4r_free(feed->token);
  l4r_free(feed->word);
  l4r_free(feed);
}

static int open_prompts(struct l4r_feed *feed, const struct l4r_model *model, int64_t users) {
  const struct l4r_model_config *config = &model->config;
  struct l4r_id_map map = {0};
  int64_t own = 0;
  int status = l4r_id_map_read(model->path, config->items, config->id_map_sha256, &map);
  if (status) return status;
  status = l4r_id_own_rows(&map, config->id_form, &own);
  const int64_t first_own = config->p5.vocabulary - own;
  if (!status)
    status = l4r_id_tokens_make(&map, config->id_form, model->tokenizer, first_own, &feed->ids);
  l4r_id_map_free(&map);
  if (status) return status;
  const int64_t pieces = l4r_tokenizer_size(model->tokenizer) + SENTINELS;
  feed->unused_begin = pieces < first_own ? pieces : first_own;
  feed->max_id_tokens = config->max_id_tokens;
  const struct l4r_prompt_spec prompts = {
      .tokenizer = model->tokenizer, .ids = &feed->ids, .users = users, .history = config->history};
  status = l4r_prompts_open(&prompts, &feed->prompts);
  if (status) return status;
  feed->longest = l4r_prompt_longest(feed->prompts);
  feed->token = l4r_alloc((size_t)feed->longest, sizeof *feed->token, "a prompt");
  if (config->whole_word)
    feed->word = l4r_alloc((size_t)feed->longest, sizeof *feed->word, "a prompt");
  return feed->token && (feed->word || !config->whole_word) ? L4R_OK : L4R_ENVIRONMENT;
}

static int compute_vectors(const struct l4r_model *model, const struct l4r_open_options *options,
                           float *vectors) {
  struct l4r_stack *stack;
  struct l4r_lite_items *items;
  int status = l4r_stack_blis.open(options->team, "fp32", 0, &stack);
  if (status) return status;
  status = l4r_lite_items_open(&l4r_stack_blis, stack, model, options->dataset, &items);
  if (!status) {
    status = l4r_lite_items_encode_all(items, vectors);
    l4r_lite_items_close(items);
  }
  l4r_stack_blis.close(stack);
  return status;
}

static int store_vectors(struct l4r_feed *feed, const struct l4r_model *model,
                         const struct l4r_open_options *options) {
  const size_t row = (size_t)model->config.rec_llm.width * sizeof(float);
  float *vectors = l4r_alloc((size_t)feed->items, row, "item vectors");
  int status = vectors ? compute_vectors(model, options, vectors) : L4R_ENVIRONMENT;
  if (!status) {
    const char *folder = getenv("TMPDIR");
    snprintf(feed->vectors, sizeof feed->vectors, "%.30s/lite4rec-vectors-XXXXXX",
             folder && *folder ? folder : "/tmp");
    const int file = mkstemp(feed->vectors);
    if (file < 0) *feed->vectors = '\0';
    if (file < 0 || close(file))
      status = l4r_fail(L4R_ENVIRONMENT, "no temporary file for item vectors");
    if (!status) status = l4r_write_file(feed->vectors, vectors, (size_t)feed->items * row);
  }
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
  int status = l4r_model_kind(options->model, &feed->kind);
  if (!status &&
      (feed->kind == L4R_KIND_P5 || feed->kind == L4R_KIND_P5_HEAD || feed->kind == L4R_KIND_LITE))
    status = open_model(feed, options);
  if (status)
    l4r_feed_close(feed);
  else
    *out = feed;
  return status;
}

int l4r_feed_tell(const struct l4r_feed *feed, json_t *hello) {
  int failed = json_object_set_new(hello, "kind", json_string(l4r_kind_name(feed->kind)));
  if (*feed->vectors) failed |= json_object_set_new(hello, "vectors", json_string(feed->vectors));
  if (!feed->prompts) return failed ? L4R_ENVIRONMENT : L4R_OK;
  json_t *ids = json_array();
  for (int64_t item = 0; item < feed->ids.items; item++) {
    json_t *tokens = json_array();
    for (int64_t t = feed->ids.start[item]; t < feed->ids.start[item + 1]; t++)
      json_array_append_new(tokens, json_integer(feed->ids.token[t]));
    json_array_append_new(ids, tokens);
  }
  failed |= json_object_set_new(hello, "ids", ids);
  failed |= json_object_set_new(
      hello, "unused",
      json_pack("[I, I]", (json_int_t)feed->unused_begin, (json_int_t)feed->ids.first_own));
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
