/* SPDX-License-Identifier: BSD-3-Clause */
/* A file of item vectors gives any of its rows, to whoever has its key, and nothing once a byte of
 * it has changed. */
#include "impl/lite/vector_cache.h"

#include "impl/base/log.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ITEMS = 5000, WIDTH = 9 }; /* more than is read at once */
static float vectors[ITEMS * WIDTH];

static void make(struct l4r_vector_cache *cache) {
  memset(cache, 0, sizeof *cache);
  memset(cache->key, 'a', 64);
  snprintf(cache->path, sizeof cache->path, "%s", test_path("item_vectors-a.bin"));
  for (int i = 0; i < ITEMS * WIDTH; i++) vectors[i] = (float)i / 3;
  l4r_vector_cache_write(cache, ITEMS, WIDTH, vectors);
}

Test(vector_cache, any_rows_of_the_file_are_read) {
  static const int64_t bounds[][2] = {{0, ITEMS},   {0, 1},           {ITEMS - 1, ITEMS},
                                      {1819, 1822}, {7, ITEMS - 100}, {3, 3}};
  static float read[ITEMS * WIDTH + 1];
  struct l4r_vector_cache cache;
  make(&cache);
  for (size_t b = 0; b < sizeof bounds / sizeof *bounds; b++) {
    const int64_t begin = bounds[b][0], end = bounds[b][1], floats = (end - begin) * WIDTH;
    memset(read, 0, sizeof read);
    read[floats] = -1;
    cr_assert_eq(l4r_vector_cache_read(&cache, ITEMS, WIDTH, begin, end, read), 1);
    cr_expect(!memcmp(read, vectors + begin * WIDTH, (size_t)floats * sizeof *read), "%lld",
              (long long)begin);
    cr_expect_eq(read[floats], -1, "nothing behind them is written");
  }
}

Test(vector_cache, a_part_has_a_file_and_a_key_of_its_own) {
  static float read[2 * WIDTH];
  struct l4r_vector_cache cache, part, other;
  make(&cache);
  l4r_vector_cache_part(&cache, 10, 12, &part);
  l4r_vector_cache_part(&cache, 10, 13, &other);
  cr_expect_str_neq(part.key, cache.key);
  cr_expect_str_neq(part.key, other.key);
  cr_expect_str_neq(part.path, other.path);
  cr_expect_eq(strlen(part.key), 64u);
  cr_expect_eq(l4r_vector_cache_read(&part, 2, WIDTH, 0, 2, read), 0, "it is not there");
  l4r_vector_cache_write(&part, 2, WIDTH, vectors + 10 * WIDTH);
  cr_expect_eq(l4r_vector_cache_read(&part, 2, WIDTH, 0, 2, read), 1);
  cr_expect(!memcmp(read, vectors + 10 * WIDTH, sizeof read));
  cr_assert_eq(rename(part.path, other.path), 0);
  cr_expect_eq(l4r_vector_cache_read(&other, 2, WIDTH, 0, 2, read), 0, "it has another key");
}

Test(vector_cache, a_change_anywhere_is_noticed_from_any_rows) {
  static float read[WIDTH];
  static const long places[] = {
      0, 8, 72, 80, 88, 88 + ITEMS * WIDTH * 4 - 1, 88 + ITEMS * WIDTH * 4 + 63};
  for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
    struct l4r_vector_cache cache;
    make(&cache);
    FILE *file = fopen(cache.path, "r+b");
    fseek(file, places[p], SEEK_SET);
    const int byte = getc(file);
    fseek(file, places[p], SEEK_SET);
    putc(byte ^ 1, file);
    fclose(file);
    cr_expect_eq(l4r_vector_cache_read(&cache, ITEMS, WIDTH, 2000, 2001, read), 0, "byte %ld",
                 places[p]);
  }
  struct l4r_vector_cache cache;
  make(&cache);
  cr_expect_eq(l4r_vector_cache_read(&cache, ITEMS + 1, WIDTH, 0, 1, read), 0, "another catalogue");
  cr_assert_eq(truncate(cache.path, 88 + ITEMS * WIDTH * 4), 0);
  cr_expect_eq(l4r_vector_cache_read(&cache, ITEMS, WIDTH, 0, 1, read), 0, "it was cut");
}
