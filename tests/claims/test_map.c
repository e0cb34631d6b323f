/* SPDX-License-Identifier: BSD-3-Clause */
/* The map of the time claim: its fit against scipy.optimize.nnls, cells of records whose times are
 * made by known rates, what is refused, and the campaign with small models, from data to figure. */
#include "bench/claims/map.h"
#include "bench/commands/commands.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/rounds.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

/* By scipy 1.x: x, r = nnls(work / ns[:, None], ones). */
Test(map, the_fit_is_that_of_scipy) {
  static const double work[][L4R_MAP_PARTS] = {
      {1, 2, 1}, {2, 3, 1}, {4, 3, 2}, {8, 9, 2}, {16, 10, 3}};
  static const double ns[] = {5, 9, 14, 30, 52};
  static const double bound[][L4R_MAP_PARTS] = {{1, 9, 1}, {2, 7, 1}, {4, 5, 2}, {8, 3, 2}};
  static const double bound_ns[] = {2, 4, 8, 16.5};
  double rate[L4R_MAP_PARTS];
  cr_assert(l4r_map_fit(work, ns, 5, rate));
  cr_expect_float_eq(rate[0], 2.4767988686271014, 1e-9);
  cr_expect_float_eq(rate[1], 1.135333256867958, 1e-9);
  cr_expect_float_eq(rate[2], 0.3237824987845629, 1e-9);
  cr_assert(l4r_map_fit(bound, bound_ns, 4, rate));
  cr_expect_float_eq(rate[0], 2.014914938242834, 1e-9);
  cr_expect_float_eq(rate[1], 0, 1e-9, "a rate is never negative");
  cr_expect_float_eq(rate[2], 0, 1e-9);
  cr_expect(!l4r_map_fit(work, ns, 0, rate));
}

static const struct l4r_t5_shape shape = {.d_model = 64,
                                          .d_kv = 16,
                                          .heads = 4,
                                          .d_ff = 256,
                                          .vocabulary = 500,
                                          .encoder_blocks = 2,
                                          .decoder_blocks = 2};
static const double made_by[L4R_MAP_PARTS] = {2e-2, 3e-2, 1000};

static double made_ns(const struct l4r_map_model *model, int beams, int tokens, int batch) {
  double work[L4R_MAP_PARTS], ns = 0;
  l4r_map_beam_work(model, "cached", beams, tokens, batch, work);
  for (int p = 0; p < L4R_MAP_PARTS; p++) ns += made_by[p] * work[p];
  return ns;
}

/* The encoder's operations at a prompt of 100, as the engine counts them. */
static double encoder_flops(double length) {
  const double weights = 4. * 64 * 64 + 2. * 64 * 256;
  return 2 * (2 * length * weights + 4 * length * length * 64);
}

static json_t *record_of(const char *engine, const char *kind, double ns, const char *key) {
  const struct test_rounds rounds = {
      .arm = kind, .key = key, .rounds = 5, .ns = {ns, ns, ns, ns, ns}};
  json_t *record = test_rounds_record("runs", &rounds), *model = json_object_get(record, "model");
  json_object_set_new(record, "engine", json_string(engine));
  json_object_set_new(model, "kind", json_string(kind));
  json_object_set_new(model, "size", json_string("t5-small"));
  json_object_set_new(model, "sha256", json_string(kind));
  json_object_set_new(json_object_get(record, "dataset"), "items", json_integer(1000));
  return record;
}

static json_t *lite_of(double ns, const char *key) {
  json_t *record = record_of("blis", "lite", ns, key);
  json_t *description = json_object_get(record, "description");
  json_object_set_new(description, "settings", json_string("items=cached,history=50"));
  json_object_set_new(description, "stages",
                      json_pack("[{s:s, s:f, s:f, s:i}]", "name", "rec encoder", "flops", 1e6,
                                "bytes", 1e6, "timer", -1));
  OK(l4r_record_seal(record));
  return record;
}

static json_t *beam_of(double ns, int beams, int tokens, double prompt, const char *key) {
  json_t *record = record_of("beam", "p5", ns, key);
  json_t *description = json_object_get(record, "description");
  char settings[128];
  snprintf(settings, sizeof settings, "history=50,beams=%d,trie=on,decoder=cached,max_tokens=%d",
           beams, tokens);
  json_object_set_new(description, "settings", json_string(settings));
  json_object_set_new(description, "stages",
                      json_pack("[{s:s, s:f, s:f, s:i}]", "name", "encoder", "flops",
                                encoder_flops(prompt), "bytes", 0., "timer", -1));
  json_object_set_new(json_object_get(record, "model"), "settings",
                      json_pack("{s:{s:i, s:i, s:i, s:i, s:i, s:i, s:i}}", "p5", "width", 64, "key",
                                16, "heads", 4, "feed", 256, "vocabulary", 500, "encoder_blocks", 2,
                                "decoder_blocks", 2));
  OK(l4r_record_seal(record));
  return record;
}

#define claims(...) test_run(l4r_command_claims, "claims", __VA_ARGS__)

/* The row of map.tsv that begins so, up to its end. */
static const char *row_of(const char *begin) {
  static char row[256];
  const char *at = strstr(test_read("map/map.tsv"), begin);
  cr_assert_not_null(at, "no '%s'", begin);
  snprintf(row, sizeof row, "%.*s", (int)strcspn(at, "\n"), at);
  return row;
}

Test(map, cells_between_measured_ones_follow_from_their_rates) {
  struct l4r_map_model model = {.shape = shape, .items = 1000, .history = 50};
  for (int t = 0; t < 16; t++) model.length[t] = NAN;
  model.length[3] = 100;
  model.length[5] = 200;
  const double lite = 1e6;
  json_t *records[] = {lite_of(lite, "one"), beam_of(made_ns(&model, 5, 3, 1), 5, 3, 100, "one"),
                       beam_of(made_ns(&model, 20, 3, 1), 20, 3, 100, "one"),
                       beam_of(made_ns(&model, 5, 5, 1), 5, 5, 200, "one"),
                       beam_of(made_ns(&model, 50, 5, 1), 50, 5, 200, "one")};
  test_records("runs", "a", records, 5);
  OK(claims("--map", test_path("runs"), "--out", test_path("map"), NULL));
  test_says("4 measured, ");
  test_says("The model is off by ");
  /* Measured cells are the records', to the last digit shown; the one between is the model's. */
  char wanted[64];
  const char *row = row_of("ours\tcached\tcached\tfp32\t1\t1\t20\t3\t");
  cr_assert_not_null(strstr(row, "\tmeasured\t"), "%s", row);
  snprintf(wanted, sizeof wanted, "\t%.6g\tmeasured", 100 * (1 - lite / made_ns(&model, 20, 3, 1)));
  cr_assert_not_null(strstr(row, wanted), "'%s' is not in '%s'", wanted, row);
  row = row_of("ours\tcached\tcached\tfp32\t1\t1\t30\t4\t");
  cr_assert_not_null(strstr(row, "\tmodelled\t"), "%s", row);
  const double modelled = strtod(row + strlen("ours\tcached\tcached\tfp32\t1\t1\t30\t4\t"), NULL);
  cr_expect_float_eq(modelled, 100 * (1 - lite / made_ns(&model, 30, 4, 1)), 1e-3, "%s", row);
  row = row_of("ours\tcached\tcached\tfp32\t1\t64\t50\t8\t");
  cr_assert_not_null(strstr(row, "\tmodelled\t"), "%s", row);
  /* Measured numbers stand bare, modelled ones behind a '~'. */
  cr_assert(strstr(test_read("out"), "~") || strstr(test_read("out"), "nowhere"));
}

Test(map, two_machines_are_no_map) {
  json_t *records[] = {lite_of(1e6, "one"), beam_of(5e6, 20, 3, 100, "two")};
  test_records("runs", "a", records, 2);
  FAILS(claims("--map", test_path("runs"), NULL), L4R_INPUT, "are of two machines");
  cr_assert_eq(test_entries("map"), -1);
}

Test(map, what_is_no_map_is_said) {
  json_t *records[] = {lite_of(1e6, "one")};
  test_records("runs", "a", records, 1);
  FAILS(claims("--map", test_path("runs"), NULL), L4R_INPUT, "`make map` measures them");
  FAILS(claims("--map", test_path("runs"), "--size", "huge", NULL), L4R_INPUT, "at huge");
  FAILS(claims(test_path("runs"), "--out", "x", NULL), L4R_USAGE, "--out belongs to --map");
  FAILS(claims(test_path("runs"), "--size", "tiny", NULL), L4R_USAGE, "--size belongs to --map");
}

/* A few small cells; what was measured is not measured again. */
Test(map, the_campaign_measures_continues_and_draws, .timeout = 240) {
  static const char settings[] =
      "SIZE=tiny BEAMS='1 5' IDS='3' BATCHES='1 4' DECODERS='cached' PRECISIONS=fp32 "
      "VECTORS=cached ENGINES=ours ROUNDS=2 MIN_TIME=.01 USERS=4 THREADS=1 RUN='--pin none'";
  const char *said, *folder = test_folder(), *program = test_program();
  if (test_shell(&said, "command -v gnuplot")) cr_skip_test("no gnuplot here");
  cr_assert_eq(test_shell(&said, "LITE4REC=%s OUT=%s/map %s sh bench/experiments/map.sh 2>&1",
                          program, folder, settings),
               0, "%s", said);
  cr_assert_not_null(strstr(said, "== ours-fp32-batch4-ids3-cached"), "%s", said);
  cr_assert_not_null(strstr(said, "4 measured, "), "%s", said);
  cr_assert_not_null(strstr(said, "97.28 % is reached in "), "%s", said);
  cr_assert_eq(test_shell(&said, "grep -c measured %s/map/map.tsv", folder), 0);
  cr_assert_eq(atoi(said), 4, "%s", said);
  cr_assert_eq(test_shell(&said,
                          "test -s %s/map/figures/map-batch1.svg && "
                          "test -s %s/map/figures/map-batch4.png",
                          folder, folder),
               0);
  cr_assert_eq(test_shell(&said, "LITE4REC=%s OUT=%s/map %s sh bench/experiments/map.sh 2>&1",
                          program, folder, settings),
               0, "%s", said);
  cr_assert_null(strstr(said, "== ours"), "measured again: %s", said);
}
