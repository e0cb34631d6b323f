/* SPDX-License-Identifier: BSD-3-Clause */
#include "baselines/heuristics/count.h"
#include "baselines/heuristics/counts.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "tests/support/every.h"
#include "tests/support/files.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { HEADER = 104, CHECKSUM = 72 };

static struct l4r_counts small_counts(void) {
  struct l4r_dataset *dataset = test_dataset("d", 0);
  struct l4r_counts counts;
  cr_assert_eq(l4r_counts_make(dataset, L4R_KIND_ITEMKNN, 1, &counts), 0);
  l4r_dataset_close(dataset);
  return counts;
}

/* The bytes of counts.bin of the small data set; free with l4r_free. */
static char *small_file(size_t *bytes) {
  struct l4r_counts counts = small_counts();
  cr_assert_eq(l4r_counts_write(test_path("m"), &counts), 0, "%s", l4r_error_message());
  l4r_counts_free(&counts);
  char *content;
  cr_assert_eq(l4r_read_file(test_path("m/counts.bin"), 0, &content, bytes), 0);
  return content;
}

static int read_back(const char *content, size_t bytes) {
  test_bytes("m/counts.bin", content, bytes);
  struct l4r_counts counts;
  int status = l4r_counts_read(test_path("m"), &counts);
  if (!status) l4r_counts_free(&counts);
  return status;
}

/* Puts a checksum over the present content, as somebody who means harm would. */
static void seal(char *content, size_t bytes) {
  char parts[129], whole[65];
  l4r_sha256(content, CHECKSUM, parts);
  l4r_sha256(content + HEADER, bytes - HEADER, parts + 64);
  l4r_sha256(parts, 128, whole);
  for (int i = 0; i < 32; i++) {
    unsigned byte;
    sscanf(whole + 2 * i, "%2x", &byte);
    content[CHECKSUM + i] = (char)byte;
  }
}

Test(counts_file, what_is_written_is_read_back) {
  struct l4r_counts counts = small_counts(), back;
  cr_assert_eq(l4r_counts_write(test_path("m"), &counts), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_counts_read(test_path("m"), &back), 0, "%s", l4r_error_message());
  cr_assert_eq(back.kind, L4R_KIND_ITEMKNN);
  cr_assert_eq(back.cosine, 1);
  cr_assert_eq(back.items, 9);
  cr_assert_eq(back.pairs, counts.pairs);
  cr_assert_eq(back.pairs, 7);
  cr_assert_str_eq(back.dataset_sha256, counts.dataset_sha256);
  cr_assert_arr_eq(back.popularity, counts.popularity, 10 * sizeof(int64_t));
  cr_assert_arr_eq(back.start, counts.start, 11 * sizeof(int64_t));
  cr_assert_arr_eq(back.column, counts.column, (size_t)counts.pairs * sizeof(l4r_item));
  cr_assert_arr_eq(back.value, counts.value, (size_t)counts.pairs * sizeof(double));
  l4r_counts_free(&counts);
  l4r_counts_free(&back);
}

Test(counts_file, every_cut_and_every_flipped_bit_is_refused) {
  size_t bytes;
  char *content = small_file(&bytes);
  for (size_t cut = 0; cut < bytes; cut += (size_t)test_every()) {
    cr_assert_eq(read_back(content, cut), L4R_INPUT, "%zu of %zu bytes", cut, bytes);
  }
  for (size_t at = 0; at < bytes; at += (size_t)test_every()) {
    char kept = content[at];
    content[at] = (char)(kept ^ 1 << at % 8);
    test_fails(read_back(content, bytes), L4R_INPUT, "counts.bin");
    content[at] = kept;
  }
  cr_assert_eq(read_back(content, bytes), 0, "%s", l4r_error_message());
  l4r_free(content);
}

Test(counts_file, damage_is_named) {
  size_t bytes;
  char *content = small_file(&bytes);
  test_fails(read_back(content, 50), L4R_INPUT, "50 bytes are too few");
  test_fails(read_back(content, bytes - 1), L4R_INPUT, "byte 24");
  content[bytes - 1] ^= 1;
  test_fails(read_back(content, bytes), L4R_INPUT, "checksum");
  content[8] = 9;
  test_fails(read_back(content, bytes), L4R_INPUT, "schema 9");
  content[0] = 'X';
  test_fails(read_back(content, bytes), L4R_INPUT, "byte 0: not a file of counts");
  struct l4r_counts counts;
  test_fails(l4r_counts_read(test_path("none"), &counts), L4R_INPUT, "none/counts.bin");
  l4r_free(content);
}

/* With a right checksum only the structure's own checks stand between the file and the arrays. */
Test(counts_file, sealed_damage_never_leaves_the_arrays) {
  size_t bytes;
  char *content = small_file(&bytes), *damaged = l4r_alloc(bytes, 1, "a damaged copy");
  struct l4r_random random;
  l4r_random_seed(&random, 6);
  int refused = 0;
  const int rounds = 2000 / test_every();
  for (int round = 0; round < rounds; round++) {
    memcpy(damaged, content, bytes);
    for (int flips = 1 + round % 3; flips > 0; flips--) {
      damaged[l4r_random_below(&random, bytes)] = (char)l4r_random_below(&random, 256);
    }
    seal(damaged, bytes);
    test_bytes("m/counts.bin", damaged, bytes);
    struct l4r_counts counts;
    int status = l4r_counts_read(test_path("m"), &counts);
    refused += status != 0;
    if (status) {
      cr_assert_eq(status, L4R_INPUT, "%s", l4r_error_message());
      continue;
    }
    for (int64_t i = 0; i < counts.pairs; i++) {
      cr_assert(counts.column[i] >= 1 && counts.column[i] <= counts.items);
      cr_assert_gt(counts.value[i], 0);
    }
    l4r_counts_free(&counts);
  }
  cr_assert_gt(refused, rounds / 4);
  cr_assert_lt(refused, rounds, "a changed popularity is still a valid file");
  l4r_free(damaged);
  l4r_free(content);
}
