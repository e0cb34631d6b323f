/* SPDX-License-Identifier: BSD-3-Clause */
/* Options and presets of `lite4rec train` as settings. */
#include "bench/commands/train_presets.h"
#include "bench/commands/train_settings.h"
#include "impl/base/error.h"
#include "tests/support/t5.h"
#include "tests/support/train.h"

#include <criterion/criterion.h>

static void parse(const char *line, struct l4r_train_settings *settings) {
  char *argv[TEST_TRAIN_WORDS];
  int helped, argc = test_train_words(line, argv);
  cr_assert_eq(l4r_train_settings_parse(argc, argv, settings, &helped), 0, "%s",
               l4r_error_message());
}

Test(train_command, blocks_are_shaped_by_options) {
  struct l4r_train_settings settings;
  struct l4r_model_config config;
  parse("lite --data d --out o --width 96 --heads 6 --blocks 3 --gates ligr --activation swiglu "
        "--tied --scores cosine --temperature 0.2",
        &settings);
  cr_assert_eq(l4r_train_settings_config(&settings, &config), 0, "%s", l4r_error_message());
  const struct l4r_t5_shape *rec = &config.rec_llm;
  cr_expect(rec->d_model == 96 && rec->heads == 6 && rec->d_kv == 16 && rec->d_ff == 384);
  cr_expect(rec->encoder_blocks == 3 && rec->gated && rec->swiglu && rec->gates == L4R_GATES_LIGR);
  cr_expect(config.item_llm.d_model == 96 && !config.item_llm.swiglu && !config.item_llm.gates);
  cr_expect(config.scores == L4R_SCORES_COSINE && config.temperature == 0.2);
  cr_expect_str_eq(config.size, "custom");
  parse("sasrec --data d --out o --width 128 --feed 512 --blocks 1", &settings);
  cr_assert_eq(l4r_train_settings_config(&settings, &config), 0, "%s", l4r_error_message());
  cr_expect(rec->d_model == 128 && rec->d_kv == 128 && rec->d_ff == 512);
  cr_expect(rec->encoder_blocks == 1 && !rec->gated && config.scores == L4R_SCORES_DOT);
}

/* What is given stays; the rest is the preset's, and depends on how long histories are. */
Test(train_command, presets_fill_in_what_is_not_given) {
  struct l4r_train_settings settings;
  struct l4r_dataset dataset = {.users = 10, .interactions = 1650};
  parse("lite --data d --out o", &settings);
  cr_assert_eq(l4r_train_preset_apply(&settings, &dataset), 0);
  cr_expect_eq(settings.batch, 0, "ten users make no batch of a preset's size");
  dataset = (struct l4r_dataset){.users = 6040, .interactions = 999611};
  parse("lite --data d --out o --lr 0.5", &settings);
  cr_expect_eq(l4r_train_preset(&settings), L4R_PRESET_BEST);
  cr_assert_eq(l4r_train_preset_apply(&settings, &dataset), 0);
  cr_expect(settings.items == L4R_ITEMS_ID && settings.tied && settings.rate == 0.5);
  cr_expect(settings.gates && settings.activation, "validation chose LiGR's gates and SwiGLU");
  const int64_t epochs = settings.epochs;
  cr_expect_eq(settings.batch, 64);
  dataset.interactions = 6040 * 9;
  parse("lite --data d --out o", &settings);
  cr_assert_eq(l4r_train_preset_apply(&settings, &dataset), 0);
  cr_expect(settings.epochs > epochs && settings.rate == 1e-3);
  parse("lite --data d --out o --preset paper --tied", &settings);
  cr_assert_eq(l4r_train_preset_apply(&settings, &dataset), 0);
  cr_expect(settings.items == L4R_ITEMS_TEXT && settings.attention && settings.tied);
  parse("lite --data d --out o --items text+id", &settings);
  cr_expect_eq(l4r_train_preset(&settings), L4R_PRESET_PLAIN);
  struct l4r_train_settings before = settings;
  cr_assert_eq(l4r_train_preset_apply(&settings, &dataset), 0);
  cr_expect(settings.rate == before.rate && settings.tied == before.tied);
  parse("p5 --data d --out o", &settings);
  cr_expect_eq(l4r_train_preset(&settings), L4R_PRESET_PLAIN);
}

/* It would be left out of the model, if items were made of ids alone. */
Test(train_command, the_best_preset_has_a_pretrained_item_llm_read_texts_beside_ids) {
  static const char *const lines[] = {"lite --data d --out o --init-item f",
                                      "lite --data d --out o --init-item f --preset best"};
  const struct l4r_dataset dataset = {.users = 22363, .interactions = 198502};
  struct l4r_train_settings settings;
  for (int l = 0; l < 2; l++) {
    parse(lines[l], &settings);
    cr_expect_eq(l4r_train_preset(&settings), L4R_PRESET_BEST);
    cr_assert_eq(l4r_train_preset_apply(&settings, &dataset), 0, "%s", l4r_error_message());
    cr_expect_eq(settings.items, L4R_ITEMS_TEXT_ID);
    cr_expect(settings.tied && settings.rate == 1e-3 && settings.epochs == 25);
  }
  parse("lite --data d --out o --init-item f --items text", &settings);
  cr_expect_eq(l4r_train_preset(&settings), L4R_PRESET_PLAIN);
}

Test(train_command, sasrec_is_trained_as_published_unless_told_otherwise) {
  char *argv[TEST_TRAIN_WORDS];
  struct l4r_train_settings settings;
  struct l4r_model_config config;
  struct l4r_train_options options;
  int helped, argc = test_train_words("sasrec --data d --out o --history 30", argv);
  cr_assert_eq(l4r_train_settings_parse(argc, argv, &settings, &helped), 0, "%s",
               l4r_error_message());
  cr_assert_eq(l4r_train_settings_config(&settings, &config), 0);
  cr_assert_eq(l4r_train_settings_options(&settings, &options), 0);
  cr_assert(config.history == 30 && config.rec_llm.positions == 30);
  cr_assert(config.tied_head && config.items_input == L4R_ITEMS_ID);
  cr_assert_eq(options.schedule, L4R_SCHEDULE_CONSTANT);
  cr_assert_eq(options.learning_rate, 1e-3);
  cr_assert_eq(options.weight_decay, 0);
}
