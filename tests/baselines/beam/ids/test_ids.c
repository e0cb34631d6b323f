/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbering, its file and its refusals. */
#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/ids/ids.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int64_t train_start[] = {0, 3, 5};
static l4r_item train_item[] = {4, 2, 6, 2, 1};
static struct l4r_dataset dataset = {
    .users = 2, .items = 7, .train_start = train_start, .train_item = train_item};

static int make(enum l4r_id_scheme scheme, uint64_t seed, struct l4r_id_map *map) {
  const struct l4r_id_spec spec = {.scheme = scheme, .seed = seed};
  return l4r_id_map_make(&dataset, &spec, map);
}

static char folder[4096];

static void make_folder(void) {
  const char *base = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/l4r-ids-XXXXXX", base && *base ? base : P_tmpdir);
  cr_assert(mkdtemp(folder));
}

static void remove_folder(void) {
  char path[L4R_PATH_MAX];
  if (!l4r_path_join(path, folder, "id_map.tsv")) unlink(path);
  rmdir(folder);
}

Test(beam_ids, sequential_numbers_follow_first_appearance) {
  struct l4r_id_map map;
  cr_assert_eq(make(L4R_IDS_SEQUENTIAL, 1, &map), L4R_OK);
  const int64_t expected[] = {0, 1004, 1002, 1005, 1001, 1006, 1003, 1007};
  for (int item = 1; item <= 7; item++) cr_expect_eq(map.number[item], expected[item]);
  l4r_id_map_free(&map);
}

Test(beam_ids, random_numbers_are_a_permutation_of_the_seed) {
  struct l4r_id_map map, again, other;
  cr_assert_eq(make(L4R_IDS_RANDOM, 1, &map), L4R_OK);
  cr_assert_eq(make(L4R_IDS_RANDOM, 1, &again), L4R_OK);
  cr_assert_eq(make(L4R_IDS_RANDOM, 2, &other), L4R_OK);
  int seen[7] = {0}, differ = 0;
  for (int item = 1; item <= 7; item++) {
    cr_assert(map.number[item] >= 1001 && map.number[item] <= 1007);
    cr_expect_eq(seen[map.number[item] - 1001]++, 0);
    cr_expect_eq(map.number[item], again.number[item]);
    differ += map.number[item] != other.number[item];
  }
  cr_expect_gt(differ, 0);
  l4r_id_map_free(&map);
  l4r_id_map_free(&again);
  l4r_id_map_free(&other);
}

Test(beam_ids, file_keeps_the_map, .init = make_folder, .fini = remove_folder) {
  struct l4r_id_map map, read;
  char sha256[65];
  cr_assert_eq(make(L4R_IDS_RANDOM, 3, &map), L4R_OK);
  cr_assert_eq(l4r_id_map_write(&map, folder, sha256), L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(l4r_id_map_read(folder, 7, sha256, &read), L4R_OK, "%s", l4r_error_message());
  for (int item = 1; item <= 7; item++) cr_expect_eq(map.number[item], read.number[item]);
  sha256[0] ^= 1;
  cr_assert_eq(l4r_id_map_read(folder, 7, sha256, &read), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "not the id map this model was trained with"));
  l4r_id_map_free(&map);
  l4r_id_map_free(&read);
}

struct bad_file {
  char content[96], message[56];
};

Test(beam_ids, bad_files_are_refused_with_their_line, .init = make_folder, .fini = remove_folder) {
  static const struct bad_file bad[] = {
      {"item\tnumber\n1\t1001\n2\tx\n", ":3: not \"item<TAB>number\""},
      {"item\tnumber\n1\t1001\n1\t1002\n", ":3: item 1 is out of 1..2 or stands twice"},
      {"item\tnumber\n1\t1001\n3\t1002\n", ":3: item 3 is out of"},
      {"item\tnumber\n1\t1001\n2\t1001\n", ":3: number 1001 is out of 1001..1002"},
      {"item\tnumber\n1\t1001\n2\t1003\n", ":3: number 1003 is out of"},
      {"item\tnumber\n1\t1001\n", "item 2 has no number"},
      {"1\t1001\n2\t1002\n", ":1: the heading"},
      {"item\tpath\n1\t1-2\n2\n", ":3: not \"item<TAB>path\""},
      {"item\tpath\n1\t1-2\n2\t1-x\n", ":3: a path is one to 64 numbers"},
      {"item\tpath\n1\t1-2\n2\t1-\n", ":3: a path is one to 64 numbers"},
      {"item\tpath\n1\t1-2\n2\t0-1\n", ":3: a path is one to 64 numbers"},
      {"item\tpath\n2\t1-2\n1\t1-1\n", ":2: item 2 where items 1..2 stand in order"},
      {"item\tpath\n1\t1\n2\t2\n3\t3\n", ":4: item 3 where items 1..2"},
      {"item\tpath\n1\t1-2\n2\t1-2\n", ":3: item 2 has the path of item 1"},
      {"item\tpath\n1\t1-2\n", "item 2 has no path"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char path[L4R_PATH_MAX], sha256[65];
    size_t bytes = strlen(bad[i].content);
    cr_assert_eq(l4r_path_join(path, folder, "id_map.tsv"), L4R_OK);
    cr_assert_eq(l4r_write_file(path, bad[i].content, bytes), L4R_OK);
    l4r_sha256(bad[i].content, bytes, sha256);
    struct l4r_id_map map;
    cr_expect_eq(l4r_id_map_read(folder, 2, sha256, &map), L4R_INPUT, "case %zu", i);
    cr_expect(strstr(l4r_error_message(), bad[i].message), "%s", l4r_error_message());
    cr_expect(strstr(l4r_error_message(), "id_map.tsv"), "%s", l4r_error_message());
  }
}

Test(beam_ids, own_tokens_are_a_coarse_and_a_fine_level) {
  struct l4r_id_map map;
  struct l4r_id_tokens tokens;
  cr_assert_eq(make(L4R_IDS_SEQUENTIAL, 1, &map), L4R_OK);
  cr_assert_eq(l4r_id_tokens_make(&map, L4R_IDS_TOKENS, NULL, 100, &tokens), L4R_OK);
  cr_expect_eq(tokens.own, 6, "7 items in base 3: three coarse, three fine");
  int64_t rows;
  cr_assert_eq(l4r_id_own_rows(&map, L4R_IDS_TOKENS, &rows), L4R_OK);
  cr_expect_eq(tokens.own, rows);
  cr_expect_eq(tokens.longest, 2);
  for (int item = 1; item <= 7; item++) {
    int64_t rank = map.number[item] - 1001;
    cr_expect_eq(tokens.start[item], 2 * item);
    cr_expect_eq(tokens.token[2 * item - 2], 100 + rank / 3);
    cr_expect_eq(tokens.token[2 * item - 1], 103 + rank % 3);
  }
  l4r_id_tokens_free(&tokens);
  l4r_id_map_free(&map);
}

/* Items 1..7; a path that begins another one, and a place outside of all clusters. */
static const char paths[] =
    "item\tpath\n1\t1-1-1\n2\t1-1-2\n3\t1-2-1\n4\t2-1\n5\t2-3\n6\t2\n7\t1-1\n";

static void read_paths(struct l4r_id_map *map) {
  char path[L4R_PATH_MAX], sha256[65];
  cr_assert_eq(l4r_path_join(path, folder, "id_map.tsv"), L4R_OK);
  cr_assert_eq(l4r_write_file(path, paths, sizeof paths - 1), L4R_OK);
  l4r_sha256(paths, sizeof paths - 1, sha256);
  cr_assert_eq(l4r_id_map_read(folder, 7, sha256, map), L4R_OK, "%s", l4r_error_message());
}

Test(beam_ids, paths_survive_their_file, .init = make_folder, .fini = remove_folder) {
  struct l4r_id_map map;
  char sha256[65], expected[65];
  read_paths(&map);
  cr_expect_null(map.number);
  cr_assert_eq(l4r_id_map_write(&map, folder, sha256), L4R_OK);
  l4r_sha256(paths, sizeof paths - 1, expected);
  cr_expect_str_eq(sha256, expected);
  l4r_id_map_free(&map);
}

Test(beam_ids, a_path_is_a_row_for_each_cluster_and_one_for_its_place, .init = make_folder,
     .fini = remove_folder) {
  struct l4r_id_map map;
  struct l4r_id_tokens tokens;
  read_paths(&map);
  cr_assert_eq(l4r_id_tokens_make(&map, L4R_IDS_TOKENS, NULL, 100, &tokens), L4R_OK);
  /* places 1..3: 100..102; clusters 1, 1-1, 1-2, 2: 103..106 */
  static const int32_t expected[] = {103, 104, 100, 103, 104, 101, 103, 105,
                                     100, 106, 100, 106, 102, 101, 103, 100};
  cr_assert_eq(tokens.start[7], 16);
  for (int i = 0; i < 16; i++) cr_expect_eq(tokens.token[i], expected[i], "token %d", i);
  cr_expect_eq(tokens.own, 7);
  cr_expect_eq(tokens.longest, 3);
  l4r_id_tokens_free(&tokens);
  l4r_id_map_free(&map);
}

Test(beam_ids, an_item_may_end_with_a_row_of_its_own, .init = make_folder, .fini = remove_folder) {
  struct l4r_id_map map;
  struct l4r_id_tokens tokens;
  read_paths(&map);
  cr_assert_eq(l4r_id_tokens_make(&map, L4R_IDS_ITEMS, NULL, 100, &tokens), L4R_OK);
  /* items: 100..106; clusters 1, 1-1, 1-2, 2: 107..110 */
  static const int32_t expected[] = {107, 108, 100, 107, 108, 101, 107, 109,
                                     102, 110, 103, 110, 104, 105, 107, 106};
  cr_assert_eq(tokens.start[7], 16);
  for (int i = 0; i < 16; i++) cr_expect_eq(tokens.token[i], expected[i], "token %d", i);
  cr_expect_eq(tokens.own, 11);
  l4r_id_tokens_free(&tokens);
  l4r_id_map_free(&map);
}

Test(beam_ids, a_number_does_not_end_with_a_row_of_its_own) {
  struct l4r_id_map map;
  struct l4r_id_tokens tokens;
  cr_assert_eq(make(L4R_IDS_SEQUENTIAL, 1, &map), L4R_OK);
  cr_expect_eq(l4r_id_tokens_make(&map, L4R_IDS_ITEMS, NULL, 100, &tokens), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "collaborative"), "%s", l4r_error_message());
  l4r_id_map_free(&map);
}
