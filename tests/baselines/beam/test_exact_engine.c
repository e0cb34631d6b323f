/* SPDX-License-Identifier: BSD-3-Clause */
/* The engine with search=exact on folders with random weights: for every id scheme the same as
 * beams that cut nothing off, with and without the history, and refusals. */
#include "baselines/beam/engine.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "tests/baselines/beam/chain.h"
#include "tests/support/every.h"
#include "tests/support/models.h"
#include "tests/support/told.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { REQUESTS = 5, OPTIONS_MAX = 6, FEW = 7 };

static struct l4r_dataset *dataset;

static int try_open(const char *model, const struct l4r_option *option, void **handle) {
  int64_t count = 0;
  while (count < OPTIONS_MAX && option[count].key) count++;
  const struct l4r_open_options options = {.model = model,
                                           .dataset = dataset,
                                           .option = option,
                                           .options = count,
                                           .max_batch = REQUESTS,
                                           .max_k = CHAIN_ITEMS};
  return l4r_engine_beam.open(&options, handle);
}

static void *open_engine(const char *model, const struct l4r_option *option) {
  void *handle;
  cr_assert_eq(try_open(model, option, &handle), L4R_OK, "%s", l4r_error_message());
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
      {0, history, 9}, {1, history, 1}, {79, history, 6}, {33, history + 3, 6}, {5, history, 0}};
  return request;
}

static void recommend(void *handle, int unseen, int64_t k, struct answers *answers) {
  for (int64_t r = 0; r < REQUESTS; r++)
    answers->ranking[r] = (struct l4r_ranking){.item = answers->item[r],
                                               .score = answers->score[r]};
  const int status = unseen ? l4r_engine_beam.recommend_unseen(handle, requests(), REQUESTS, k,
                                                               answers->ranking)
                            : l4r_engine_beam.recommend(handle, requests(), REQUESTS, k,
                                                        answers->ranking);
  cr_assert_eq(status, L4R_OK, "%s", l4r_error_message());
}

/* Item by item: each has the score that the other search gives it, and none before it is worse. */
static void compare(const struct answers *exact, const struct answers *beams, int64_t k,
                    const char *where) {
  for (int r = 0; r < REQUESTS; r++) {
    const struct l4r_ranking *mine = &exact->ranking[r], *all = &beams->ranking[r];
    cr_assert_eq(mine->count, k < all->count ? k : all->count, "%s, request %d: %d items", where, r,
                 (int)mine->count);
    for (int64_t i = 0; i < mine->count; i++) {
      int64_t at = 0;
      while (at < all->count && all->item[at] != mine->item[i]) at++;
      cr_assert_lt(at, all->count, "%s, request %d: item %d", where, r, mine->item[i]);
      const float tolerance = 1e-5f + 1e-4f * fabsf(all->score[at]);
      cr_assert_float_eq(mine->score[i], all->score[at], tolerance, "%s, request %d, item %d",
                         where, r, mine->item[i]);
      cr_assert_float_eq(mine->score[i], all->score[i], tolerance, "%s, request %d, place %d",
                         where, r, (int)i);
    }
  }
}

static void check_options(const char *model, const char *stack, const char *decoder,
                          const char *trie, const char *penalty) {
  static struct answers beams, exact;
  char where[96];
  snprintf(where, sizeof where, "%s, %s, trie %s, penalty %s", stack, decoder, trie, penalty);
  const struct l4r_option many[OPTIONS_MAX] = {{"stack", stack}, {"decoder", decoder},
                                               {"trie", trie},   {"length_penalty", penalty},
                                               {"beams", "40"},  {NULL, NULL}};
  const struct l4r_option whole[OPTIONS_MAX] = {{"stack", stack},    {"decoder", decoder},
                                                {"trie", trie},      {"length_penalty", penalty},
                                                {"search", "exact"}, {NULL, NULL}};
  void *other = open_engine(model, many), *handle = open_engine(model, whole);
  for (int unseen = 0; unseen < 2; unseen++) {
    recommend(other, unseen, CHAIN_ITEMS, &beams);
    recommend(handle, unseen, CHAIN_ITEMS, &exact);
    compare(&exact, &beams, CHAIN_ITEMS, where);
    recommend(handle, unseen, FEW, &exact);
    compare(&exact, &beams, FEW, where);
  }
  l4r_engine_beam.close(other);
  l4r_engine_beam.close(handle);
}

static void check_model(const char *model) {
  static const char *const stacks[] = {"reference", "blis"}, *const decoders[] = {"plain",
                                                                                  "cached"};
  static const char *const tries[] = {"on", "head"}, *const penalties[] = {"0", "1"};
  for (int c = 0; c < 16; c += test_every())
    check_options(model, stacks[c % 2], decoders[c / 2 % 2], tries[c / 4 % 2], penalties[c / 8]);
}

Test(exact_engine, equals_beams_to_spare_by_digits) {
  check_model(chain_ids_model(&dataset, L4R_KIND_P5, L4R_IDS_SEQUENTIAL, L4R_IDS_DIGITS));
}
Test(exact_engine, equals_beams_to_spare_by_tokens) {
  check_model(chain_ids_model(&dataset, L4R_KIND_P5, L4R_IDS_RANDOM, L4R_IDS_TOKENS));
}
Test(exact_engine, equals_beams_to_spare_by_paths) {
  check_model(chain_ids_model(&dataset, L4R_KIND_P5, L4R_IDS_COLLABORATIVE, L4R_IDS_TOKENS));
}
Test(exact_engine, equals_beams_to_spare_by_paths_of_digits) {
  check_model(chain_ids_model(&dataset, L4R_KIND_P5, L4R_IDS_COLLABORATIVE, L4R_IDS_DIGITS));
}
Test(exact_engine, equals_beams_to_spare_by_items) {
  check_model(chain_ids_model(&dataset, L4R_KIND_P5, L4R_IDS_COLLABORATIVE, L4R_IDS_ITEMS));
}
Test(exact_engine, equals_beams_to_spare_by_codes) {
  check_model(chain_semantic_model(&dataset, L4R_KIND_P5));
}
Test(exact_engine, equals_beams_to_spare_behind_the_words_of_an_answer) {
  check_model(chain_worded_model(&dataset, L4R_IDS_TOKENS));
}
Test(exact_engine, equals_beams_to_spare_of_lite_beam) {
  check_model(chain_ids_model(&dataset, L4R_KIND_LITE_BEAM, L4R_IDS_SEQUENTIAL, L4R_IDS_DIGITS));
}

Test(exact_engine, says_what_it_does_and_what_that_costs) {
  static const struct l4r_option by_sum[] = {{"search", "exact"}, {NULL, NULL}};
  static const struct l4r_option by_mean[] = {
      {"search", "exact"}, {"length_penalty", "1"}, {"trie", "head"}, {NULL, NULL}};
  static struct answers answers;
  const char *model = chain_ids_model(&dataset, L4R_KIND_P5, L4R_IDS_SEQUENTIAL, L4R_IDS_TOKENS);
  void *handle = open_engine(model, by_sum);
  const struct told bound = test_told(&l4r_engine_beam, handle, 6);
  recommend(handle, 0, FEW, &answers);
  const uint64_t before = l4r_alloc_count();
  recommend(handle, 0, FEW, &answers);
  cr_expect_eq(l4r_alloc_count(), before, "serving allocates nothing");
  struct told told = test_told(&l4r_engine_beam, handle, 6);
  cr_expect(strstr(told.about.settings,
                   ",search=exact,trie=on,decoder=cached,length_penalty=0,max_tokens="),
            "%s", told.about.settings);
  cr_expect_eq(told.about.unseen, 1);
  cr_expect_eq(told.timers.short_rankings, 0);
  cr_expect_eq(told.timers.invalid_strings, 0);
  cr_expect_gt(told.timers.timer[1].ns, 0);
  cr_assert_eq(told.cost.stages, bound.cost.stages);
  cr_expect_eq(told.cost.stage[0].flops, bound.cost.stage[0].flops);
  for (int s = 1; s < told.cost.stages; s++)
    cr_expect(told.cost.stage[s].flops > 0 && told.cost.stage[s].flops <= bound.cost.stage[s].flops,
              "%s", told.cost.stage[s].name);
  l4r_engine_beam.close(handle);
  handle = open_engine(model, by_mean);
  recommend(handle, 1, CHAIN_ITEMS, &answers);
  told = test_told(&l4r_engine_beam, handle, 6);
  cr_expect(strstr(told.about.settings,
                   ",search=exact,trie=head,decoder=cached,length_penalty=1,max_tokens="),
            "%s", told.about.settings);
  cr_expect_eq(told.timers.short_rankings, REQUESTS - 1, "four histories are not empty");
  l4r_engine_beam.close(handle);
}

Test(exact_engine, refuses_beams_free_generation_and_unknown_values) {
  static const struct {
    struct l4r_option option[OPTIONS_MAX];
    const char *message;
  } bad[] = {{{{"search", "exact"}, {"beams", "20"}}, "has no beams"},
             {{{"search", "exact"}, {"trie", "off"}}, "choose on or head"},
             {{{"search", "greedy"}}, "beam and exact"},
             {{{"search", "exact"}, {"length_penalty", "2"}}, "0 and 1"},
             {{{"length_penalty", "x"}}, "0 and 1"}};
  const char *model = chain_ids_model(&dataset, L4R_KIND_P5, L4R_IDS_SEQUENTIAL, L4R_IDS_TOKENS);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    void *handle = NULL;
    test_fails(try_open(model, bad[i].option, &handle), L4R_USAGE, bad[i].message);
  }
  const char *head = chain_ids_model(&dataset, L4R_KIND_P5_HEAD, L4R_IDS_SEQUENTIAL,
                                     L4R_IDS_DIGITS);
  static const struct l4r_option exact[] = {{"search", "exact"}, {NULL, NULL}};
  void *handle = NULL;
  test_fails(try_open(head, exact, &handle), L4R_USAGE, "search");
}
