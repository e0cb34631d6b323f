/* SPDX-License-Identifier: BSD-3-Clause */
/* A catalogue divided among one rank: the same code path as among many (tests/mpi/serve.sh), and
 * what is refused. */
#include "tests/lite/world.h"

#include "impl/base/error.h"
#include "impl/lite/lite.h"
#include "impl/lite/parts.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <string.h>

static int open_with(const struct world *world, const struct l4r_option *option, int options,
                     void **handle) {
  const struct l4r_open_options given = {.model = world->model,
                                         .dataset = world->dataset,
                                         .option = option,
                                         .options = options,
                                         .max_batch = 2,
                                         .max_k = WORLD_ITEMS};
  return l4r_engine_lite_blis.open(&given, handle);
}

enum { REQUESTS = 3 };
static const l4r_item histories[REQUESTS][4] = {{0}, {7}, {3, 40, 1, 3}};

static void answer(void *handle, l4r_item item[REQUESTS][WORLD_ITEMS],
                   float score[REQUESTS][WORLD_ITEMS], float *all) {
  const struct l4r_request request[REQUESTS] = {
      {0, histories[0], 0}, {1, histories[1], 1}, {2, histories[2], 4}};
  struct l4r_ranking ranking[REQUESTS];
  for (int r = 0; r < REQUESTS; r++) ranking[r] = (struct l4r_ranking){item[r], score[r], -1};
  test_ok(l4r_engine_lite_blis.recommend(handle, request, REQUESTS, WORLD_ITEMS, ranking));
  for (int r = 0; r < REQUESTS; r++) cr_assert_eq(ranking[r].count, WORLD_ITEMS);
  test_ok(l4r_engine_lite_blis.score(handle, request, REQUESTS, all));
}

Test(lite_shards, one_shard_answers_as_no_shards_bit_by_bit) {
  static l4r_item item[2][REQUESTS][WORLD_ITEMS];
  static float score[2][REQUESTS][WORLD_ITEMS], all[2][REQUESTS * WORLD_ITEMS];
  const struct l4r_option option[] = {{"isa", "portable"}, {"cache", "off"}, {"shards", "1"}};
  for (int model = 0; model < WORLD_MODELS; model++) {
    struct world world;
    test_world_make(model, &world);
    for (int s = 0; s < 2; s++) {
      void *handle;
      test_ok(open_with(&world, option, 2 + s, &handle));
      cr_assert_eq(l4r_lite_shards(handle), s);
      answer(handle, item[s], score[s], all[s]);
      l4r_engine_lite_blis.close(handle);
    }
    cr_assert(!memcmp(item[0], item[1], sizeof item[0]), "model %d", model);
    cr_assert(!memcmp(score[0], score[1], sizeof score[0]), "model %d", model);
    cr_assert(!memcmp(all[0], all[1], sizeof all[0]), "model %d", model);
    test_world_close(&world);
  }
}

Test(lite_shards, a_rank_says_what_it_holds) {
  const struct l4r_option option[] = {{"shards", "1"}};
  struct l4r_shard_report report;
  struct world world;
  void *handle;
  test_world_make(2, &world);
  test_ok(open_with(&world, option, 1, &handle));
  test_ok(l4r_lite_shard_reports(handle, &report));
  cr_assert_eq(report.items, WORLD_ITEMS);
  cr_assert(*report.host && report.resident_bytes > 0 && !report.sent_bytes);
  cr_assert(report.weights_bytes > WORLD_ITEMS * 64 * 4);
  l4r_engine_lite_blis.close(handle);
  test_world_close(&world);
}

Test(lite_shards, states_alone_are_not_given) {
  const struct l4r_option option[] = {{"shards", "1"}};
  const struct l4r_request request = {0, histories[1], 1};
  float state[64];
  struct world world;
  void *handle;
  test_world_make(2, &world);
  test_ok(open_with(&world, option, 1, &handle));
  cr_assert_eq(l4r_lite_states(handle, &request, 1, state), L4R_USAGE);
  l4r_engine_lite_blis.close(handle);
  test_world_close(&world);
}

Test(lite_shards, what_cannot_be_divided_is_refused_with_the_reason) {
  static const struct {
    struct l4r_option option[2];
    int options;
    const char *reason;
  } cases[] = {{{{"shards", "2"}}, 1, "this process is alone"},
               {{{"shards", "0"}}, 1, "wants the number of ranks"},
               {{{"shards", "-1"}}, 1, "wants the number of ranks"},
               {{{"shards", "all"}}, 1, "wants the number of ranks"},
               {{{"shards", "1"}, {"items", "live"}}, 2, "items=live keeps none"}};
  struct world world;
  test_world_make(0, &world);
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    void *handle;
    cr_assert_eq(open_with(&world, cases[c].option, cases[c].options, &handle), L4R_USAGE);
    cr_assert(strstr(l4r_error_message(), cases[c].reason), "%s", l4r_error_message());
  }
  test_world_close(&world);
}
