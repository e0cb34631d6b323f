/* SPDX-License-Identifier: BSD-3-Clause */
/* The folder of a training of the beam kinds, and settings that are refused. */
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "tests/baselines/beam/chain.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <string.h>

/* The bytes of a trained folder's file. */
static char *read_model(const char *name, size_t *bytes) {
  char *content;
  cr_assert_eq(l4r_read_file(test_path(name), 0, &content, bytes), L4R_OK, "%s",
               l4r_error_message());
  return content;
}

static int held_out_reads, reads;

static void note_read(void *context, const char *path) {
  const char *name = strrchr(path, '/');
  reads++;
  held_out_reads += !strcmp(name ? name + 1 : path, "test.txt");
}

/* Two data sets that differ in every test item and agree in all else. The folder's own hashes are
 * part of a configuration, so weights and id maps are compared. */
Test(beam_train, no_id_scheme_reads_test_items) {
  static const enum l4r_id_scheme schemes[] = {L4R_IDS_RANDOM, L4R_IDS_SEQUENTIAL,
                                               L4R_IDS_COLLABORATIVE, L4R_IDS_SEMANTIC};
  static const char *const weights[] = {"a/model.safetensors", "b/model.safetensors"};
  static const char *const maps[] = {"a/id_map.tsv", "b/id_map.tsv"};
  for (int scheme = 0; scheme < 4; scheme++) {
    for (int other = 0; other < 2; other++) {
      struct l4r_dataset *dataset = chain_dataset_tested("data", other);
      l4r_on_read(note_read, NULL);
      struct l4r_pretrained *encoder = NULL;
      const char *out = other ? "b" : "a";
      struct l4r_beam_train_options options = schemes[scheme] == L4R_IDS_SEMANTIC
                                                  ? chain_semantic(dataset, L4R_KIND_P5, out, 8,
                                                                   &encoder)
                                                  : chain_options(dataset, L4R_KIND_P5, out);
      options.config.id_scheme = schemes[scheme];
      options.config.id_form = L4R_IDS_TOKENS;
      options.train.epochs = 1;
      options.prefixes = 2;
      options.validation_users = 20;
      int interrupted;
      cr_assert_eq(l4r_beam_train(&options, &interrupted), L4R_OK, "%s", l4r_error_message());
      l4r_on_read(NULL, NULL);
      l4r_pretrained_close(encoder);
      l4r_dataset_close(dataset);
    }
    for (int file = 0; file < 2; file++) {
      const char *const *name = file ? maps : weights;
      size_t bytes[2];
      char *content[2] = {read_model(name[0], &bytes[0]), read_model(name[1], &bytes[1])};
      cr_expect(bytes[0] == bytes[1] && !memcmp(content[0], content[1], bytes[0]),
                "scheme %d: %s depends on test items", scheme, name[0]);
      l4r_free(content[0]);
      l4r_free(content[1]);
    }
  }
  cr_expect_gt(reads, 0);
  cr_expect_eq(held_out_reads, 0);
}

/* Eigenvectors differ between processors, so a map is not made anew in the middle of a training. */
Test(beam_train, resuming_takes_the_id_map_that_is_there_and_no_other) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5, "a");
  options.config.id_scheme = L4R_IDS_COLLABORATIVE;
  options.config.id_form = L4R_IDS_TOKENS;
  options.prefixes = 2;
  options.validation_users = 20;
  options.train.patience = 0;
  int interrupted;
  for (int epochs = 1; epochs <= 2; epochs++) {
    options.train.epochs = epochs;
    options.train.resume = epochs == 2;
    cr_assert_eq(l4r_beam_train(&options, &interrupted), L4R_OK, "%s", l4r_error_message());
  }
  size_t bytes;
  char *content = read_model("a/id_map.tsv", &bytes);
  char *one = strstr(content, "\n1\t"), *two = strstr(content, "\n2\t");
  cr_assert(one && two);
  one[1] = '2', two[1] = '1'; /* two items change places */
  char *line = l4r_alloc(bytes + 1, 1, "test");
  char *three = strstr(two + 1, "\n");
  int head = (int)(one - content), first = (int)(two - one), second = (int)(three - two);
  snprintf(line, bytes + 1, "%.*s%.*s%.*s%s", head, content, second, two, first, one, three);
  cr_assert_eq(l4r_write_file(test_path("a/id_map.tsv"), line, strlen(line)), L4R_OK);
  options.train.epochs = 3;
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "other settings"), "%s", l4r_error_message());
  l4r_free(line);
  l4r_free(content);
  l4r_dataset_close(dataset);
}

/* The map that is there is taken; the folder that it was made of is named again. */
Test(beam_train, semantic_ids_resume_bit_for_bit) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_pretrained *encoder;
  struct l4r_model_config config;
  int interrupted;
  for (int stopped = 0; stopped < 2; stopped++) {
    struct l4r_beam_train_options options = chain_semantic(dataset, L4R_KIND_P5,
                                                           stopped ? "b" : "a", 8, &encoder);
    options.prefixes = 2;
    options.validation_users = 20;
    options.train.patience = 0;
    for (int epochs = stopped ? 1 : 2; epochs <= 2; epochs++) {
      options.train.epochs = epochs;
      options.train.resume = stopped && epochs == 2;
      cr_assert_eq(l4r_beam_train(&options, &interrupted), L4R_OK, "%s", l4r_error_message());
    }
    l4r_pretrained_close(encoder);
    cr_assert_eq(l4r_config_read(options.train.out, &config), L4R_OK);
    cr_expect_str_eq(config.ids_from, "sentences");
    cr_expect_str_eq(config.init, "random");
    cr_expect_str_eq(config.init_licence, "apache-2.0");
    cr_expect_eq(config.max_id_tokens, 5, "three codes, a place, the end");
    cr_expect(strstr(config.training, "levels=3 codes=8 kept=32 "), "%s", config.training);
  }
  size_t whole, parts;
  char *one = read_model("a/model.safetensors", &whole);
  char *other = read_model("b/model.safetensors", &parts);
  cr_expect(whole == parts && !memcmp(one, other, whole));
  l4r_free(one);
  l4r_free(other);
  l4r_dataset_close(dataset);
}

Test(beam_train, semantic_ids_without_texts_or_with_too_long_ones_are_refused) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_pretrained *encoder;
  struct l4r_beam_train_options options = chain_semantic(dataset, L4R_KIND_P5, "model", 8,
                                                         &encoder);
  int interrupted;
  options.config.text_length = 64;
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "23 positions"), "%s", l4r_error_message());
  options.config.text_length = 20;
  options.codes = 2;
  options.levels = 1;
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "have the codes"), "%s", l4r_error_message());
  options.levels = 9;
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "--semantic-levels"), "%s", l4r_error_message());
  options.levels = options.codes = 0;
  options.id_encoder = NULL;
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "--init-item"), "%s", l4r_error_message());
  l4r_pretrained_close(encoder);
  l4r_dataset_close(dataset);
}

Test(beam_train, wrong_settings_are_refused) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5, "model");
  int interrupted;
  options.config.id_scheme = L4R_IDS_COLLABORATIVE;
  options.clusters = 1001;
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "--clusters"), "%s", l4r_error_message());
  options = chain_options(dataset, L4R_KIND_P5, "model");
  options.batch = -1;
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "--batch"), "%s", l4r_error_message());
  options = chain_options(dataset, L4R_KIND_P5, "model");
  options.tokenizer = test_path("nowhere.model");
  cr_expect_eq(l4r_beam_train(&options, &interrupted), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "nowhere.model"), "%s", l4r_error_message());
  l4r_dataset_close(dataset);
}
