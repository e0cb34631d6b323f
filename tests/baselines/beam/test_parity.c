/* SPDX-License-Identifier: BSD-3-Clause */
/* Beam search against transformers' `generate` (tests/oracle/beam.py made the golden files): on
 * both stacks, with both decoders, with and without trie and with the trie as head, greedy
 * included, every user alone in its batch and all of them together. Scores within the parity
 * tolerance, answers one by one wherever the neighbouring scores are further apart than ten
 * tolerances. */
#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/search/search.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/lite/stacks.h"
#include "impl/model/config_sizes.h"
#include "impl/model/safetensors.h"
#include "impl/model/safetensors_match.h"
#include "impl/model/weights.h"
#include "impl/stack.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USERS_MAX = 8 };

struct golden {
  json_t *root;
  struct l4r_model_config config;
  struct l4r_tensors tensors;
  struct l4r_safetensors *safetensors;
  struct l4r_weights weights;
  struct l4r_id_tokens ids;
  struct l4r_trie trie;
  int64_t users, start[USERS_MAX + 1];
  int32_t *token; /* all prompts end to end */
};

static int64_t number(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  cr_assert(json_is_integer(value), "%s is missing", key);
  return json_integer_value(value);
}

static void read_config(struct golden *golden) {
  const json_t *shape = json_object_get(golden->root, "shape");
  cr_assert_eq(l4r_config_defaults(L4R_KIND_P5, "tiny", &golden->config), L4R_OK);
  struct l4r_t5_shape *t5 = &golden->config.p5;
  t5->d_model = number(shape, "width");
  t5->d_kv = number(shape, "key");
  t5->heads = number(shape, "heads");
  t5->d_ff = number(shape, "feed");
  t5->vocabulary = number(shape, "vocabulary");
  t5->encoder_blocks = number(shape, "encoder_blocks");
  t5->decoder_blocks = number(shape, "decoder_blocks");
  t5->gated = (int)number(shape, "gated");
  t5->tied = (int)number(shape, "tied");
}

/* Lists of token lists, end to end; starts[i] .. starts[i+1]. */
static int32_t *flatten(const json_t *lists, int64_t *starts) {
  int64_t total = 0;
  for (size_t i = 0; i < json_array_size(lists); i++)
    total += (int64_t)json_array_size(json_array_get(lists, i));
  int32_t *token = l4r_alloc((size_t)total, sizeof *token, "golden tokens");
  int64_t at = 0;
  starts[0] = 0;
  for (size_t i = 0; i < json_array_size(lists); i++) {
    const json_t *list = json_array_get(lists, i);
    for (size_t j = 0; j < json_array_size(list); j++)
      token[at++] = (int32_t)json_integer_value(json_array_get(list, j));
    starts[i + 1] = at;
  }
  return token;
}

static void open_golden(const char *name, struct golden *golden) {
  char path[256];
  json_error_t error;
  *golden = (struct golden){0};
  snprintf(path, sizeof path, "tests/golden/beam/%s.json", name);
  golden->root = json_load_file(path, 0, &error);
  cr_assert(golden->root, "%s: %s", path, error.text);
  read_config(golden);
  snprintf(path, sizeof path, "tests/golden/beam/%s.safetensors", name);
  cr_assert_eq(l4r_tensors_of(&golden->config, &golden->tensors), L4R_OK);
  cr_assert_eq(l4r_safetensors_open(path, &golden->safetensors), L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(l4r_safetensors_match(golden->safetensors, &golden->tensors, 0), L4R_OK, "%s",
               l4r_error_message());
  golden->weights = (struct l4r_weights){&golden->tensors, NULL, golden->safetensors};
  const json_t *ids = json_object_get(golden->root, "ids");
  golden->ids.items = (int64_t)json_array_size(ids);
  golden->ids.start = l4r_alloc(json_array_size(ids) + 1, sizeof(int64_t), "golden ids");
  golden->ids.token = flatten(ids, golden->ids.start);
  cr_assert_eq(l4r_trie_build(&golden->ids, &golden->trie), L4R_OK, "%s", l4r_error_message());
  const json_t *prompts = json_object_get(golden->root, "prompts");
  golden->users = (int64_t)json_array_size(prompts);
  cr_assert(golden->users <= USERS_MAX);
  golden->token = flatten(prompts, golden->start);
}

static void close_golden(struct golden *golden) {
  l4r_safetensors_close(golden->safetensors);
  l4r_tensors_free(&golden->tensors);
  l4r_trie_free(&golden->trie);
  l4r_id_tokens_free(&golden->ids);
  l4r_free(golden->token);
  json_decref(golden->root);
}

struct model { /* the golden model on a stack */
  const struct l4r_stack_ops *ops;
  struct l4r_stack *stack;
  struct l4r_encoder *encoder;
  struct l4r_decoder *decoder;
  float *memory;
};

#define IN_THREE "blis in bf16x3"

static void open_model(const struct golden *golden, const char *stack, int cached, int restricted,
                       int64_t beams, struct l4r_team *team, struct model *model) {
  const int64_t positions = golden->start[golden->users];
  const int three = !strcmp(stack, IN_THREE);
  const struct l4r_stack_options options = {.precision = three ? "bf16x3" : "fp32",
                                            .fallback = three};
  model->ops = l4r_stack_find(three ? "blis" : stack);
  cr_assert_not_null(model->ops, "no stack %s", stack);
  cr_assert_eq(model->ops->open(team, &options, &model->stack), L4R_OK, "%s", l4r_error_message());
  const struct l4r_encoder_spec encoder = {.shape = &golden->config.p5,
                                           .weights = &golden->weights,
                                           .prefix = "",
                                           .max_positions = positions,
                                           .max_count = golden->users,
                                           .max_length = positions};
  const struct l4r_decoder_spec decoder = {.shape = &golden->config.p5,
                                           .weights = &golden->weights,
                                           .prefix = "",
                                           .max_users = golden->users,
                                           .max_memory = positions,
                                           .max_rows = golden->users * beams,
                                           .max_steps = number(golden->root, "steps"),
                                           .cached = cached,
                                           .restricted = restricted};
  cr_assert_eq(model->ops->encoder_open(model->stack, &encoder, &model->encoder), L4R_OK, "%s",
               l4r_error_message());
  cr_assert_eq(model->ops->decoder_open(model->stack, &decoder, &model->decoder), L4R_OK, "%s",
               l4r_error_message());
  model->memory = l4r_alloc((size_t)(positions * golden->config.p5.d_model), sizeof(float),
                            "memory");
}

static void close_model(struct model *model) {
  model->ops->decoder_close(model->decoder);
  model->ops->encoder_close(model->encoder);
  model->ops->close(model->stack);
  l4r_free(model->memory);
}

static int step(void *argument, const struct l4r_decode_rows *rows, float *logits) {
  struct model *model = argument;
  return model->ops->decode_step(model->decoder, rows, NULL, logits);
}

static double score_at(const json_t *answers, size_t place) {
  return json_real_value(json_object_get(json_array_get(answers, place), "score"));
}

static int same_tokens(const json_t *expected, const struct l4r_answer *answer) {
  const json_t *token = json_object_get(expected, "token");
  if ((int64_t)json_array_size(token) != answer->length) return 0;
  for (size_t i = 0; i < json_array_size(token); i++)
    if (json_integer_value(json_array_get(token, i)) != answer->token[i]) return 0;
  return number(expected, "finished") == answer->finished;
}

/* Compares a user's list; returns how many answers were compared by their tokens. */
static int64_t compare_user(const char *where, const json_t *expected,
                            const struct l4r_answer *answer, int64_t count) {
  const size_t listed = json_array_size(expected);
  cr_assert_eq((size_t)count, listed, "%s: %lld answers, transformers has %zu", where,
               (long long)count, listed);
  int scored = json_is_real(json_object_get(json_array_get(expected, 0), "score"));
  int64_t compared = 0;
  for (size_t i = 0; i < listed; i++) {
    double reference = score_at(expected, i), tolerance = 1e-5 + 1e-4 * fabs(reference);
    int apart = !scored ||
                ((i == 0 || score_at(expected, i - 1) - reference > 10 * tolerance) &&
                 (i + 1 == listed || reference - score_at(expected, i + 1) > 10 * tolerance));
    if (scored)
      cr_assert(fabs(answer[i].score - reference) <= tolerance,
                "%s, answer %zu: score %.7f, transformers %.7f", where, i, answer[i].score,
                reference);
    if (!apart) continue;
    compared++;
    cr_assert(same_tokens(json_array_get(expected, i), &answer[i]), "%s, answer %zu differs", where,
              i);
  }
  return compared;
}

/* Runs users first..first+count-1 as one batch. */
static void run_batch(const struct golden *golden, const json_t *search_case, struct model *model,
                      struct l4r_search *search, const char *where, int64_t first, int64_t count) {
  int64_t start[USERS_MAX + 1];
  for (int64_t i = 0; i <= count; i++) start[i] = golden->start[first + i] - golden->start[first];
  const struct l4r_ragged batch = {
      .count = count, .start = start, .token = golden->token + golden->start[first]};
  cr_assert_eq(model->ops->encode(model->encoder, &batch, L4R_OUT_ALL, model->memory), L4R_OK);
  cr_assert_eq(model->ops->decode_begin(model->decoder, count, start, model->memory), L4R_OK);
  cr_assert_eq(l4r_search_run(search, count, step, model), L4R_OK, "%s", l4r_error_message());
  const json_t *users = json_object_get(search_case, "users");
  int64_t compared = 0, listed = 0;
  for (int64_t user = 0; user < count; user++) {
    const struct l4r_answer *answer;
    const json_t *expected = json_array_get(users, (size_t)(first + user));
    int64_t answers = l4r_search_answers(search, user, &answer);
    compared += compare_user(where, expected, answer, answers);
    listed += answers;
  }
  cr_assert(2 * compared >= listed, "%s: only %lld of %lld answers are apart", where,
            (long long)compared, (long long)listed);
}

static void run_searches(const char *name, const char *stack, int cached, int workers) {
  struct golden golden;
  open_golden(name, &golden);
  struct l4r_team *team = NULL;
  if (workers > 1) cr_assert_eq(l4r_team_create(workers, NULL, &team), L4R_OK);
  const json_t *searches = json_object_get(golden.root, "searches");
  const json_t *unused = json_object_get(golden.root, "unused");
  cr_assert_eq(json_array_size(searches), 9);
  for (size_t i = 0; i < json_array_size(searches); i++) {
    const json_t *search_case = json_array_get(searches, i);
    struct model model;
    const int64_t beams = number(search_case, "beams");
    const char *trie = json_string_value(json_object_get(search_case, "trie"));
    const int restricted = !strcmp(trie, "head");
    char where[96];
    snprintf(where, sizeof where, "%s on %s, %s, %lld beams, trie %s", name, stack,
             cached ? "cached" : "plain", (long long)beams, trie);
    open_model(&golden, stack, cached, restricted, beams, team, &model);
    const struct l4r_search_spec spec = {
        .max_users = golden.users,
        .beams = beams,
        .vocabulary = golden.config.p5.vocabulary,
        .unused_begin = json_integer_value(json_array_get(unused, 0)),
        .unused_end = json_integer_value(json_array_get(unused, 1)),
        .steps = number(golden.root, "steps"),
        .trie = strcmp(trie, "off") ? &golden.trie : NULL,
        .restricted = restricted,
        .team = team};
    struct l4r_search *search;
    cr_assert_eq(l4r_search_open(&spec, &search), L4R_OK);
    run_batch(&golden, search_case, &model, search, where, 0, golden.users);
    for (int64_t user = 0; user < golden.users; user++)
      run_batch(&golden, search_case, &model, search, where, user, 1);
    l4r_search_close(search);
    close_model(&model);
  }
  l4r_team_free(team);
  close_golden(&golden);
}

static void run_names(const char *stack, int cached, int workers) {
  run_searches("v10", stack, cached, workers);
  run_searches("v11", stack, cached, workers);
  run_searches("few", stack, cached, workers);
}

Test(beam_parity, reference_cached) {
  run_names("reference", 1, 1);
}
Test(beam_parity, reference_plain) {
  run_names("reference", 0, 2);
}
Test(beam_parity, blis_cached) {
  run_names("blis", 1, 2);
}
Test(beam_parity, blis_plain) {
  run_names("blis", 0, 1);
}
Test(beam_parity, blis_in_three_parts_of_bf16) {
  run_names(IN_THREE, 1, 2);
}
