/* SPDX-License-Identifier: BSD-3-Clause */
/* The engine on folders with random weights: rankings, options, refusals. */
#include "baselines/beam/engine.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "tests/baselines/beam/chain.h"
#include "tests/support/every.h"
#include "tests/support/told.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { REQUESTS = 5, K = 10 };

static struct l4r_dataset *dataset;

static const char *make_model(enum l4r_kind kind, enum l4r_id_form form) {
  dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, kind, "model");
  options.config.id_form = form;
  return chain_model(&options);
}

static struct l4r_stage_hook on_stage; /* of the engines opened next */

static int try_open(const struct l4r_engine *engine, const char *model,
                    const struct l4r_dataset *data, const char *const (*option)[2], void **handle) {
  struct l4r_option given[5];
  int64_t count = 0;
  for (; option && (*option)[0]; option++, count++)
    given[count] = (struct l4r_option){(*option)[0], (*option)[1]};
  const struct l4r_open_options options = {.model = model,
                                           .dataset = data,
                                           .option = given,
                                           .options = count,
                                           .max_batch = REQUESTS,
                                           .max_k = CHAIN_ITEMS,
                                           .on_stage = on_stage};
  return engine->open(&options, handle);
}

static void *open_engine(const struct l4r_engine *engine, const char *model,
                         const char *const (*option)[2]) {
  void *handle;
  cr_assert_eq(try_open(engine, model, dataset, option, &handle), L4R_OK, "%s",
               l4r_error_message());
  return handle;
}

struct answers {
  l4r_item item[REQUESTS][CHAIN_ITEMS];
  float score[REQUESTS][CHAIN_ITEMS];
  struct l4r_ranking ranking[REQUESTS];
};

static const struct l4r_request *requests(void) {
  static const l4r_item history[] = {4, 5, 6, 7, 8, 9, 10, 11, 12};
  static const struct l4r_request request[REQUESTS] = {
      {0, history, 9}, {1, history, 1}, {79, history, 6}, {33, history + 3, 6}, {5, history, 7}};
  return request;
}

static void recommend(const struct l4r_engine *engine, void *handle, int64_t n, int64_t k,
                      struct answers *answers) {
  for (int64_t r = 0; r < n; r++)
    answers->ranking[r] = (struct l4r_ranking){.item = answers->item[r],
                                               .score = answers->score[r]};
  cr_assert_eq(engine->recommend(handle, requests(), n, k, answers->ranking), L4R_OK, "%s",
               l4r_error_message());
}

static void check_ranking(const struct l4r_ranking *ranking, int64_t expected) {
  cr_assert_eq(ranking->count, expected, "%d items", (int)ranking->count);
  int seen[CHAIN_ITEMS + 1] = {0};
  for (int64_t i = 0; i < ranking->count; i++) {
    cr_assert(ranking->item[i] >= 1 && ranking->item[i] <= CHAIN_ITEMS);
    cr_expect_eq(seen[ranking->item[i]]++, 0, "item %d twice", ranking->item[i]);
    if (i) cr_expect_geq(ranking->score[i - 1], ranking->score[i]);
  }
}

static const char *const on_reference[][2] = {{"stack", "reference"}, {NULL, NULL}};

Test(beam_engine, p5_ranks_valid_items_alike_alone_and_together) {
  const char *model = make_model(L4R_KIND_P5, L4R_IDS_DIGITS);
  void *handle = open_engine(&l4r_engine_beam, model, on_reference);
  static struct answers together, again;
  const struct told bound = test_told(&l4r_engine_beam, handle, 6);
  recommend(&l4r_engine_beam, handle, REQUESTS, K, &together);
  for (int r = 0; r < REQUESTS; r++) check_ranking(&together.ranking[r], K);
  uint64_t before = l4r_alloc_count();
  recommend(&l4r_engine_beam, handle, 1, K, &again);
  cr_expect_eq(l4r_alloc_count(), before, "serving allocates nothing");
  for (int i = 0; i < K; i++) {
    cr_expect_eq(again.item[0][i], together.item[0][i]);
    cr_expect_eq(again.score[0][i], together.score[0][i], "the reference's bits do not change");
  }
  recommend(&l4r_engine_beam, handle, 1, CHAIN_ITEMS, &again);
  check_ranking(&again.ranking[0], 20);
  const struct told told = test_told(&l4r_engine_beam, handle, 6);
  cr_expect(strstr(told.about.settings, "beams=20,trie=on,decoder=cached"), "%s",
            told.about.settings);
  cr_expect_eq(told.timers.short_rankings, 1, "20 of 40 were asked for");
  cr_expect_eq(told.cost.stages, 4);
  for (int s = 0; s < told.cost.stages; s++)
    cr_expect(told.cost.stage[s].flops > 0 && told.cost.stage[s].bytes > 0, "%s",
              told.cost.stage[s].name);
  cr_expect_eq(told.cost.stage[0].flops, bound.cost.stage[0].flops);
  cr_expect_leq(told.cost.stage[1].flops, bound.cost.stage[1].flops, "ids end before the longest");
  l4r_engine_beam.close(handle);
}

Test(beam_engine, plain_and_cached_decoders_agree) {
  static const char *const plain[][2] = {
      {"stack", "reference"}, {"decoder", "plain"}, {"beams", "7"}, {NULL, NULL}};
  static const char *const cached[][2] = {{"stack", "reference"}, {"beams", "7"}, {NULL, NULL}};
  const char *model = make_model(L4R_KIND_P5, L4R_IDS_TOKENS);
  void *one = open_engine(&l4r_engine_beam, model, plain);
  void *other = open_engine(&l4r_engine_beam, model, cached);
  static struct answers a, b;
  recommend(&l4r_engine_beam, one, REQUESTS, K, &a);
  recommend(&l4r_engine_beam, other, REQUESTS, K, &b);
  for (int r = 0; r < REQUESTS; r++) {
    check_ranking(&a.ranking[r], 7);
    check_ranking(&b.ranking[r], 7);
    for (int i = 0; i < 7; i++)
      cr_expect_float_eq(a.score[r][i], b.score[r][i], 1e-5 + 1e-4 * fabs((double)a.score[r][i]));
  }
  const struct told costly = test_told(&l4r_engine_beam, one, 6);
  const struct told cheap = test_told(&l4r_engine_beam, other, 6);
  cr_expect_gt(costly.cost.stage[1].flops, 2 * cheap.cost.stage[1].flops, "recomputing costs");
  l4r_engine_beam.close(one);
  l4r_engine_beam.close(other);
}

/* 4 bytes a weight, 2 and 6; what is no weight stays fp32. */
Test(beam_engine, weights_are_read_in_their_own_precision) {
  static const char *const precision[] = {"fp32", "bf16", "bf16x3"};
  const char *model = make_model(L4R_KIND_P5, L4R_IDS_TOKENS);
  double bytes[3][4];
  for (int p = 0; p < 3; p++) {
    const char *const options[][2] = {
        {"stack", "blis"}, {"precision", precision[p]}, {"fallback", "on"}, {NULL, NULL}};
    void *handle = open_engine(&l4r_engine_beam, model, options);
    const struct told told = test_told(&l4r_engine_beam, handle, 6);
    for (int s = 0; s < 4; s++) bytes[p][s] = told.cost.stage[s].bytes;
    l4r_engine_beam.close(handle);
  }
  for (int s = 0; s < 3; s++) { /* encoder, decoder, output */
    cr_expect_gt(bytes[0][s], bytes[1][s], "stage %d", s);
    cr_expect_float_eq(bytes[2][s] - bytes[0][s], bytes[0][s] - bytes[1][s], 1e-6 * bytes[0][s]);
  }
  cr_expect_eq(bytes[0][3], bytes[1][3], "the search has none");
}

Test(beam_engine, free_generation_drops_and_counts_invalid_strings) {
  static const char *const off[][2] = {{"stack", "reference"}, {"trie", "off"}, {NULL, NULL}};
  const char *model = make_model(L4R_KIND_P5, L4R_IDS_DIGITS);
  void *handle = open_engine(&l4r_engine_beam, model, off);
  static struct answers answers;
  recommend(&l4r_engine_beam, handle, REQUESTS, CHAIN_ITEMS, &answers);
  int64_t valid = 0;
  for (int r = 0; r < REQUESTS; r++) {
    check_ranking(&answers.ranking[r], answers.ranking[r].count);
    valid += answers.ranking[r].count;
  }
  cr_expect_eq(test_told(&l4r_engine_beam, handle, 6).timers.invalid_strings + valid,
               20 * REQUESTS);
  l4r_engine_beam.close(handle);
}

Test(beam_engine, p5_head_scores_the_catalogue) {
  const char *model = make_model(L4R_KIND_P5_HEAD, L4R_IDS_DIGITS);
  void *handle = open_engine(&l4r_engine_beam_head, model, on_reference);
  static struct answers answers;
  static float scores[REQUESTS * CHAIN_ITEMS];
  recommend(&l4r_engine_beam_head, handle, REQUESTS, K, &answers);
  cr_assert_eq(l4r_engine_beam_head.score(handle, requests(), REQUESTS, scores), L4R_OK);
  for (int r = 0; r < REQUESTS; r++) {
    check_ranking(&answers.ranking[r], K);
    for (int i = 0; i < K; i++)
      cr_expect_float_eq(scores[r * CHAIN_ITEMS + answers.item[r][i] - 1], answers.score[r][i],
                         1e-5);
  }
  l4r_engine_beam_head.close(handle);
}

Test(beam_engine, lite_beam_generates_from_item_vectors) {
  const char *model = make_model(L4R_KIND_LITE_BEAM, L4R_IDS_DIGITS);
  void *handle = open_engine(&l4r_engine_beam, model, on_reference);
  static struct answers computed, cached;
  recommend(&l4r_engine_beam, handle, REQUESTS, K, &computed);
  for (int r = 0; r < REQUESTS; r++) check_ranking(&computed.ranking[r], K);
  l4r_engine_beam.close(handle);
  handle = open_engine(&l4r_engine_beam, model, on_reference);
  cr_expect_eq(test_told(&l4r_engine_beam, handle, 6).about.item_vectors_cached, 1);
  recommend(&l4r_engine_beam, handle, REQUESTS, K, &cached);
  cr_expect_arr_eq(computed.item, cached.item, sizeof computed.item);
  l4r_engine_beam.close(handle);
}

struct heard {
  int timer[16], tellings;
};

static void hear_stage(void *context, int timer) {
  struct heard *heard = context;
  if (heard->tellings < 16) heard->timer[heard->tellings] = timer;
  heard->tellings++;
}

/* What counts stages relies on it: every timer in its order, then -1, for each batch. */
Test(beam_engine, stages_are_told_in_the_timers_order) {
  static const enum l4r_kind kinds[] = {L4R_KIND_P5, L4R_KIND_P5_HEAD, L4R_KIND_LITE_BEAM};
  static const struct l4r_engine *const engines[] = {&l4r_engine_beam, &l4r_engine_beam_head,
                                                     &l4r_engine_beam};
  for (int e = 0; e < 3; e++) {
    const char *model = make_model(kinds[e], L4R_IDS_DIGITS);
    struct heard heard = {.tellings = 0};
    on_stage = (struct l4r_stage_hook){hear_stage, &heard};
    void *handle = open_engine(engines[e], model, on_reference);
    static struct answers answers;
    recommend(engines[e], handle, REQUESTS, K, &answers);
    const int timers = test_told(engines[e], handle, 6).timers.timers;
    cr_assert_eq(heard.tellings, timers + 1, "%d told, %d timers", heard.tellings, timers);
    for (int t = 0; t < timers; t++) cr_assert_eq(heard.timer[t], t);
    cr_assert_eq(heard.timer[timers], -1);
    engines[e]->close(handle);
  }
}

Test(beam_engine, the_trie_as_head_ranks_without_the_vocabulary) {
  static const char *const head[][2] = {{"trie", "head"}, {NULL, NULL}};
  static const char *const slow[][2] = {
      {"trie", "head"}, {"stack", "reference"}, {"decoder", "plain"}, {NULL, NULL}};
  const char *model = make_model(L4R_KIND_P5, L4R_IDS_TOKENS);
  void *one = open_engine(&l4r_engine_beam, model, head);
  void *other = open_engine(&l4r_engine_beam, model, slow);
  void *whole = open_engine(&l4r_engine_beam, model, NULL);
  static struct answers a, b;
  recommend(&l4r_engine_beam, one, REQUESTS, K, &a);
  recommend(&l4r_engine_beam, other, REQUESTS, K, &b);
  for (int r = 0; r < REQUESTS; r++) {
    check_ranking(&a.ranking[r], K);
    for (int i = 0; i < K; i++) cr_expect_float_eq(a.score[r][i], b.score[r][i], 1e-4);
  }
  uint64_t before = l4r_alloc_count();
  recommend(&l4r_engine_beam, one, REQUESTS, K, &b);
  cr_expect_eq(l4r_alloc_count(), before, "serving allocates nothing");
  const struct told restricted = test_told(&l4r_engine_beam, one, 6);
  const struct told all = test_told(&l4r_engine_beam, whole, 6);
  cr_expect(strstr(restricted.about.settings, "trie=head"), "%s", restricted.about.settings);
  cr_expect(strstr(all.about.settings, "trie=on"), "%s", all.about.settings);
  cr_assert_eq(restricted.cost.stages, all.cost.stages);
  cr_assert_eq(restricted.timers.timers, 2);
  cr_expect_str_eq(restricted.timers.timer[0].name, "encoding");
  cr_expect_str_eq(restricted.timers.timer[1].name, "decoding");
  cr_expect_gt(restricted.timers.timer[0].ns, 0);
  cr_expect_gt(restricted.timers.timer[1].ns, 0);
  cr_expect_eq(all.timers.timer[1].ns, 0, "nothing was asked of it");
  cr_expect_eq(all.cost.stage[0].timer, 0);
  for (int s = 1; s < all.cost.stages; s++) cr_expect_eq(all.cost.stage[s].timer, 1);
  for (int s = 1; s < all.cost.stages; s++) /* decoder, output, search */
    cr_expect(restricted.cost.stage[s].flops < all.cost.stage[s].flops, "%s",
              all.cost.stage[s].name);
  l4r_engine_beam.close(one);
  l4r_engine_beam.close(other);
  l4r_engine_beam.close(whole);
}

struct bad_option {
  char key[16], value[16], message[48];
};

Test(beam_engine, unknown_options_and_values_are_refused) {
  static const struct bad_option bad[] = {{"beam", "3", "beams"},
                                          {"beams", "0", "beams=0"},
                                          {"beams", "x", "beams=x"},
                                          {"stack", "gpu", "blis and reference"},
                                          {"trie", "maybe", "on, off and head"},
                                          {"decoder", "fast", "cached and plain"},
                                          {"precision", "fp3", "fp3"}};
  const char *model = make_model(L4R_KIND_P5, L4R_IDS_TOKENS);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    const char *const option[][2] = {{bad[i].key, bad[i].value}, {NULL, NULL}};
    void *handle = NULL;
    cr_expect_eq(try_open(&l4r_engine_beam, model, dataset, option, &handle), L4R_USAGE, "%s",
                 bad[i].key);
    cr_expect(strstr(l4r_error_message(), bad[i].message), "%s", l4r_error_message());
  }
}

Test(beam_engine, a_changed_id_map_is_refused) {
  const char *model = make_model(L4R_KIND_P5, L4R_IDS_DIGITS);
  char path[L4R_PATH_MAX], *content;
  size_t bytes;
  cr_assert_eq(l4r_path_join(path, model, "id_map.tsv"), L4R_OK);
  cr_assert_eq(l4r_read_file(path, 1, &content, &bytes), L4R_OK);
  content[bytes - 2] ^= 1; /* the last number's last digit */
  cr_assert_eq(l4r_write_file(path, content, bytes), L4R_OK);
  l4r_free(content);
  void *handle;
  cr_assert_eq(try_open(&l4r_engine_beam, model, dataset, on_reference, &handle), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "id_map.tsv: not the id map"), "%s", l4r_error_message());
}

Test(beam_engine, another_data_set_is_refused) {
  const char *model = make_model(L4R_KIND_P5, L4R_IDS_DIGITS);
  struct l4r_dataset *other = chain_dataset("other", 3);
  void *handle;
  cr_assert_eq(try_open(&l4r_engine_beam, model, other, on_reference, &handle), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "another data set"), "%s", l4r_error_message());
  l4r_dataset_close(other);
}

Test(beam_engine, requests_out_of_range_are_refused) {
  const char *model = make_model(L4R_KIND_P5, L4R_IDS_TOKENS);
  void *handle = open_engine(&l4r_engine_beam, model, on_reference);
  const l4r_item beyond[] = {CHAIN_ITEMS + 1};
  const struct l4r_request stranger = {CHAIN_USERS, beyond, 0}, unknown = {0, beyond, 1};
  l4r_item item[K];
  float score[K];
  struct l4r_ranking ranking = {.item = item, .score = score};
  cr_expect_eq(l4r_engine_beam.recommend(handle, &stranger, 1, K, &ranking), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "user 80"), "%s", l4r_error_message());
  cr_expect_eq(l4r_engine_beam.recommend(handle, &unknown, 1, K, &ranking), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "item 41"), "%s", l4r_error_message());
  l4r_engine_beam.close(handle);
}

/* --- without the history
 * -----------------------------------------------------------------------------------------------*/

static void recommend_unseen(void *handle, struct answers *answers) {
  for (int64_t r = 0; r < REQUESTS; r++)
    answers->ranking[r] = (struct l4r_ranking){.item = answers->item[r],
                                               .score = answers->score[r]};
  cr_assert_eq(
      l4r_engine_beam.recommend_unseen(handle, requests(), REQUESTS, CHAIN_ITEMS, answers->ranking),
      L4R_OK, "%s", l4r_error_message());
}

static int is_seen(const struct l4r_request *request, l4r_item item) {
  for (int64_t h = 0; h < request->length; h++)
    if (request->history[h] == item) return 1;
  return 0;
}

/* With as many beams as items nothing is cut off: the search without the history gives the whole
 * ranking without it. With few beams it gives as many items as with the history. */
static void check_unseen(const char *model, const char *const (*many)[2],
                         const char *const (*few)[2]) {
  static struct answers whole, masked;
  void *handle = open_engine(&l4r_engine_beam, model, many);
  recommend(&l4r_engine_beam, handle, REQUESTS, CHAIN_ITEMS, &whole);
  recommend_unseen(handle, &masked);
  for (int r = 0; r < REQUESTS; r++) {
    const struct l4r_request *request = &requests()[r];
    int64_t left = 0;
    check_ranking(&whole.ranking[r], CHAIN_ITEMS);
    for (int i = 0; i < CHAIN_ITEMS; i++) {
      if (is_seen(request, whole.item[r][i])) continue;
      cr_assert_lt(left, masked.ranking[r].count, "request %d", r);
      cr_expect_float_eq(masked.score[r][left], whole.score[r][i], 1e-4, "request %d, place %d", r,
                         (int)left);
      const int near = left && fabsf(masked.score[r][left] - masked.score[r][left - 1]) < 2e-4f;
      cr_expect(near || masked.item[r][left] == whole.item[r][i] ||
                    fabsf(whole.score[r][i] - whole.score[r][i + 1 < CHAIN_ITEMS ? i + 1 : i]) <
                        2e-4f,
                "request %d, place %d: item %d, not %d", r, (int)left, masked.item[r][left],
                whole.item[r][i]);
      left++;
    }
    check_ranking(&masked.ranking[r], left);
  }
  recommend(&l4r_engine_beam, handle, REQUESTS, CHAIN_ITEMS, &masked);
  cr_expect_arr_eq(masked.item, whole.item, sizeof whole.item, "exclusions stay with their call");
  l4r_engine_beam.close(handle);
  handle = open_engine(&l4r_engine_beam, model, few);
  recommend_unseen(handle, &masked);
  for (int r = 0; r < REQUESTS; r++) {
    check_ranking(&masked.ranking[r], 20);
    for (int i = 0; i < 20; i++)
      cr_expect(!is_seen(&requests()[r], masked.item[r][i]), "request %d ranks item %d", r,
                masked.item[r][i]);
  }
  l4r_engine_beam.close(handle);
}

static void check_every_search(const char *model) {
  static const char *const stacks[] = {"reference", "blis"}, *const decoders[] = {"plain",
                                                                                  "cached"};
  static const char *const tries[] = {"on", "head"};
  for (int c = 0; c < 8; c += test_every()) {
    const char *stack = stacks[c % 2], *decoder = decoders[c / 2 % 2], *trie = tries[c / 4];
    const char *const many[][2] = {
        {"stack", stack}, {"decoder", decoder}, {"trie", trie}, {"beams", "40"}, {NULL, NULL}};
    const char *const few[][2] = {
        {"stack", stack}, {"decoder", decoder}, {"trie", trie}, {NULL, NULL}};
    check_unseen(model, many, few);
  }
}

Test(beam_engine, unseen_equals_the_whole_ranking_without_the_history_by_digits) {
  check_every_search(chain_ids_model(&dataset, L4R_KIND_P5, L4R_IDS_SEQUENTIAL, L4R_IDS_DIGITS));
}
Test(beam_engine, unseen_equals_the_whole_ranking_without_the_history_by_tokens) {
  check_every_search(chain_ids_model(&dataset, L4R_KIND_P5, L4R_IDS_RANDOM, L4R_IDS_TOKENS));
}
Test(beam_engine, unseen_equals_the_whole_ranking_without_the_history_by_paths) {
  check_every_search(chain_ids_model(&dataset, L4R_KIND_P5, L4R_IDS_COLLABORATIVE, L4R_IDS_TOKENS));
}
Test(beam_engine, unseen_equals_the_whole_ranking_without_the_history_by_paths_of_digits) {
  check_every_search(chain_ids_model(&dataset, L4R_KIND_P5, L4R_IDS_COLLABORATIVE, L4R_IDS_DIGITS));
}
Test(beam_engine, unseen_equals_the_whole_ranking_without_the_history_by_items) {
  check_every_search(chain_ids_model(&dataset, L4R_KIND_P5, L4R_IDS_COLLABORATIVE, L4R_IDS_ITEMS));
}
Test(beam_engine, unseen_equals_the_whole_ranking_without_the_history_by_codes) {
  check_every_search(chain_semantic_model(&dataset, L4R_KIND_P5));
}
Test(beam_engine, unseen_equals_the_whole_ranking_without_the_history_of_lite_beam_by_codes) {
  check_every_search(chain_semantic_model(&dataset, L4R_KIND_LITE_BEAM));
}
Test(beam_engine, unseen_equals_the_whole_ranking_without_the_history_behind_words) {
  check_every_search(chain_worded_model(&dataset, L4R_IDS_DIGITS));
}
Test(beam_engine, a_head_reads_semantic_ids_in_its_prompt) {
  const char *model = chain_semantic_model(&dataset, L4R_KIND_P5_HEAD);
  static float reference[REQUESTS * CHAIN_ITEMS], blis[REQUESTS * CHAIN_ITEMS];
  static const char *const on_blis[][2] = {{"stack", "blis"}, {NULL, NULL}};
  void *one = open_engine(&l4r_engine_beam_head, model, on_reference);
  void *other = open_engine(&l4r_engine_beam_head, model, on_blis);
  cr_assert_eq(l4r_engine_beam_head.score(one, requests(), REQUESTS, reference), L4R_OK);
  cr_assert_eq(l4r_engine_beam_head.score(other, requests(), REQUESTS, blis), L4R_OK);
  for (int i = 0; i < REQUESTS * CHAIN_ITEMS; i++)
    cr_expect_float_eq(blis[i], reference[i], 1e-4f * (1 + fabsf(reference[i])), "score %d", i);
  l4r_engine_beam_head.close(one);
  l4r_engine_beam_head.close(other);
}
Test(beam_engine, free_generation_of_digits_behind_words_is_refused) {
  static const char *const off[][2] = {{"trie", "off"}, {NULL, NULL}};
  const char *model = chain_worded_model(&dataset, L4R_IDS_DIGITS);
  void *handle;
  cr_expect_eq(try_open(&l4r_engine_beam, model, dataset, off, &handle), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "trie=on"), "%s", l4r_error_message());
}
Test(beam_engine, unseen_equals_the_whole_ranking_without_the_history_of_lite_beam) {
  check_every_search(
      chain_ids_model(&dataset, L4R_KIND_LITE_BEAM, L4R_IDS_SEQUENTIAL, L4R_IDS_DIGITS));
}

Test(beam_engine, free_generation_says_that_it_cannot_leave_out) {
  static const char *const off[][2] = {{"trie", "off"}, {NULL, NULL}};
  const char *model = make_model(L4R_KIND_P5, L4R_IDS_DIGITS);
  void *handle = open_engine(&l4r_engine_beam, model, off);
  static struct answers answers;
  cr_expect_eq(test_told(&l4r_engine_beam, handle, 6).about.unseen, 0);
  answers.ranking[0] = (struct l4r_ranking){.item = answers.item[0], .score = answers.score[0]};
  cr_expect_eq(l4r_engine_beam.recommend_unseen(handle, requests(), 1, K, answers.ranking),
               L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "trie=on"), "%s", l4r_error_message());
  l4r_engine_beam.close(handle);
}
