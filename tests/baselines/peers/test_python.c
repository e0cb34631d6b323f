/* SPDX-License-Identifier: BSD-3-Clause */
/* The peers of `make peers` rank as our engines do: the same weights, the same token ids. Skipped
 * where they were not made. */
#include "baselines/beam/engine.h"
#include "baselines/peers/peer.h"
#include "bench/run/session/answers.h"
#include "impl/base/error.h"
#include "impl/lite/lite.h"
#include "tests/baselines/beam/chain.h"
#include "tests/lite/world.h"
#include "tests/support/files.h"
#include "tests/support/shell.h"
#include "tests/support/told.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { REQUESTS = 4, K = 10 };

struct answers {
  l4r_item item[REQUESTS][K];
  float score[REQUESTS][K];
  struct l4r_ranking ranking[REQUESTS];
};

static const l4r_item history[] = {4, 5, 6, 7, 8, 9, 10, 11, 12};
static const struct l4r_request request[REQUESTS] = {
    {0, history, 9}, {1, history, 1}, {11, history, 6}, {7, history + 3, 6}};

struct asked { /* an engine with its model; `peer` and the option's key NULL: without */
  const struct l4r_engine *engine;
  const char *peer, *model;
  struct l4r_dataset *dataset;
  struct l4r_option option;
};

/* Asks for all requests in calls of `batch`. */
static void ask_by(const struct asked *asked, int batch, struct answers *answers) {
  struct l4r_option option[2];
  int64_t options = 0;
  if (asked->peer) option[options++] = (struct l4r_option){"program", asked->peer};
  if (asked->option.key) option[options++] = asked->option;
  const struct l4r_open_options open = {.model = asked->model,
                                        .dataset = asked->dataset,
                                        .option = option,
                                        .options = options,
                                        .max_batch = REQUESTS,
                                        .max_k = K};
  void *handle;
  cr_assert_eq(asked->engine->open(&open, &handle), L4R_OK, "%s", l4r_error_message());
  for (int r = 0; r < REQUESTS; r++)
    answers->ranking[r] = (struct l4r_ranking){.item = answers->item[r],
                                               .score = answers->score[r]};
  for (int r = 0; r < REQUESTS; r += batch)
    cr_assert_eq(asked->engine->recommend(handle, request + r, batch, K, answers->ranking + r),
                 L4R_OK, "%s", l4r_error_message());
  const struct l4r_about about = test_told(asked->engine, handle, 3).about;
  if (asked->peer) { /* what it says of its start is part of what we saw of it */
    cr_assert_gt(about.load_ns, 0);
    cr_assert_lt((double)about.load_ns * 1e-9, about.open_seconds + .02, "a tick of leeway");
    /* the accuracy pass has the most threads, timed parts have fewer: that is no other setting */
    cr_assert_null(strstr(about.settings, "threads="), "%s", about.settings);
  }
  asked->engine->close(handle);
}

static void ask(const struct l4r_engine *engine, const char *peer, const char *model,
                struct l4r_dataset *dataset, const char *trie, struct answers *answers) {
  const struct asked asked = {engine, peer, model, dataset, {trie ? "trie" : NULL, trie}};
  ask_by(&asked, REQUESTS, answers);
}

/* Scores agree place by place, items wherever the neighbours' scores are apart. */
static void compare(const struct answers *ours, const struct answers *theirs) {
  int compared = 0;
  for (int r = 0; r < REQUESTS; r++) {
    cr_assert_eq(ours->ranking[r].count, K);
    cr_assert_eq(theirs->ranking[r].count, K);
    for (int i = 0; i < K; i++) {
      const float *score = ours->score[r];
      const double tolerance = 1e-4 * (1 + fabs((double)score[i]));
      cr_assert_float_eq(score[i], theirs->score[r][i], tolerance, "request %d, place %d", r, i);
      const int apart = (i == 0 || score[i - 1] - score[i] > 10 * tolerance) &&
                        (i + 1 == K || score[i] - score[i + 1] > 10 * tolerance);
      if (!apart) continue;
      compared++;
      cr_assert_eq(ours->item[r][i], theirs->item[r][i], "request %d, place %d", r, i);
    }
  }
  cr_assert_geq(compared, REQUESTS * K / 2);
}

static void skip_without(const char *peer) {
  char path[64];
  snprintf(path, sizeof path, "build/peers/%s", peer);
  if (access(path, X_OK)) cr_skip_test("no %s; `make peers` makes it", path);
}

static int is_served(const struct world *world) {
  enum l4r_kind kind;
  cr_assert_eq(l4r_model_kind(world->model, &kind), L4R_OK);
  struct l4r_model *model;
  cr_assert_eq(l4r_model_open(world->model, world->dataset, &model), L4R_OK);
  const int serves = kind == L4R_KIND_LITE && model->config.readout == L4R_READ_LAST;
  l4r_model_close(model);
  return serves;
}

static void compare_lite(const char *peer) {
  skip_without(peer);
  static struct answers ours, theirs;
  int served = 0;
  for (int number = 0; number < WORLD_MODELS; number++) {
    struct world world;
    test_world_make(number, &world);
    if (is_served(&world)) {
      served++;
      ask(&l4r_engine_lite_blis, NULL, world.model, world.dataset, NULL, &ours);
      ask(&l4r_engine_peer, peer, world.model, world.dataset, NULL, &theirs);
      compare(&ours, &theirs);
    }
    test_world_close(&world);
  }
  cr_assert_geq(served, 2);
}

Test(peer_python, torch_scores_lite_as_ours_do) {
  compare_lite("torch");
}
Test(peer_python, onnxruntime_scores_lite_as_ours_do) {
  compare_lite("onnxruntime");
}
Test(peer_python, openvino_scores_lite_as_ours_do) {
  compare_lite("openvino");
}

/* How far a request's scores are apart at most, place by place, as a share of the largest. */
static double apart(const struct answers *a, const struct answers *b, int r) {
  double largest = 0, most = 0;
  for (int i = 0; i < K; i++) {
    largest = fmax(largest, fabs((double)b->score[r][i]));
    most = fmax(most, fabs((double)a->score[r][i] - (double)b->score[r][i]));
  }
  return most / largest;
}

/* One answer whoever else asks, as far as its precision goes: the harness holds what it times to
 * answers given in batches, by this tolerance. */
static void compare_batches(const char *peer, const char *precision) {
  skip_without(peer);
  static struct answers together, alone;
  struct world world = {0};
  for (int number = 0; number < WORLD_MODELS; number++) {
    test_world_make(number, &world);
    if (is_served(&world)) break;
    test_world_close(&world);
  }
  const struct asked asked = {
      &l4r_engine_peer, peer, world.model, world.dataset, {"precision", precision}};
  ask_by(&asked, REQUESTS, &together);
  ask_by(&asked, 1, &alone);
  const struct l4r_arm arm = {.name = "peer:any"};
  for (int r = 0; r < REQUESTS; r++) {
    cr_assert_eq(together.ranking[r].count, K);
    cr_assert_leq(apart(&together, &alone, r), l4r_answer_tolerance(&arm, precision), "request %d",
                  r);
  }
  test_world_close(&world);
}

Test(peer_python, torch_answers_in_bf16_and_int8_whoever_else_asks) {
  compare_batches("torch", "bf16");
  compare_batches("torch", "int8");
}
Test(peer_python, onnxruntime_answers_in_int8_whoever_else_asks) {
  compare_batches("onnxruntime", "int8");
}
Test(peer_python, openvino_answers_in_bf16_and_int8_whoever_else_asks) {
  compare_batches("openvino", "bf16");
  compare_batches("openvino", "int8");
}

/* A model of P5 over the ring, trained for so many epochs. */
static const char *train_p5(struct l4r_dataset *dataset, int64_t epochs) {
  struct l4r_beam_train_options train = chain_options(dataset, L4R_KIND_P5, "model");
  int interrupted;
  train.config.id_form = L4R_IDS_TOKENS;
  train.config.whole_word = 1;
  train.train.epochs = epochs;
  train.prefixes = 2;
  train.validation_users = 20;
  train.train.patience = 0;
  cr_assert_eq(l4r_beam_train(&train, &interrupted), L4R_OK, "%s", l4r_error_message());
  return train.train.out;
}

Test(peer_python, torch_searches_as_beam_does) {
  skip_without("torch");
  static const char *const tries[] = {"on", "head"};
  static struct answers ours, theirs;
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  const char *model = train_p5(dataset, 0);
  for (int t = 0; t < 2; t++) {
    ask(&l4r_engine_beam, NULL, model, dataset, tries[t], &ours);
    ask(&l4r_engine_peer, "torch", model, dataset, tries[t], &theirs);
    compare(&ours, &theirs);
  }
}

Test(peer_python, onnxruntime_generates_as_beam_does_without_a_trie) {
  skip_without("onnxruntime");
  static struct answers ours, theirs;
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  const char *model = train_p5(dataset, 10); /* long enough to write ids alone */
  ask(&l4r_engine_beam, NULL, model, dataset, "off", &ours);
  ask(&l4r_engine_peer, "onnxruntime", model, dataset, "off", &theirs);
  compare(&ours, &theirs);
}

/* What `make peers` cannot do it says before it makes or fetches anything. */
Test(peer_python, making_them_refuses_what_it_cannot_do) {
  static const struct {
    const char *given, *said;
    int code;
  } cases[] = {{"TORCH=conda", "TORCH=conda: the values are debian and pypi", 2},
               {"PYTHON=/bin/false", "install the packages python3-torch and python3-venv", 4},
               {"TORCH=pypi PYTHON=/bin/false", "install the packages python3-venv", 4}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    const char *said;
    const int code = test_shell(&said, "%s OUT=%s sh baselines/peers/make.sh 2>&1", cases[c].given,
                                test_path("made"));
    cr_expect_eq(code, cases[c].code, "%s: %d, %s", cases[c].given, code, said);
    cr_expect(strstr(said, cases[c].said), "%s: %s", cases[c].given, said);
    cr_expect_eq(test_entries("made"), -1, "nothing is made");
  }
}
