/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/lines.h"
#include "impl/model/bucket.h"
#include "impl/stack.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Runs "bucket*length" of one line, from the farthest distance before the query on. */
static int64_t check_line(char *line, int64_t farthest) {
  int bidirectional;
  long long buckets, most;
  int used = 0;
  cr_assert_eq(sscanf(line, "%d %lld %lld%n", &bidirectional, &buckets, &most, &used), 3);
  int64_t distance = -farthest;
  for (char *run = strtok(line + used, " "); run; run = strtok(NULL, " ")) {
    char *end;
    long bucket = strtol(run, &end, 10), length = strtol(end + 1, NULL, 10);
    for (long i = 0; i < length; i++, distance++) {
      int found = l4r_t5_bucket(distance, bidirectional, buckets, most);
      cr_assert_eq(found, bucket, "distance %lld of %d/%lld/%lld: %d, expected %ld",
                   (long long)distance, bidirectional, buckets, most, found, bucket);
    }
  }
  return distance - 1;
}

Test(bucket, equals_transformers_at_every_distance) {
  const char *path = "tests/golden/t5_buckets.txt";
  char *content, *line;
  size_t bytes;
  cr_assert_eq(l4r_read_file(path, 1, &content, &bytes), 0, "%s", l4r_error_message());
  struct l4r_lines lines;
  l4r_lines_init(&lines, path, content, bytes);
  int checked = 0;
  while (l4r_lines_next(&lines, &line)) {
    if (line[0] == '#') continue;
    cr_assert_eq(check_line(line, 1100), 1100);
    checked++;
  }
  cr_assert_eq(checked, 14);
  l4r_free(content);
}

Test(bucket, one_way_looks_at_the_past_only) {
  for (int64_t ahead = 0; ahead < 200; ahead++) {
    cr_assert_eq(l4r_t5_bucket(ahead, 0, 32, 128), 0);
  }
  cr_assert_eq(l4r_t5_bucket(-100000000, 0, 32, 128), 31);
  cr_assert_eq(l4r_t5_bucket(100000000, 1, 32, 128), 31);
}
