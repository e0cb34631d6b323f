/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/model/config.h"

#include "impl/base/error.h"
#include "impl/model/config_sizes.h"
#include "tests/support/files.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const enum l4r_kind KINDS[] = {L4R_KIND_LITE,      L4R_KIND_P5,     L4R_KIND_P5_HEAD,
                                      L4R_KIND_POP,       L4R_KIND_MARKOV, L4R_KIND_ITEMKNN,
                                      L4R_KIND_LITE_BEAM, L4R_KIND_SASREC};
enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

/* A config.json of a tiny Lite model with one piece of its text replaced. */
static void write_changed(const char *from, const char *to) {
  struct l4r_model_config config = test_config(L4R_KIND_LITE, "tiny", 9, 160);
  cr_assert_eq(l4r_config_write(test_path("m"), &config), 0, "%s", l4r_error_message());
  char *text = test_read("m/config.json");
  char *at = strstr(text, from);
  cr_assert_not_null(at, "'%s' is not in config.json", from);
  char changed[8192];
  snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
  test_file("m/config.json", changed);
}

Test(config, every_kind_comes_back_as_it_was_written) {
  for (int i = 0; i < KIND_COUNT; i++) {
    struct l4r_model_config config = test_config(KINDS[i], "mini", 3416, 160), back;
    if (l4r_kind_has_weights(KINDS[i])) {
      config.dropout = 1.0 / 3.0;
      config.pooling = L4R_POOL_LAST;
      if (KINDS[i] != L4R_KIND_SASREC) config.items_input = L4R_ITEMS_TEXT_ID;
      config.seed = -5;
      snprintf(config.init, sizeof config.init, "caf\xc3\xa9");
      snprintf(config.training, sizeof config.training, "minutes=40 rate=0.003");
    }
    config.training_seconds = 12.25;
    memset(config.dataset_sha256, 'a', 64);
    cr_assert_eq(l4r_config_write(test_path("a"), &config), 0, "%s", l4r_error_message());
    cr_assert_eq(l4r_config_read(test_path("a"), &back), 0, "%s", l4r_error_message());
    cr_assert_eq(l4r_config_write(test_path("b"), &back), 0, "%s", l4r_error_message());
    cr_assert_eq(back.kind, KINDS[i]);
    cr_assert_eq(back.items, 3416);
    cr_assert_eq(back.dropout, config.dropout);
    cr_assert_eq(back.seed, config.seed);
    cr_assert_eq(back.p5.vocabulary, config.p5.vocabulary);
    cr_assert_eq(back.rec_llm.causal, config.rec_llm.causal);
    cr_assert_eq(back.rec_llm.block, config.rec_llm.block);
    cr_assert_eq(back.rec_llm.positions, config.rec_llm.positions);
    cr_assert_str_eq(back.training, config.training);
    cr_assert_str_eq(back.dataset_sha256, config.dataset_sha256);
    char *a = test_read("a/config.json"), *b = test_read("b/config.json");
    cr_assert_str_eq(a, b);
  }
}

/* Folders of versions before the field have none, and folders that need none get none. */
Test(config, a_later_field_may_be_missing) {
  struct l4r_model_config config = test_config(L4R_KIND_P5, "mini", 9, 160), back;
  cr_assert_eq(l4r_config_write(test_path("a"), &config), 0);
  cr_expect_null(strstr(test_read("a/config.json"), "whole_word"));
  cr_expect_null(strstr(test_read("a/config.json"), "embedding_deviation"));
  cr_assert_eq(l4r_config_read(test_path("a"), &back), 0, "%s", l4r_error_message());
  cr_expect_eq(back.whole_word, 0);
  config.whole_word = 1;
  config.embedding_deviation = 0.05;
  config.tied_scale = 1.5;
  cr_assert_eq(l4r_config_write(test_path("a"), &config), 0);
  cr_assert_eq(l4r_config_read(test_path("a"), &back), 0, "%s", l4r_error_message());
  cr_expect_eq(back.whole_word, 1);
  cr_expect_eq(back.embedding_deviation, 0.05);
  cr_expect_eq(back.tied_scale, 1.5);
  config = test_config(L4R_KIND_LITE, "mini", 9, 160);
  config.whole_word = 1;
  config.embedding_deviation = 0.05;
  config.tied_scale = 1.5;
  cr_expect_eq(l4r_config_write(test_path("b"), &config), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "whole_word"));
}

Test(config, the_tokenizers_library_is_kept_where_it_is_known) {
  struct l4r_model_config config = test_config(L4R_KIND_P5, "mini", 9, 160), back;
  cr_assert_eq(l4r_config_write(test_path("a"), &config), 0, "%s", l4r_error_message());
  cr_expect_null(strstr(test_read("a/config.json"), "sentencepiece"));
  snprintf(config.sentencepiece, sizeof config.sentencepiece, "0.1.97");
  cr_assert_eq(l4r_config_write(test_path("a"), &config), 0, "%s", l4r_error_message());
  cr_expect_not_null(strstr(test_read("a/config.json"), "\"sentencepiece\": \"0.1.97\""));
  cr_assert_eq(l4r_config_read(test_path("a"), &back), 0, "%s", l4r_error_message());
  cr_expect_str_eq(back.sentencepiece, "0.1.97");
}

Test(config, files_from_before_the_training_settings_were_kept_are_read) {
  write_changed(",\n  \"training\": \"\"", "");
  char *text = test_read("m/config.json"), *seal = strstr(text, ",\n  \"files\"");
  cr_assert_not_null(seal);
  strcpy(seal, "\n}\n"); /* nor had they hashes */
  test_file("m/config.json", text);
  struct l4r_model_config back = {.training = "something"};
  cr_assert_eq(l4r_config_read(test_path("m"), &back), 0, "%s", l4r_error_message());
  cr_assert_str_eq(back.training, "");
}

Test(config, defaults_are_the_table_of_sizes) {
  static const struct {
    const char *size;
    int64_t width, key, heads, feed, item, blocks;
  } table[] = {{"tiny", 64, 16, 4, 256, 1, 2},
               {"mini", 128, 32, 4, 512, 2, 2},
               {"base", 256, 64, 4, 1024, 4, 4},
               {"t5-small", 512, 64, 8, 2048, 6, 6}};
  for (int i = 0; i < 4; i++) {
    struct l4r_model_config lite = test_config(L4R_KIND_LITE, table[i].size, 9, 160);
    struct l4r_model_config p5 = test_config(L4R_KIND_P5, table[i].size, 9, 160);
    cr_assert_eq(lite.item_llm.d_model, table[i].width);
    cr_assert_eq(lite.rec_llm.d_kv, table[i].key);
    cr_assert_eq(lite.rec_llm.heads, table[i].heads);
    cr_assert_eq(lite.rec_llm.d_ff, table[i].feed);
    cr_assert_eq(lite.item_llm.encoder_blocks, table[i].item);
    cr_assert_eq(lite.rec_llm.encoder_blocks, table[i].blocks);
    cr_assert_eq(lite.rec_llm.decoder_blocks, 0);
    cr_assert(lite.rec_llm.causal && !lite.item_llm.causal);
    cr_assert_eq(lite.history, 50);
    cr_assert_eq(p5.p5.encoder_blocks, table[i].blocks);
    cr_assert_eq(p5.p5.decoder_blocks, table[i].blocks);
    cr_assert(p5.p5.tied && !p5.p5.causal);
    cr_assert_eq(p5.history, 20);
  }
  struct l4r_model_config config;
  test_fails(l4r_config_defaults(L4R_KIND_LITE, "huge", &config), L4R_USAGE, "t5-small");
}

Test(config, sasrec_has_sizes_of_its_own) {
  static const struct {
    const char *size;
    int64_t width, key, heads;
  } table[] = {{"tiny", 32, 32, 1}, {"mini", 64, 64, 1}, {"base", 128, 64, 2}};
  struct l4r_model_config config;
  for (int i = 0; i < 3; i++) {
    config = test_config(L4R_KIND_SASREC, table[i].size, 9, 0);
    cr_assert_eq(config.rec_llm.d_model, table[i].width);
    cr_assert_eq(config.rec_llm.d_kv, table[i].key);
    cr_assert_eq(config.rec_llm.heads, table[i].heads);
    cr_assert_eq(config.rec_llm.d_ff, table[i].width);
    cr_assert_eq(config.rec_llm.encoder_blocks, 2);
    cr_assert(config.history == 200 && config.rec_llm.positions == 200);
    cr_assert(config.tied_head && config.rec_llm.causal);
    cr_assert_eq(l4r_tied_scale(&config), 1);
  }
  test_fails(l4r_config_defaults(L4R_KIND_SASREC, "t5-small", &config), L4R_USAGE, "mini, base");
}

Test(config, sasrec_refuses_what_it_is_not) {
  struct l4r_model_config config = test_config(L4R_KIND_SASREC, "tiny", 9, 0), good = config;
  config.tied_head = 0;
  test_fails(l4r_config_write(test_path("m"), &config), L4R_INPUT, "tied_head");
  config = good;
  config.rec_llm.block = L4R_BLOCK_T5;
  test_fails(l4r_config_write(test_path("m"), &config), L4R_INPUT, "rec_llm.block");
  config = good;
  config.history = 201;
  test_fails(l4r_config_write(test_path("m"), &config), L4R_INPUT, "rec_llm.positions");
  config = test_config(L4R_KIND_P5, "tiny", 9, 160);
  config.p5.block = L4R_BLOCK_SASREC;
  test_fails(l4r_config_write(test_path("m"), &config), L4R_INPUT, "SASRec blocks");
  cr_assert_eq(l4r_config_write(test_path("m"), &good), 0, "%s", l4r_error_message());
  char *text = test_read("m/config.json");
  cr_assert_not_null(strstr(text, "\"block\": \"sasrec\""), "%s", text);
  cr_assert_null(strstr(text, "max_distance"), "%s", text);
}

/* Gates, swiglu and cosine scores: written where they are set, read back, and refused where nothing
 * computes them. */
Test(config, recipes_are_kept_and_checked) {
  struct l4r_model_config good[2] = {test_config(L4R_KIND_LITE, "tiny", 9, 160),
                                     test_config(L4R_KIND_SASREC, "tiny", 9, 0)},
                          back, config;
  good[0].tied_head = 1;
  for (int kind = 0; kind < 2; kind++) {
    cr_assert_eq(l4r_config_write(test_path("m"), &good[kind]), 0, "%s", l4r_error_message());
    const char *text = test_read("m/config.json");
    cr_expect(!strstr(text, "gates") && !strstr(text, "swiglu") && !strstr(text, "scores") &&
              !strstr(text, "temperature"));
    good[kind].rec_llm.gates = L4R_GATES_LIGR;
    good[kind].rec_llm.gated = good[kind].rec_llm.swiglu = 1;
    good[kind].scores = L4R_SCORES_COSINE;
    good[kind].temperature = 0.05;
    cr_assert_eq(l4r_config_write(test_path("m"), &good[kind]), 0, "%s", l4r_error_message());
    cr_assert_eq(l4r_config_read(test_path("m"), &back), 0, "%s", l4r_error_message());
    cr_expect(back.rec_llm.gates == L4R_GATES_LIGR && back.rec_llm.gated && back.rec_llm.swiglu);
    cr_expect(back.scores == L4R_SCORES_COSINE && back.temperature == 0.05);
    cr_expect_float_eq(l4r_tied_scale(&back), 20, 1e-12);
  }
  config = good[0];
  config.tied_head = 0;
  test_fails(l4r_config_write(test_path("m"), &config), L4R_INPUT, "tied_head");
  config = good[0];
  config.temperature = 0;
  test_fails(l4r_config_write(test_path("m"), &config), L4R_INPUT, "'temperature' above 0");
  config = good[0];
  config.tied_scale = 2;
  test_fails(l4r_config_write(test_path("m"), &config), L4R_INPUT, "tied_scale");
  config = good[0];
  config.scores = L4R_SCORES_DOT;
  test_fails(l4r_config_write(test_path("m"), &config), L4R_INPUT, "'temperature' belongs");
  config = good[0];
  config.rec_llm.gated = 0;
  test_fails(l4r_config_write(test_path("m"), &config), L4R_INPUT, "'rec_llm.gated' true");
  config = good[0];
  config.item_llm.gates = L4R_GATES_LIGR;
  test_fails(l4r_config_write(test_path("m"), &config), L4R_INPUT, "gates and swiglu are for");
  config = good[1];
  config.rec_llm.swiglu = 0;
  test_fails(l4r_config_write(test_path("m"), &config), L4R_INPUT, "'rec_llm.swiglu' alone");
  config = test_config(L4R_KIND_P5, "tiny", 9, 160);
  config.p5.swiglu = config.p5.gated = 1;
  test_fails(l4r_config_write(test_path("m"), &config), L4R_INPUT, "gates and swiglu are for");
  config = test_config(L4R_KIND_LITE_BEAM, "tiny", 9, 160);
  config.rec_llm.gates = L4R_GATES_LIGR;
  test_fails(l4r_config_write(test_path("m"), &config), L4R_INPUT, "gates and swiglu are for");
}

/* Folders from before there were other blocks have no such field. */
Test(config, blocks_are_t5s_unless_said) {
  struct l4r_model_config config = test_config(L4R_KIND_LITE, "tiny", 9, 160);
  cr_assert_eq(l4r_config_write(test_path("m"), &config), 0, "%s", l4r_error_message());
  cr_assert_null(strstr(test_read("m/config.json"), "\"block\""));
  cr_assert_eq(l4r_config_read(test_path("m"), &config), 0, "%s", l4r_error_message());
  cr_assert_eq(config.rec_llm.block, L4R_BLOCK_T5);
}

Test(config, kinds_have_names) {
  for (int kind = 0; kind < L4R_KINDS; kind++) {
    enum l4r_kind back;
    cr_assert_eq(l4r_kind_parse(l4r_kind_name((enum l4r_kind)kind), &back), 0);
    cr_assert_eq((int)back, kind);
  }
  enum l4r_kind kind;
  test_fails(l4r_kind_parse("gru", &kind), L4R_USAGE, "'gru'; known are lite, p5");
}

Test(config, a_wrong_field_is_named) {
  static const struct {
    const char *from, *to, *message;
  } cases[] = {
      {"\"history\": 50", "\"history\": \"50\"", "'history' is not an integer"},
      {"\"history\": 50", "\"history\": 0", "'history' is 0, outside"},
      {"\"history\": 50", "\"history\": 50.5", "'history'"},
      {"\"history\": 50", "\"history\": 99999999999999999999", "not valid JSON"},
      {"\"history\": 50,", "", "'history' is missing"},
      {"\"history\": 50", "\"history\": 50, \"depth\": 2", "'depth' is unknown"},
      {"\"history\": 50", "\"history\": 50, \"history\": 51", "config.json:"},
      {"\"width\": 64", "\"width\": -64", "'item_llm.width' is -64"},
      {"\"width\": 64", "\"width\": 128", "'item_llm.width' is 128 but 'rec_llm.width' is 64"},
      {"\"max_distance\": 128", "\"max_distance\": 16", "'item_llm.max_distance'"},
      {"\"vocabulary\": 160", "\"vocabulary\": 0", "'item_llm.vocabulary'"},
      {"\"gated\": false", "\"gated\": 0", "'item_llm.gated' is not a boolean"},
      {"\"pooling\": \"mean\"", "\"pooling\": \"max\"", "'max'; known are mean, last"},
      {"\"dropout\": 0.2", "\"dropout\": 1.5", "'dropout' is 1.5"},
      {"\"dropout\": 0.2", "\"dropout\": null", "'dropout' is not a number"},
      {"\"dataset_sha256\": \"\"", "\"dataset_sha256\": \"xyz\"", "SHA-256"},
      {"\"kind\": \"lite\"", "\"kind\": \"gru\"", "'kind'"},
      {"\"kind\": \"lite\"", "\"kind\": 3", "'kind'"},
      {"\"schema\": 1", "\"schema\": 2", "'schema'"},
      {"\"size\": \"tiny\"", "\"size\": \"huge\"", "'size'"},
      {"\"rec_llm\"", "\"rec\"", "'rec_llm' is missing"},
      {"\"loss\": \"cross-entropy\"", "\"loss\": \"a loss with a name that is far too long\"",
       "'loss' is longer"},
      {"{", "[", "config.json:"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    write_changed(cases[i].from, cases[i].to);
    struct l4r_model_config config = {.items = 77};
    int status = l4r_config_read(test_path("m"), &config);
    test_fails(status, L4R_INPUT, cases[i].message);
    test_fails(status, L4R_INPUT, "config.json");
    cr_assert_eq(config.items, 77, "a failed read leaves its output alone");
  }
}

/* Each edit makes another whole configuration: nothing but the seal tells. */
Test(config, an_edit_after_training_is_noticed) {
  static const char
      A[] = "\"dataset_sha256\": \"\"",
      B[] = "\"dataset_sha256\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "aaaaaaaa\"";
  static const char *const edits[][2] = {{A, B},
                                         {"\"history\": 50", "\"history\": 49"},
                                         {"\"dropout\": 0.2", "\"dropout\": 0.25"},
                                         {"\"pooling\": \"mean\"", "\"pooling\": \"last\""}};
  struct l4r_model_config config;
  for (size_t e = 0; e < sizeof edits / sizeof *edits; e++) {
    write_changed(edits[e][0], edits[e][1]);
    test_fails(l4r_config_read(test_path("m"), &config), L4R_INPUT,
               "config.json: sha256: the file does not have the hash it states");
    char *text = test_read("m/config.json"), *seal = strstr(text, ",\n  \"sha256\"");
    cr_assert_not_null(seal);
    strcpy(seal, "\n}\n"); /* taken off, while the hashes of the other files stay */
    test_file("m/config.json", text);
    test_fails(l4r_config_read(test_path("m"), &config), L4R_INPUT,
               "config.json: sha256: the file does not have the hash it states");
    char *files = strstr(text, ",\n  \"files\"");
    cr_assert_not_null(files);
    strcpy(files, "\n}\n"); /* a file of before there were hashes */
    test_file("m/config.json", text);
    cr_assert_eq(l4r_config_read(test_path("m"), &config), 0, "%s", l4r_error_message());
  }
}

Test(config, missing_and_empty_files_are_named) {
  struct l4r_model_config config;
  test_fails(l4r_config_read(test_path("none"), &config), L4R_INPUT, "none/config.json");
  write_changed("{", "{");
  test_file("m/config.json", "");
  test_fails(l4r_config_read(test_path("m"), &config), L4R_INPUT, "config.json");
  test_bytes("m/config.json", "{\0}", 3);
  test_fails(l4r_config_read(test_path("m"), &config), L4R_INPUT, "config.json");
}

Test(config, wrong_settings_are_not_written) {
  struct l4r_model_config config = test_config(L4R_KIND_P5, "tiny", 9, 0);
  test_fails(l4r_config_write(test_path("m"), &config), L4R_INPUT, "vocabulary");
  config = test_config(L4R_KIND_LITE, "tiny", 9, 160);
  snprintf(config.dataset_name, sizeof config.dataset_name, "bad \xff utf");
  test_fails(l4r_config_write(test_path("m"), &config), L4R_ENVIRONMENT, "config.json");
  cr_assert_leq(test_entries("m"), 0);
}
