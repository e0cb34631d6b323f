/* SPDX-License-Identifier: BSD-3-Clause */
/* Semantic ids against tests/oracle/semantic.py, through their file, as tokens, and refused. */
#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/ids/ids.h"
#include "baselines/beam/ids/semantic.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { ITEMS = 240, WIDTH = 5, LEVELS = 3, CODES = 8 };

static json_t *golden;
static float vector[ITEMS * WIDTH];
static int64_t popularity[ITEMS + 1];
static int64_t train_start[] = {0, 0};
static struct l4r_dataset dataset = {
    .users = 1, .items = ITEMS, .train_start = train_start, .train_count = popularity};

static const json_t *at(const json_t *array, int64_t place) {
  return json_array_get(array, (size_t)place);
}

static json_t *read_oracle(void) {
  json_error_t error;
  json_t *root = json_load_file("tests/golden/semantic.json", 0, &error);
  cr_assert(root, "tests/golden/semantic.json: %s", error.text);
  return root;
}

static struct l4r_id_spec read_golden(void) {
  golden = read_oracle();
  const json_t *of = json_object_get(golden, "semantic");
  for (int64_t i = 0; i < ITEMS; i++) {
    popularity[i + 1] = json_integer_value(at(json_object_get(of, "popularity"), i));
    for (int64_t d = 0; d < WIDTH; d++)
      vector[i * WIDTH + d] = (float)json_number_value(at(at(json_object_get(of, "vector"), i), d));
  }
  return (struct l4r_id_spec){.scheme = L4R_IDS_SEMANTIC,
                              .seed = (uint64_t)json_integer_value(json_object_get(of, "seed")),
                              .vector = vector,
                              .width = WIDTH,
                              .levels = LEVELS,
                              .codes = CODES};
}

static void expect_golden(const struct l4r_id_map *map, const char *name) {
  const json_t *paths = json_object_get(json_object_get(golden, "semantic"), name);
  cr_assert_eq(map->levels, LEVELS);
  for (int64_t item = 1; item <= ITEMS; item++) {
    cr_assert_eq(map->start[item], item * (LEVELS + 1));
    for (int64_t s = 0; s <= LEVELS; s++)
      cr_assert_eq(map->step[map->start[item - 1] + s],
                   json_integer_value(at(at(paths, item - 1), s)), "item %d, step %d", (int)item,
                   (int)s);
  }
}

Test(semantic_ids, equal_the_oracle_on_any_number_of_threads) {
  struct l4r_id_spec spec = read_golden();
  for (int threads = 1; threads <= 3; threads++) {
    struct l4r_id_map map;
    cr_assert_eq(l4r_team_create(threads, NULL, &spec.team), L4R_OK);
    cr_assert_eq(l4r_id_map_make(&dataset, &spec, &map), L4R_OK, "%s", l4r_error_message());
    expect_golden(&map, "path");
    l4r_id_map_free(&map);
    l4r_team_free(spec.team);
  }
  json_decref(golden);
}

/* The oracle takes the components of a singular value decomposition. */
Test(semantic_ids, of_principal_components_equal_the_oracle) {
  struct l4r_id_spec spec = read_golden();
  spec.kept = json_integer_value(json_object_get(json_object_get(golden, "semantic"), "kept"));
  for (int threads = 1; threads <= 2; threads++) {
    struct l4r_id_map map;
    cr_assert_eq(l4r_team_create(threads, NULL, &spec.team), L4R_OK);
    cr_assert_eq(l4r_id_map_make(&dataset, &spec, &map), L4R_OK, "%s", l4r_error_message());
    expect_golden(&map, "path_of_kept");
    l4r_id_map_free(&map);
    l4r_team_free(spec.team);
  }
  json_decref(golden);
}

Test(semantic_ids, survive_their_file_and_say_how_many_items_share_codes) {
  const struct l4r_id_spec spec = read_golden();
  struct l4r_id_map map, read;
  char sha256[65];
  int64_t shared, most, expected = 0, largest = 1;
  cr_assert_eq(l4r_id_map_make(&dataset, &spec, &map), L4R_OK);
  for (int64_t a = 0; a < ITEMS; a++) {
    int64_t alike = 0;
    for (int64_t b = 0; b < ITEMS; b++)
      alike += !memcmp(map.step + 4 * a, map.step + 4 * b, LEVELS * sizeof *map.step);
    expected += alike > 1;
    if (alike > largest) largest = alike;
  }
  l4r_id_map_shared(&map, &shared, &most);
  cr_expect_eq(shared, expected);
  cr_expect_eq(most, largest);
  cr_assert_gt(most, 1, "items of the same vector share their codes");
  const char *folder = test_path("ids");
  cr_assert_eq(l4r_make_folders(folder), L4R_OK);
  cr_assert_eq(l4r_id_map_write(&map, folder, sha256), L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(l4r_id_map_read(folder, ITEMS, sha256, &read), L4R_OK, "%s", l4r_error_message());
  expect_golden(&read, "path");
  l4r_id_map_free(&map);
  l4r_id_map_free(&read);
  json_decref(golden);
}

Test(semantic_ids, are_one_token_a_code_of_each_level_and_one_a_place) {
  const struct l4r_id_spec spec = read_golden();
  struct l4r_id_map map;
  struct l4r_id_tokens tokens;
  int64_t rows, most;
  cr_assert_eq(l4r_id_map_make(&dataset, &spec, &map), L4R_OK);
  cr_assert_eq(l4r_id_tokens_make(&map, L4R_IDS_TOKENS, NULL, 100, &tokens), L4R_OK);
  cr_assert_eq(l4r_id_own_rows(&map, L4R_IDS_TOKENS, &rows), L4R_OK);
  l4r_id_map_shared(&map, &rows, &most);
  cr_expect_eq(tokens.own, LEVELS * CODES + most);
  cr_expect_eq(tokens.longest, LEVELS + 1);
  for (int64_t i = 0; i < 4 * ITEMS; i++)
    cr_assert_eq(tokens.token[i], 100 + i % 4 * CODES + map.step[i] - 1, "token %d", (int)i);
  l4r_id_tokens_free(&tokens);
  cr_expect_eq(l4r_id_tokens_make(&map, L4R_IDS_ITEMS, NULL, 100, &tokens), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "semantic"), "%s", l4r_error_message());
  l4r_id_map_free(&map);
  json_decref(golden);
}

Test(semantic_ids, of_fewer_items_than_codes_end_after_the_first_level) {
  float few[] = {1, 2, 4, 4};
  int64_t count[5] = {0, 3, 1, 1, 2};
  const struct l4r_semantic_spec spec = {
      .items = 4, .width = 1, .vector = few, .popularity = count, .seed = 1};
  int64_t *start;
  int32_t *step;
  cr_assert_eq(l4r_semantic(&spec, &start, &step), L4R_OK, "%s", l4r_error_message());
  for (int i = 0; i < 4; i++) {
    cr_expect(step[4 * i] >= 1 && step[4 * i] <= 3);
    cr_expect_eq(step[4 * i + 1], 1);
    cr_expect_eq(step[4 * i + 2], 1);
  }
  cr_expect_eq(step[8], step[12], "equal vectors have equal codes");
  cr_expect_eq(step[15], 1, "the more popular of the two is the first");
  cr_expect_eq(step[11], 2);
  cr_expect(step[0] != step[4] && step[4] != step[8] && step[0] != step[8]);
  l4r_free(start);
  l4r_free(step);
}

struct refusal {
  int64_t levels, codes;
  int status;
  const char *part;
};

Test(semantic_ids, refuse_what_tells_no_items_apart) {
  static const struct refusal refusals[] = {
      {9, 0, L4R_USAGE, "--semantic-levels must be 1 to 8"},
      {0, 1, L4R_USAGE, "--semantic-codes 2 to 4096"},
      {0, 5000, L4R_USAGE, "--semantic-codes 2 to 4096"},
      {1, 2, L4R_INPUT, "3 items have the codes"},
  };
  float some[] = {1, 5, 5, 5}, equal[] = {3, 3, 3, 3};
  int64_t count[5] = {0}, *start;
  int32_t *step;
  struct l4r_semantic_spec spec = {.items = 4, .width = 1, .vector = some, .popularity = count};
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    spec.levels = refusals[i].levels;
    spec.codes = refusals[i].codes;
    cr_expect_eq(l4r_semantic(&spec, &start, &step), refusals[i].status, "case %zu", i);
    cr_expect(strstr(l4r_error_message(), refusals[i].part), "%s", l4r_error_message());
    cr_expect_null(start);
    cr_expect_null(step);
  }
  spec = (struct l4r_semantic_spec){.items = 4, .width = 1, .vector = equal, .popularity = count};
  cr_expect_eq(l4r_semantic(&spec, &start, &step), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "all 4 items are equal"), "%s", l4r_error_message());
}

Test(semantic_ids, bad_files_are_refused_with_their_line) {
  static const char *const bad[][2] = {
      {"item\tcodes\n1\t1-2-1\n2\t1-1\n", ":3: codes of all items are as many"},
      {"item\tcodes\n1\t1\n2\t2\n", ":2: codes of all items are as many"},
      {"item\tcodes\n1\t1-2-1\n2\t1-2-1\n", ":3: item 2 has the path of item 1"},
      {"item\tcodes\n1\t1-2-1\n2\n", ":3: not \"item<TAB>codes\""},
      {"item\tcode\n1\t1-2-1\n2\t1-2-2\n", "the heading"},
  };
  const char *folder = test_path("ids");
  cr_assert_eq(l4r_make_folders(folder), L4R_OK);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char sha256[65];
    struct l4r_id_map map;
    test_file("ids/id_map.tsv", bad[i][0]);
    l4r_sha256(bad[i][0], strlen(bad[i][0]), sha256);
    cr_expect_eq(l4r_id_map_read(folder, 2, sha256, &map), L4R_INPUT, "case %zu", i);
    cr_expect(strstr(l4r_error_message(), bad[i][1]), "%s", l4r_error_message());
  }
}
