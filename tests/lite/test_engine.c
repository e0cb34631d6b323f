/* SPDX-License-Identifier: BSD-3-Clause */
/* The Lite engines end to end: scores and rankings against the definition, item vectors cached,
 * read back and refused when damaged, options, bounds, and what describe says. */
#include "tests/lite/world.h"

#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/lite/lite.h"
#include "tests/support/files.h"
#include "tests/support/t5.h"
#include "tests/support/told.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IN_THREE = 2 }; /* engines by number: 0 reference, 1 blis, 2 blis in bf16x3 */

static const struct l4r_engine *engine_of(int number) {
  return number ? &l4r_engine_lite_blis : &l4r_engine_lite_reference;
}

static int open_with(int engine, const struct world *world, struct l4r_team *team,
                     const char *items, const char *cache, void **handle) {
  const struct l4r_option option[] = {{"items", items},
                                      {"cache", cache},
                                      {"precision", engine == IN_THREE ? "bf16x3" : "fp32"},
                                      {"fallback", engine == IN_THREE ? "on" : "off"}};
  const struct l4r_open_options options = {.model = world->model,
                                           .dataset = world->dataset,
                                           .team = team,
                                           .option = option,
                                           .options = 4,
                                           .max_batch = 3,
                                           .max_k = WORLD_ITEMS};
  return engine_of(engine)->open(&options, handle);
}

/* Histories of length 0, 1, below, at and above T_max, with a repeated item. */
enum { REQUESTS = 5 };
static const l4r_item histories[REQUESTS][9] = {
    {0}, {7}, {3, 40, 1, 3}, {9, 8, 7, 6, 5, 4}, {30, 31, 9, 18, 27, 36, 2, 2, 11}};
static const int64_t lengths[REQUESTS] = {0, 1, 4, 6, 9};

static void make_requests(struct l4r_request *request) {
  for (int r = 0; r < REQUESTS; r++)
    request[r] = (struct l4r_request){.user = r, .history = histories[r], .length = lengths[r]};
}

struct place {
  int engine, model, workers;
};
static struct place places[] = {
    {0, 0, 1},        {0, 1, 2},        {0, 2, 1}, {0, 3, 2}, {1, 0, 2}, {1, 1, 1},
    {1, 2, 2},        {1, 3, 1},        {0, 4, 2}, {1, 4, 1}, {1, 4, 2}, {IN_THREE, 0, 2},
    {IN_THREE, 2, 1}, {IN_THREE, 4, 2}, {0, 5, 2}, {1, 5, 1}, {1, 5, 2}, {IN_THREE, 5, 1}};

ParameterizedTestParameters(lite_engine, scores_are_the_definition) {
  return cr_make_param_array(struct place, places, sizeof places / sizeof *places);
}

ParameterizedTest(struct place *place, lite_engine, scores_are_the_definition) {
  struct world world;
  struct l4r_team *team = NULL;
  struct l4r_request request[REQUESTS];
  float want[REQUESTS * WORLD_ITEMS], got[REQUESTS * WORLD_ITEMS];
  test_world_make(place->model, &world);
  if (place->workers > 1) test_ok(l4r_team_create(place->workers, NULL, &team));
  make_requests(request);
  for (int r = 0; r < REQUESTS; r++)
    test_world_scores(&world, histories[r], lengths[r], want + r * WORLD_ITEMS);
  static const char *const items[] = {"cached", "live"};
  for (int live = 0; live < 2; live++) {
    void *handle;
    test_ok(open_with(place->engine, &world, team, items[live], "off", &handle));
    test_ok(engine_of(place->engine)->score(handle, request, REQUESTS, got));
    test_t5_close(items[live], got, want, REQUESTS, WORLD_ITEMS);
    engine_of(place->engine)->close(handle);
  }
  l4r_team_free(team);
  test_world_close(&world);
}

/* Rankings are the sorted scores, whatever the size of a call, and serving takes no memory. */
ParameterizedTestParameters(lite_engine, rankings_are_the_sorted_scores) {
  return cr_make_param_array(struct place, places, sizeof places / sizeof *places);
}

ParameterizedTest(struct place *place, lite_engine, rankings_are_the_sorted_scores) {
  struct world world;
  struct l4r_request request[REQUESTS];
  float scores[REQUESTS * WORLD_ITEMS], score[REQUESTS][WORLD_ITEMS], sorted[WORLD_ITEMS];
  l4r_item item[REQUESTS][WORLD_ITEMS], order[WORLD_ITEMS];
  struct l4r_ranking ranking[REQUESTS], want = {.item = order, .score = sorted};
  const struct l4r_engine *engine = engine_of(place->engine);
  void *handle;
  test_world_make(place->model, &world);
  make_requests(request);
  test_ok(open_with(place->engine, &world, NULL, "cached", "off", &handle));
  test_ok(engine->score(handle, request, REQUESTS, scores));
  for (int64_t k = 1; k <= WORLD_ITEMS; k += 13) {
    for (int r = 0; r < REQUESTS; r++)
      ranking[r] = (struct l4r_ranking){.item = item[r], .score = score[r]};
    const uint64_t before = l4r_alloc_count();
    test_ok(engine->recommend(handle, request, REQUESTS, k, ranking));
    cr_expect_eq(l4r_alloc_count(), before, "serving took memory");
    for (int r = 0; r < REQUESTS; r++) {
      l4r_top_k(scores + r * WORLD_ITEMS, WORLD_ITEMS, world.dataset->train_count, k, &want);
      cr_assert_eq(ranking[r].count, k);
      test_t5_close("sorted scores", score[r], sorted, 1, k);
      for (int64_t i = 0; i < k; i++) /* near-ties may change places */
        cr_assert_float_eq(scores[r * WORLD_ITEMS + item[r][i] - 1], sorted[i], 1e-3,
                           "request %d, rank %lld: item %d", r, (long long)i, item[r][i]);
    }
  }
  cr_expect_eq(engine->recommend(handle, request, 1, WORLD_ITEMS + 1, ranking), L4R_USAGE);
  const l4r_item stranger = WORLD_ITEMS + 1;
  const struct l4r_request bad = {.history = &stranger, .length = 1};
  cr_expect_eq(engine->recommend(handle, &bad, 1, 1, ranking), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "41"), "names the item: %s", l4r_error_message());
  engine->close(handle);
  test_world_close(&world);
}

/* The name of the one file of item vectors in the model folder; "" when there is none. */
static const char *cache_file(const struct world *world) {
  static char path[8192];
  path[0] = '\0';
  DIR *folder = opendir(world->model);
  cr_assert_not_null(folder);
  for (struct dirent *entry; (entry = readdir(folder));)
    if (strncmp(entry->d_name, "item_vectors-", 13) == 0) {
      cr_assert_eq(path[0], '\0', "one file only");
      snprintf(path, sizeof path, "%s/%s", world->model, entry->d_name);
    }
  closedir(folder);
  return path;
}

/* Opens, scores request 4, and says whether the vectors came from the cache. */
static int cached_scores(const struct world *world, int engine, const char *cache, float *scores) {
  struct l4r_request request[REQUESTS];
  void *handle;
  make_requests(request);
  test_ok(open_with(engine, world, NULL, "cached", cache, &handle));
  test_ok(engine_of(engine)->score(handle, request + 4, 1, scores));
  const int cached = test_told(engine_of(engine), handle, 5).about.item_vectors_cached;
  engine_of(engine)->close(handle);
  return cached;
}

static void overwrite(const char *path, long place, int whence, const char *bytes, size_t count) {
  FILE *file = fopen(path, "r+b");
  cr_assert_not_null(file);
  fseek(file, place, whence);
  fwrite(bytes, 1, count, file);
  fclose(file);
}

Test(lite_engine, item_vectors_are_kept_and_a_damaged_file_is_computed_again) {
  struct world world;
  float first[WORLD_ITEMS], again[WORLD_ITEMS];
  test_world_make(1, &world);
  cr_expect_eq(cached_scores(&world, 0, "off", first), 0);
  cr_expect_str_eq(cache_file(&world), "", "cache=off writes nothing");
  cr_expect_eq(cached_scores(&world, 0, "on", first), 0);
  char path[8192];
  snprintf(path, sizeof path, "%s", cache_file(&world));
  cr_assert_str_neq(path, "");
  cr_expect_eq(cached_scores(&world, 0, "on", again), 1);
  test_t5_same_bits("scores from cached vectors", again, first, 1, WORLD_ITEMS);
  cr_expect_eq(cached_scores(&world, 0, "off", again), 0, "cache=off reads nothing");

  overwrite(path, -600, SEEK_END, "\x7f\x7f\x7f\x7f", 4); /* a vector: only the checksum knows */
  cr_expect_eq(cached_scores(&world, 0, "on", again), 0, "a changed vector is noticed");
  test_t5_same_bits("scores after a damaged cache", again, first, 1, WORLD_ITEMS);
  cr_expect_eq(cached_scores(&world, 0, "on", again), 1, "and written again");
  overwrite(path, 20, SEEK_SET, "zz", 2);
  cr_expect_eq(cached_scores(&world, 0, "on", again), 0, "another key is noticed");
  cr_assert_eq(truncate(path, 100), 0);
  cr_expect_eq(cached_scores(&world, 0, "on", again), 0, "a short file is noticed");
  test_t5_same_bits("scores after a short cache", again, first, 1, WORLD_ITEMS);
  test_world_close(&world);
}

/* Which set of BLIS is up differs from process to process where two are equally fast, and it
 * multiplies nothing here. */
Test(lite_engine, kept_vectors_are_found_whatever_blis_runs) {
  static const char *const sets[] = {"skx", "zen3", "haswell", "cortexa57", "generic"};
  struct world world;
  float scores[WORLD_ITEMS];
  test_world_make(1, &world);
  for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
    fflush(NULL);
    const pid_t child = fork(); /* a process has one BLIS */
    if (!child) {
      setenv(L4R_BLAS_VARIABLE, sets[s], 1); /* ignored where this processor has no such set */
      _exit(cached_scores(&world, 1, "on", scores));
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == (s > 0), "%s", sets[s]);
  }
  test_world_close(&world);
}

Test(lite_engine, item_vectors_that_cannot_be_kept_are_a_warning_only) {
  struct world world;
  float first[WORLD_ITEMS], again[WORLD_ITEMS];
  test_world_make(0, &world);
  cached_scores(&world, 0, "on", first);
  char path[8192];
  snprintf(path, sizeof path, "%s", cache_file(&world));
  cr_assert_eq(remove(path), 0);
  cr_assert_eq(mkdir(path, 0700), 0); /* nobody, not even root, writes a file there */
  cr_expect_eq(cached_scores(&world, 0, "on", again), 0);
  test_t5_same_bits("scores", again, first, 1, WORLD_ITEMS);
  test_world_close(&world);
}

Test(lite_engine, other_weights_have_another_cache) {
  struct world world;
  float scores[WORLD_ITEMS];
  test_world_make(0, &world);
  cached_scores(&world, 0, "on", scores);
  char first[8192];
  snprintf(first, sizeof first, "%s", cache_file(&world));
  cr_assert_eq(remove(first), 0);
  struct l4r_model *model;
  test_ok(l4r_model_open(world.model, world.dataset, &model));
  float *values = l4r_alloc((size_t)model->tensors.floats, sizeof *values, "a model");
  l4r_tensors_init(&model->tensors, 6, values);
  test_ok(l4r_model_write(world.model, &model->config, &model->tensors, values));
  l4r_model_close(model);
  l4r_free(values);
  cr_expect_eq(cached_scores(&world, 0, "on", scores), 0);
  cr_expect_str_neq(cache_file(&world), first);
  test_world_close(&world);
}

/* Opens a model of ids with its table in memory or in the file. */
static int open_table(const struct world *world, int engine, const char *table, void **handle) {
  const struct l4r_option option[] = {{"table", table}, {"isa", "portable"}};
  const struct l4r_open_options options = {.model = world->model,
                                           .dataset = world->dataset,
                                           .option = option,
                                           .options = 1 + engine,
                                           .max_batch = 3,
                                           .max_k = WORLD_ITEMS};
  return engine_of(engine)->open(&options, handle);
}

Test(lite_engine, a_table_in_the_file_answers_as_one_in_memory) {
  static const int models[] = {2, 4}; /* a free head, a tied one */
  struct l4r_request request[REQUESTS];
  make_requests(request);
  for (int run = 0; run < 4; run++) {
    const int engine = run % 2;
    static float scores[2][REQUESTS * WORLD_ITEMS];
    int64_t bytes[2];
    struct world world;
    test_world_make(models[run / 2], &world);
    for (int file = 0; file < 2; file++) {
      void *handle;
      test_ok(open_table(&world, engine, file ? "file" : "memory", &handle));
      const struct told told = test_told(engine_of(engine), handle, 4);
      bytes[file] = told.about.weights_bytes;
      cr_expect_eq(strstr(told.about.settings, ",table=file") != NULL, file, "%s",
                   told.about.settings);
      test_ok(engine_of(engine)->score(handle, request, REQUESTS, scores[file]));
      engine_of(engine)->close(handle);
    }
    test_t5_same_bits("scores", scores[1], scores[0], REQUESTS, WORLD_ITEMS);
    cr_expect_eq(bytes[0] - bytes[1], WORLD_ITEMS * 64 * 4, "the table is not held: %lld",
                 (long long)(bytes[0] - bytes[1]));
    cr_expect_str_eq(cache_file(&world), "", "rows of ids are stored once");
    test_world_close(&world);
  }
}

Test(lite_engine, a_table_whose_file_was_cut_is_an_error_of_the_request) {
  struct l4r_request request[REQUESTS];
  float scores[REQUESTS * WORLD_ITEMS];
  char path[4200];
  struct world world;
  void *handle;
  make_requests(request);
  test_world_make(2, &world);
  test_ok(open_table(&world, 0, "file", &handle));
  snprintf(path, sizeof path, "%s/model.safetensors", world.model);
  cr_assert_eq(truncate(path, 100), 0);
  cr_expect_eq(l4r_engine_lite_reference.score(handle, request, REQUESTS, scores), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "has changed since it was opened"), "%s",
            l4r_error_message());
  l4r_engine_lite_reference.close(handle);
  test_world_close(&world);
}

Test(lite_engine, vectors_of_texts_are_in_no_file) {
  struct world world;
  void *handle;
  test_world_make(0, &world);
  cr_expect_eq(open_table(&world, 0, "file", &handle), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "leave the option out"), "%s", l4r_error_message());
  cr_expect_eq(open_table(&world, 0, "disk", &handle), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "memory and file"), "%s", l4r_error_message());
  const struct l4r_option live[] = {{"items", "live"}, {"table", "file"}};
  const struct l4r_open_options options = {.model = world.model,
                                           .dataset = world.dataset,
                                           .option = live,
                                           .options = 2,
                                           .max_batch = 1,
                                           .max_k = 1};
  cr_expect_eq(l4r_engine_lite_reference.open(&options, &handle), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "items=live keeps none"), "%s", l4r_error_message());
  test_world_close(&world);
}

static int open_option(const struct world *world, const char *key, const char *value) {
  const struct l4r_option option = {key, value};
  const struct l4r_open_options options = {.model = world->model,
                                           .dataset = world->dataset,
                                           .option = &option,
                                           .options = 1,
                                           .max_batch = 1,
                                           .max_k = 1};
  void *handle;
  return l4r_engine_lite_reference.open(&options, &handle);
}

Test(lite_engine, options_are_checked) {
  struct world world;
  test_world_make(2, &world);
  cr_expect_eq(open_option(&world, "beams", "3"), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "precision") && strstr(l4r_error_message(), "items"),
            "lists the known keys: %s", l4r_error_message());
  cr_expect_eq(open_option(&world, "items", "dead"), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "live"), "%s", l4r_error_message());
  cr_expect_eq(open_option(&world, "cache", "maybe"), L4R_USAGE);
  cr_expect_eq(open_option(&world, "precision", "fp7"), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "fp32"), "%s", l4r_error_message());
  test_world_close(&world);
}

Test(lite_engine, a_model_of_another_data_set_is_refused) {
  struct world world;
  test_world_make(2, &world);
  snprintf(world.dataset->sha256, sizeof world.dataset->sha256, "%064d", 7);
  cr_expect_eq(open_option(&world, "cache", "off"), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), world.model), "names the folder: %s", l4r_error_message());
  test_world_close(&world);
}

Test(lite_engine, describes_its_cost) {
  struct world world;
  struct told told;
  void *handle;
  test_world_make(0, &world);
  test_ok(open_with(0, &world, NULL, "cached", "off", &handle));
  told = test_told(&l4r_engine_lite_reference, handle, 4);
  cr_expect_str_eq(told.about.precision, "fp32");
  cr_expect(strstr(told.about.settings, "items=cached"), "%s", told.about.settings);
  cr_assert_eq(told.cost.stages, 4);
  cr_expect_str_eq(told.cost.stage[0].name, "item encoding");
  cr_expect_eq(told.cost.stage[0].flops, 0, "cached vectors cost no arithmetic");
  /* tiny, causal, 4 positions, 2 blocks: 4 * 64 * 64 + 2 * 64 * 256 weights, 10 pairs of 64 */
  cr_expect_float_eq(told.cost.stage[1].flops, 2 * (2 * 4 * 49152.0 + 4 * 10 * 64.0), 1);
  cr_expect_float_eq(told.cost.stage[2].flops, 2.0 * WORLD_ITEMS * 64, 1e-9);
  cr_expect_gt(told.about.weights_bytes, 2 * 49152 * 4);
  cr_expect_gt(told.about.open_seconds, 0);
  l4r_engine_lite_reference.close(handle);
  test_ok(open_with(0, &world, NULL, "live", "off", &handle));
  told = test_told(&l4r_engine_lite_reference, handle, 4);
  cr_expect(strstr(told.about.settings, "items=live"), "%s", told.about.settings);
  cr_expect_gt(told.cost.stage[0].flops, 2 * 4 * 49152.0, "at least one token an item");
  l4r_engine_lite_reference.close(handle);
  /* blis computes of the last block one query and one feed-forward: 3 positions spare q, o and wi,
   * wo (40,960 weights), 6 of the 10 pairs are left out. */
  test_ok(open_with(1, &world, NULL, "cached", "off", &handle));
  told = test_told(&l4r_engine_lite_blis, handle, 4);
  cr_expect_float_eq(told.cost.stage[1].flops,
                     2 * (2 * 4 * 49152.0 + 4 * 10 * 64.0) - 2 * 3 * 40960.0 - 4 * 6 * 64.0, 1);
  cr_expect_float_eq(told.cost.stage[2].bytes, WORLD_ITEMS * (4.0 * 64 + 8), 1e-9);
  const double values = told.cost.stage[1].bytes - 2 * 4 * 49152.0; /* fp32 at any precision */
  l4r_engine_lite_blis.close(handle);
  test_ok(open_with(IN_THREE, &world, NULL, "cached", "off", &handle));
  told = test_told(&l4r_engine_lite_blis, handle, 4);
  cr_expect_float_eq(told.cost.stage[2].bytes, WORLD_ITEMS * (6.0 * 64 + 8), 1e-9,
                     "a weight is three of bf16");
  cr_expect_float_eq(told.cost.stage[1].bytes, 2 * 6 * 49152.0 + values, 1e-6);
  l4r_engine_lite_blis.close(handle);
  test_world_close(&world);
}

struct heard {
  int timer[8], tellings;
};

static void hear_stage(void *context, int timer) {
  struct heard *heard = context;
  if (heard->tellings < 8) heard->timer[heard->tellings] = timer;
  heard->tellings++;
}

/* What counts stages relies on it: every timer in its order, then -1, for each batch. */
Test(lite_engine, stages_are_told_in_the_timers_order) {
  struct world world;
  struct heard heard = {.tellings = 0};
  struct l4r_request request[REQUESTS];
  l4r_item item[4];
  float score[4];
  void *handle;
  test_world_make(0, &world);
  make_requests(request);
  const struct l4r_open_options options = {.model = world.model,
                                           .dataset = world.dataset,
                                           .max_batch = 1,
                                           .max_k = 4,
                                           .on_stage = {hear_stage, &heard}};
  test_ok(l4r_engine_lite_blis.open(&options, &handle));
  struct l4r_ranking ranking = {item, score, 0};
  test_ok(l4r_engine_lite_blis.recommend(handle, request + 2, 1, 4, &ranking));
  const struct told told = test_told(&l4r_engine_lite_blis, handle, 4);
  l4r_engine_lite_blis.close(handle);
  cr_assert_eq(told.timers.timers, 2);
  cr_assert_eq(heard.tellings, 3);
  cr_assert_eq(heard.timer[0], 0);
  cr_assert_eq(heard.timer[1], 1);
  cr_assert_eq(heard.timer[2], -1);
  test_world_close(&world);
}
