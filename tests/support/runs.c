/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/runs.h"

#include "bench/engines.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/random.h"
#include "impl/data/dataset_write.h"
#include "tests/support/datasets.h"
#include "tests/support/files.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *test_small_data(void) {
  static char path[L4R_PATH_MAX];
  static int64_t start[TEST_USERS + 1];
  static l4r_item item[TEST_USERS * 16];
  static struct l4r_item_text text[TEST_ITEMS + 1];
  static char ids[TEST_ITEMS + 1][8];
  struct l4r_random random;
  l4r_random_seed(&random, 7);
  for (int i = 0; i <= TEST_ITEMS; i++) {
    snprintf(ids[i], sizeof ids[i], "%d", i);
    text[i] = (struct l4r_item_text){ids[i], ids[i], "", ""};
  }
  for (int u = 0; u < TEST_USERS; u++) { /* lengths 4..15, no item twice, all items used */
    int64_t length = 4 + u % 12, first = (int64_t)l4r_random_below(&random, TEST_ITEMS);
    int64_t step = 1 + 2 * (int64_t)l4r_random_below(&random, 3);
    start[u + 1] = start[u] + length;
    for (int64_t h = 0; h < length; h++)
      item[start[u] + h] = (l4r_item)((first + (int64_t)u + h * step) % TEST_ITEMS + 1);
  }
  const struct test_interactions of = {TEST_USERS, TEST_ITEMS, start, item};
  const struct l4r_dataset_source source = test_source("small", &of, text);
  test_dataset_write("data", &source);
  snprintf(path, sizeof path, "%s", test_path("data"));
  return path;
}

const char *test_small_model(void) {
  static char folder[L4R_PATH_MAX];
  if (*folder) return folder;
  const char *data = test_small_data(), *out;
  snprintf(folder, sizeof folder, "%s", test_folder());
  cr_assert_eq(
      test_shell(&out, "%s train pop --data %s --out %s/model 2>&1", test_program(), data, folder),
      0, "%s", out);
  return folder;
}

struct l4r_run_options test_run_options(struct l4r_arm *arms, ...) {
  struct l4r_run_options options = {.arm = arms,
                                    .data = test_small_data(),
                                    .pin = "none",
                                    .counters = "none",
                                    .command = "test",
                                    .threads = {.value = {1}, .count = 1},
                                    .users = 60,
                                    .rounds = 2,
                                    .k = 20,
                                    .batch = 16,
                                    .min_seconds = .02,
                                    .budget = 5,
                                    .seed = 1};
  static char out[L4R_PATH_MAX];
  snprintf(out, sizeof out, "%s", test_path("out"));
  options.out = out;
  va_list list;
  va_start(list, arms);
  const struct l4r_engine *engine;
  while ((engine = va_arg(list, const struct l4r_engine *))) {
    char text[128];
    snprintf(text, sizeof text, "%s@%s", engine->name, test_path("model"));
    l4r_engine_register(engine);
    cr_assert_eq(l4r_arm_parse(text, &arms[options.arms++]), 0);
  }
  va_end(list);
  l4r_log_quiet(1);
  return options;
}
