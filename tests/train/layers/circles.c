/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/train/layers/circles.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/data/dataset_write.h"
#include "impl/model/config_sizes.h"
#include "tests/support/datasets.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct l4r_dataset *circles_dataset(void) {
  static const char *const word[] = {"river", "stone", "winter", "lamp", "paper", "garden"};
  int64_t start[USERS + 1] = {0};
  l4r_item item[USERS * LONGEST];
  struct l4r_item_text text[ITEMS + 1];
  static char title[ITEMS + 1][64], id[ITEMS + 1][8];
  for (int i = 0; i <= ITEMS; i++) {
    snprintf(title[i], sizeof title[i], "%s %s %d", word[i % 6], word[i / 4 % 6], i);
    snprintf(id[i], sizeof id[i], "%d", i);
    text[i] = (struct l4r_item_text){id[i], title[i], "", i % 3 ? "tales" : ""};
  }
  for (int u = 0; u < USERS; u++) {
    int length = 4 + u * 7 % (LONGEST - 4), stride = u % 3 ? 1 : 5;
    for (int p = 0; p < length; p++)
      item[start[u] + p] = (l4r_item)(1 + (u * 5 + p * stride) % ITEMS);
    start[u + 1] = start[u] + length;
  }
  const struct test_interactions of = {USERS, ITEMS, start, item};
  const struct l4r_dataset_source source = test_source("circles", &of, text);
  test_dataset_write("circles", &source);
  return test_dataset_open("circles", L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEXT);
}

struct l4r_lite_train_options circles_options(const struct l4r_dataset *dataset, const char *out) {
  l4r_log_quiet(1);
  struct l4r_lite_train_options options = {.dataset = dataset, .pieces = 60, .batch = 8};
  cr_assert_eq(l4r_config_defaults(L4R_KIND_LITE, "tiny", &options.config), 0);
  options.config.history = 6;
  options.config.rec_llm.d_model = options.config.item_llm.d_model = 16;
  options.config.rec_llm.d_kv = options.config.item_llm.d_kv = 8;
  options.config.rec_llm.heads = options.config.item_llm.heads = 2;
  options.config.rec_llm.d_ff = options.config.item_llm.d_ff = 24;
  l4r_train_defaults(&options.train);
  options.train.out = strdup(test_path(out));
  options.train.warmup = 5;
  options.train.epochs = 3;
  options.train.ceiling_seconds = 0;
  return options;
}

void circles_sasrec(struct l4r_model_config *config) {
  cr_assert_eq(l4r_config_defaults(L4R_KIND_SASREC, "tiny", config), 0);
  config->history = config->rec_llm.positions = 6;
  config->rec_llm.d_model = 16;
  config->rec_llm.d_kv = 8;
  config->rec_llm.heads = 2;
  config->rec_llm.d_ff = 24;
}
