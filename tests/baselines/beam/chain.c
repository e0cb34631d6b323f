/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/baselines/beam/chain.h"

#include "impl/base/error.h"
#include "impl/data/dataset_write.h"
#include "impl/model/config_sizes.h"
#include "tests/support/bert.h"
#include "tests/support/datasets.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static struct l4r_dataset *write_chain(const char *name, int first, int last_step) {
  static int64_t start[CHAIN_USERS + 1];
  static l4r_item item[CHAIN_USERS * CHAIN_LENGTH];
  static struct l4r_item_text text[CHAIN_ITEMS + 1];
  static char titles[CHAIN_ITEMS + 1][48], ids[CHAIN_ITEMS + 1][8];
  static const char *const colours[] = {"red", "green", "blue", "yellow", "grey"};
  for (int user = 0; user < CHAIN_USERS; user++) {
    start[user + 1] = (user + 1) * CHAIN_LENGTH;
    for (int i = 0; i < CHAIN_LENGTH; i++)
      item[user * CHAIN_LENGTH + i] = 1 + (first + user * 7 + i +
                                           (i == CHAIN_LENGTH - 1 ? last_step : 0)) %
                                              CHAIN_ITEMS;
  }
  for (int i = 1; i <= CHAIN_ITEMS; i++) {
    snprintf(titles[i], sizeof titles[i], "The %s house %d (%d)", colours[i % 5], i, 1950 + i);
    snprintf(ids[i], sizeof ids[i], "%d", i);
    text[i] = (struct l4r_item_text){ids[i], titles[i], "", "Drama, Comedy"};
  }
  const struct test_interactions of = {CHAIN_USERS, CHAIN_ITEMS, start, item};
  const struct l4r_dataset_source source = test_source(name, &of, text);
  test_dataset_write(name, &source);
  return test_dataset_open(name,
                           L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEST | L4R_PART_TEXT);
}

struct l4r_dataset *chain_dataset(const char *name, int first) {
  return write_chain(name, first, 0);
}

struct l4r_dataset *chain_dataset_tested(const char *name, int other) {
  return write_chain(name, 0, 5 * other);
}

struct l4r_beam_train_options chain_options(const struct l4r_dataset *dataset, enum l4r_kind kind,
                                            const char *out) {
  struct l4r_beam_train_options options = {.dataset = dataset, .pieces = 120, .batch = 20};
  cr_assert_eq(l4r_config_defaults(kind, "tiny", &options.config), L4R_OK);
  l4r_train_defaults(&options.train);
  options.config.history = 6;
  options.train.epochs = 0;
  options.train.out = test_path(out);
  return options;
}

struct l4r_beam_train_options chain_semantic(const struct l4r_dataset *dataset, enum l4r_kind kind,
                                             const char *out, int64_t codes,
                                             struct l4r_pretrained **encoder) {
  static char tokenizer[4096];
  struct l4r_beam_train_options options = chain_options(dataset, kind, out);
  cr_assert_eq(l4r_pretrained_open_item(test_bert_folder("sentences", "F32", NULL), encoder), 0,
               "%s", l4r_error_message());
  cr_assert_eq(l4r_pretrained_tokenizer(*encoder, tokenizer), 0, "%s", l4r_error_message());
  setenv("XDG_CACHE_HOME", test_path("cache"), 1);
  options.config.id_scheme = L4R_IDS_SEMANTIC;
  options.config.id_form = L4R_IDS_TOKENS;
  options.config.text_length = 23; /* as many positions as it has: four items by number, too */
  options.codes = codes;
  options.id_encoder = *encoder;
  options.id_tokenizer = tokenizer;
  return options;
}

const char *chain_model(const struct l4r_beam_train_options *options) {
  static char path[4096];
  int interrupted;
  cr_assert_eq(l4r_beam_train(options, &interrupted), L4R_OK, "%s", l4r_error_message());
  snprintf(path, sizeof path, "%s", options->train.out);
  return path;
}

const char *chain_ids_model(struct l4r_dataset **dataset, enum l4r_kind kind,
                            enum l4r_id_scheme scheme, enum l4r_id_form form) {
  *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(*dataset, kind, "model");
  options.config.id_scheme = scheme;
  options.config.id_form = form;
  return chain_model(&options);
}

const char *chain_semantic_model(struct l4r_dataset **dataset, enum l4r_kind kind) {
  struct l4r_pretrained *encoder;
  *dataset = chain_dataset("data", 0);
  const struct l4r_beam_train_options options = chain_semantic(*dataset, kind, "model", 8,
                                                               &encoder);
  const char *path = chain_model(&options);
  l4r_pretrained_close(encoder);
  return path;
}

const char *chain_worded_model(struct l4r_dataset **dataset, enum l4r_id_form form) {
  *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(*dataset, L4R_KIND_P5, "model");
  options.config.prompt = L4R_PROMPTS_OPENP5;
  options.config.id_form = form;
  return chain_model(&options);
}
