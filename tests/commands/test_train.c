/* SPDX-License-Identifier: BSD-3-Clause */
/* `lite4rec train` from its command line: what it refuses, by name and exit code, and the folders
 * it leaves. */
#include "bench/commands/commands.h"
#include "bench/commands/train_options.h"
#include "bench/commands/train_presets.h"
#include "bench/commands/train_settings.h"
#include "impl/base/cpu.h"
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/log.h"
#include "impl/base/tidy.h"
#include "impl/base/memory.h"
#include "impl/data/dataset_write.h"
#include "impl/lite/catalogue.h"
#include "impl/model/model.h"
#include "impl/train/layers/matmul.h"
#include "impl/train/loop/state.h"
#include "tests/support/bert.h"
#include "tests/support/datasets.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 32 };

/* The words of `line` behind "train"; @D is the data set, @O the scratch folder's "model". */
static int split(const char *line, char *argv[MOST]) {
  static char copy[1024], name[] = "train", data[4096], out[4096];
  char *rest = NULL;
  int argc = 1;
  argv[0] = name;
  snprintf(copy, sizeof copy, "%s", line);
  snprintf(data, sizeof data, "%s", test_path("data"));
  snprintf(out, sizeof out, "%s", test_path("model"));
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
    argv[argc++] = strcmp(word, "@D") == 0 ? data : strcmp(word, "@O") == 0 ? out : word;
  return argc;
}

static int train(const char *line) {
  char *argv[MOST];
  int argc = split(line, argv);
  l4r_log_quiet(1);
  return l4r_command_train(argc, argv);
}

Test(train_command, refuses_by_name) {
  static const struct {
    const char *line;
    int status;
    const char *part;
  } row[] = {
      {"", L4R_USAGE, "which kind"},
      {"lite --out @O", L4R_USAGE, "--data"},
      {"nonsense --data @D --out @O", L4R_USAGE, "nonsense"},
      {"lite --data @D --out @O --nonsense 1", L4R_USAGE, "--item-share"},
      {"pop --data @D --out @O --lr 1", L4R_USAGE, "--lr has no meaning"},
      {"p5 --data @D --out @O --tied", L4R_USAGE, "--tied has no meaning"},
      {"itemknn --data @D --out @O --norm half", L4R_USAGE, "none, cosine"},
      {"sasrec --data @D --out @O --tied", L4R_USAGE, "--tied has no meaning"},
      {"sasrec --data @D --out @O --tokenizer x", L4R_USAGE, "--tokenizer has no meaning"},
      {"sasrec --data @D --out @O --prefixes 2", L4R_USAGE, "--prefixes has no meaning"},
      {"sasrec --data @D --out @O --size t5-small", L4R_USAGE, "t5-small"},
      {"lite --data @D --out @O --size vast", L4R_USAGE, "vast"},
      {"lite --data @D --out @O --attention sideways", L4R_USAGE, "causal, bidirectional"},
      {"lite --data @D --out @O --precision fp8", L4R_USAGE, "fp32, bf16"},
      {"pop --data @D --out @O --precision bf16", L4R_USAGE, "--precision has no meaning"},
      {"lite --data @D --out @O --batch 0", L4R_USAGE, "--batch"},
      {"lite --data @D --out @O --dropout 1", L4R_USAGE, "--dropout"},
      {"lite --data @D --out @O --size tiny --lr -1", L4R_USAGE, "--lr"},
      {"lite --data @D --out @O --epochs -1", L4R_USAGE, "--epochs"},
      {"lite --data @D --out @O --prefixes few", L4R_USAGE, "few"},
      {"p5 --data @D --out @O --answers 0", L4R_USAGE, "--answers must be at least 1"},
      {"p5 --data @D --out @O --ids alphabetical", L4R_USAGE, "random, sequential, collaborative"},
      {"p5 --data @D --out @O --id-form items", L4R_USAGE, "--ids collaborative"},
      {"p5 --data @D --out @O --id-form letters", L4R_USAGE, "digits, tokens, items"},
      {"lite --data @D --out @O --preset plain --tied-scale 1", L4R_USAGE, "goes with --tied"},
      {"lite --data @D --out @O --tied --tied-scale -1", L4R_USAGE, "above 0"},
      {"lite --data @D --out @O --embedding-deviation 0", L4R_USAGE, "above 0"},
      {"lite --data @D --out @O --embedding-rate 0", L4R_USAGE, "--embedding-rate is above 0"},
      {"p5 --data @D --out @O --answer-form chorus", L4R_USAGE, "apart, sequence"},
      {"p5 --data @D --out @O --init x --untied", L4R_USAGE, "exclude each other"},
      {"lite --data @D --out @O --untied", L4R_USAGE, "--untied has no meaning"},
      {"p5 --data @D --out @O --leaf 50", L4R_USAGE, "--ids collaborative"},
      {"p5 --data @D --out @O --ids collaborative --clusters 1", L4R_USAGE, "--clusters"},
      {"p5 --data @D --out @O --ids collaborative --clusters 2000", L4R_USAGE, "2 to 1000"},
      {"lite --data @D --out @O --threads 5000", L4R_ENVIRONMENT, "5000"},
      {"lite --data @D --out @O --size tiny --resume", L4R_INPUT, "training.state"},
      {"lite --data @D --out @O --init nowhere", L4R_INPUT, "nowhere"},
      {"lite --data @D --out @O --init-part item", L4R_USAGE, "--init FOLDER"},
      {"lite --data @D --out @O --init x --init-part some", L4R_USAGE, "both, item"},
      {"lite --data @D --out @O --init x --init-part item --items id", L4R_USAGE, "no Item LLM"},
      {"lite --data @D --out @O --init-item nowhere", L4R_INPUT, "nowhere"},
      {"lite --data @D --out @O --init-item x --init y", L4R_USAGE, "exclude each other"},
      {"lite --data @D --out @O --init-item x --items id", L4R_USAGE, "excludes --items id"},
      {"lite --data @D --out @O --init-item x --projection", L4R_USAGE, "excludes --projection"},
      {"lite --data @D --out @O --init-item x --item-rate 1", L4R_USAGE, "--item-llm tuned"},
      {"lite --data @D --out @O --item-llm frozen", L4R_USAGE, "goes with --init-item"},
      {"lite --data @D --out @O --whiten off", L4R_USAGE, "goes with --init-item"},
      {"lite --data @D --out @O --adapter linear", L4R_USAGE, "goes with --init-item"},
      {"lite --data @D --out @O --pooling first", L4R_USAGE, "goes with --init-item"},
      {"lite-beam --data @D --out @O --init-item x", L4R_USAGE, "without --ids semantic"},
      {"p5 --data @D --out @O --init-item x", L4R_USAGE, "--init-item has no meaning"},
      {"sasrec --data @D --out @O --init-item x", L4R_USAGE, "--init-item has no meaning"},
      {"p5 --data @D --out @O --ids semantic", L4R_USAGE, "needs --init-item FOLDER"},
      {"p5 --data @D --out @O --ids semantic --init-item nowhere", L4R_INPUT, "nowhere"},
      {"p5 --data @D --out @O --ids semantic --init-item x --id-form digits", L4R_USAGE,
       "semantic ids are tokens"},
      {"p5 --data @D --out @O --ids semantic --init-item x --leaf 9", L4R_USAGE, "collaborative"},
      {"p5 --data @D --out @O --ids semantic --init-item x --semantic-levels 9", L4R_USAGE,
       "--semantic-levels"},
      {"p5 --data @D --out @O --semantic-codes 64", L4R_USAGE, "without --ids semantic"},
      {"p5 --data @D --out @O --text-length 64", L4R_USAGE, "they read no texts"},
      {"p5 --data @D --out @O --prompt long", L4R_USAGE, "short, openp5"},
      {"p5-head --data @D --out @O --prompt openp5", L4R_USAGE, "--prompt has no meaning"},
      {"p5 --data @D --out @O --init x --init-part item", L4R_USAGE, "--init-part has no meaning"},
      {"sasrec --data @D --out @O --init x", L4R_USAGE, "--init has no meaning"},
      {"pop --data @D --out @O --init x", L4R_USAGE, "--init has no meaning"},
      {"lite --data @D/nowhere --out @O", L4R_INPUT, "nowhere"},
      {"lite --data @D --out @O --preset worst", L4R_USAGE, "best, paper, plain"},
      {"p5 --data @D --out @O --preset best", L4R_USAGE, "--preset has no meaning"},
      {"lite --data @D --out @O --scores angle", L4R_USAGE, "dot, cosine"},
      {"lite --data @D --out @O --preset plain --scores cosine", L4R_USAGE, "needs --tied"},
      {"lite --data @D --out @O --temperature 1", L4R_USAGE, "belongs to --scores cosine"},
      {"lite --data @D --out @O --scores cosine --temperature 0", L4R_USAGE, "above 0"},
      {"lite --data @D --out @O --tied --scores cosine --tied-scale 1", L4R_USAGE, "--temperature"},
      {"p5 --data @D --out @O --scores cosine", L4R_USAGE, "--scores has no meaning"},
      {"lite --data @D --out @O --gates lstm", L4R_USAGE, "none, ligr"},
      {"lite-beam --data @D --out @O --gates ligr", L4R_USAGE, "--gates has no meaning"},
      {"lite --data @D --out @O --activation tanh", L4R_USAGE, "relu, swiglu"},
      {"lite --data @D --out @O --width 100 --heads 3", L4R_USAGE, "no multiple of the 3 heads"},
      {"sasrec --data @D --out @O --blocks 0", L4R_USAGE, "--blocks"},
      {"lite --data @D --out @O --init x --width 64", L4R_USAGE, "do not go with --init"},
      {"lite --data @D --out @O --sample position", L4R_USAGE, "--sample belongs to"},
      {"lite --data @D --out @O --correction off", L4R_USAGE, "--correction belongs to"},
      {"lite --data @D --out @O --loss sampled-softmax --sample position --update rows", L4R_USAGE,
       "--sample piece"},
  };
  l4r_dataset_close(test_dataset("data", 0));
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    test_fails(train(row[i].line), row[i].status, row[i].part);
    cr_assert_neq(access(test_path("model/config.json"), F_OK), 0, "%s: wrote a model",
                  row[i].line);
  }
}

Test(train_command, options_reach_the_configuration) {
  const char *line = "lite --data d --out o --history 7 --attention bidirectional --items text+id "
                     "--tied --pooling=last --seed 9 --dropout 0.3 --minutes 2";
  char *argv[MOST];
  struct l4r_train_settings settings;
  struct l4r_model_config config;
  struct l4r_train_options options;
  int helped, argc = split(line, argv);
  cr_assert_eq(l4r_train_settings_parse(argc, argv, &settings, &helped), 0, "%s",
               l4r_error_message());
  cr_assert_eq(l4r_train_settings_config(&settings, &config), 0);
  cr_assert_eq(l4r_train_settings_options(&settings, &options), 0);
  cr_assert_eq(config.history, 7);
  cr_assert_eq(config.rec_llm.causal, 0);
  cr_assert_eq(config.items_input, L4R_ITEMS_TEXT_ID);
  cr_assert_eq(config.tied_head, 1);
  cr_assert_eq(config.pooling, L4R_POOL_LAST);
  cr_assert_float_eq(config.dropout, 0.3, 1e-12);
  cr_assert_eq(options.seed, 9);
  cr_assert_float_eq(options.minutes, 2, 1e-12);
  cr_assert_lt(options.epochs, 0);
}

static void parse(const char *line, struct l4r_train_settings *settings) {
  char *argv[MOST];
  int helped, argc = split(line, argv);
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

Test(train_command, sasrec_is_trained_as_published_unless_told_otherwise) {
  char *argv[MOST];
  struct l4r_train_settings settings;
  struct l4r_model_config config;
  struct l4r_train_options options;
  int helped, argc = split("sasrec --data d --out o --history 30", argv);
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

Test(train_command, every_kind_writes_a_folder_that_opens) {
  static const char *const kind[] = {
      "lite", "p5 --ids random", "p5-head --ids collaborative", "lite-beam", "sasrec",
      "pop",  "markov",          "itemknn --norm none"};
  struct l4r_dataset *dataset = test_dataset("data", 0);
  for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
    char line[128];
    enum l4r_kind found;
    int counts = i >= 5;
    snprintf(line, sizeof line, "%s --data @D --out @O --force%s", kind[i],
             counts ? "" : " --size tiny --epochs 0");
    cr_assert_eq(train(line), 0, "%s: %s", line, l4r_error_message());
    cr_assert_eq(l4r_model_kind(test_path("model"), &found), 0, "%s", l4r_error_message());
    cr_assert_eq(strncmp(kind[i], l4r_kind_name(found), strlen(l4r_kind_name(found))), 0);
    if (counts) continue;
    struct l4r_model *model;
    cr_assert_eq(l4r_model_open(test_path("model"), dataset, &model), 0, "%s: %s", line,
                 l4r_error_message());
    l4r_model_close(model);
  }
  l4r_dataset_close(dataset);
}

Test(train_command, a_batch_beyond_the_data_set_is_refused) {
  static const char *const kind[] = {"lite", "sasrec", "p5"};
  l4r_dataset_close(test_dataset("data", 0));
  for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
    char line[128];
    snprintf(line, sizeof line, "%s --data @D --out @O --size tiny --epochs 1 --batch 1000000",
             kind[i]);
    cr_assert_eq(train(line), L4R_USAGE, "%s", line);
    cr_expect_not_null(strstr(l4r_error_message(), "too small for --batch 1000000"), "%s",
                       l4r_error_message());
  }
}

/* The folder's size, vocabulary and tokenizer become the model's, and config.json names it. */
Test(train_command, init_begins_with_a_hugging_face_folder) {
  static const char *const kind[] = {"lite", "lite --items id", "p5", "p5-head", "lite-beam"};
  const struct l4r_t5_shape shape = {.d_model = 64,
                                     .d_kv = 16,
                                     .heads = 4,
                                     .d_ff = 256,
                                     .vocabulary = 200,
                                     .encoder_blocks = 2,
                                     .decoder_blocks = 2,
                                     .buckets = 32,
                                     .max_distance = 128,
                                     .epsilon = 1e-6};
  struct l4r_dataset *dataset = test_dataset("data", 0);
  const char *folder = test_t5_folder("flan", &shape, 0);
  test_tokenizer(test_path("flan/spiece.model"));
  for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
    char line[512];
    snprintf(line, sizeof line, "%s --data @D --out @O --init %s --epochs %d --threads 1 --force",
             kind[i], folder, i == 0);
    cr_assert_eq(train(line), 0, "%s: %s", line, l4r_error_message());
    struct l4r_model *model;
    cr_assert_eq(l4r_model_open(test_path("model"), dataset, &model), 0, "%s: %s", line,
                 l4r_error_message());
    const struct l4r_model_config *c = &model->config;
    cr_assert_str_eq(c->init, "flan");
    if (i == 0) cr_assert_eq(c->item_llm.vocabulary, 200);
    if (i == 2) cr_assert_eq(c->p5.vocabulary, 200);
    if (i == 2) cr_assert_eq(c->p5.tied, 0);
    cr_assert_eq(i == 2 || i == 3 ? c->p5.d_model : c->rec_llm.d_model, 64);
    l4r_model_close(model);
  }
  l4r_dataset_close(dataset);
}

/* The item vectors of a model folder, by a stack: both compute the same, and a row an item. */
static float *vectors_of(const struct l4r_model *model, const struct l4r_dataset *dataset,
                         const struct l4r_stack_ops *ops) {
  const int64_t count = model->config.items * model->config.rec_llm.d_model;
  struct l4r_stack *stack;
  float *vectors = l4r_alloc((size_t)count, sizeof *vectors, "item vectors");
  cr_assert_eq(ops->open(NULL, &(struct l4r_stack_options){.precision = "fp32"}, &stack), 0);
  const struct l4r_catalogue catalogue = {
      .ops = ops, .stack = stack, .model = model, .dataset = dataset};
  int cached;
  cr_assert_eq(l4r_catalogue_vectors(&catalogue, vectors, &cached), 0, "%s", l4r_error_message());
  ops->close(stack);
  return vectors;
}

static const float *values_of(const struct l4r_model *model, const char *name) {
  const struct l4r_tensor *tensor = l4r_tensors_find(&model->tensors, name);
  const float *values;
  cr_assert_not_null(tensor, "%s", name);
  cr_assert_eq(l4r_weights_get(&model->weights, "", name, tensor->rows, tensor->columns, &values),
               0);
  return values;
}

Test(train_command, init_item_takes_a_sentence_encoder) {
  static const char *const lines[] = {"--item-llm frozen",
                                      ("--item-llm frozen --whiten off --adapter "
                                       "linear --items text+id --pooling first"),
                                      "--item-llm tuned --item-rate .5",
                                      "--item-llm tuned --item-rate .5 --item-share .4"};
  struct l4r_dataset *dataset = test_dataset("data", 0);
  const char *folder = test_bert_folder("sentences", "F16", NULL);
  static const char word[] = "item_llm.encoder.layer.0.intermediate.dense.weight";
  setenv("XDG_CACHE_HOME", test_path("cache"), 1);
  struct l4r_safetensors *weights;
  float kept[40 * 24];
  cr_assert_eq(l4r_safetensors_open(test_path("sentences/model.safetensors"), &weights), 0);
  cr_assert_eq(l4r_safetensors_copy(weights, word + 9, 40, 24, kept), 0, "%s", l4r_error_message());
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    char line[512];
    struct l4r_model *model;
    snprintf(line, sizeof line,
             "lite --data @D --out @O --init-item %s --size tiny --text-length 20 --epochs 2 "
             "--minutes 5 --threads 2 --force %s",
             folder, lines[i]);
    cr_assert_eq(train(line), 0, "%s: %s", line, l4r_error_message());
    cr_assert_eq(l4r_model_open(test_path("model"), dataset, &model), 0, "%s: %s", line,
                 l4r_error_message());
    const struct l4r_model_config *c = &model->config;
    cr_expect_str_eq(c->init, "sentences");
    cr_expect_eq(c->pooling, i == 1 ? L4R_POOL_FIRST : L4R_POOL_MEAN);
    cr_expect_not_null(strstr(c->init_files, "model.safetensors "), "%s", c->init_files);
    cr_expect_eq(memcmp(values_of(model, word), kept, sizeof kept) == 0, i < 2, "%s", line);
    float *blis = vectors_of(model, dataset, &l4r_stack_blis);
    float *exact = vectors_of(model, dataset, &l4r_stack_reference);
    test_t5_close(line, blis, exact, c->items, c->rec_llm.d_model);
    l4r_free(blis);
    l4r_free(exact);
    l4r_model_close(model);
  }
  l4r_safetensors_close(weights);
  cr_expect_geq(test_entries("cache/lite4rec"), 1, "what the encoder says is kept");
  l4r_dataset_close(dataset);
}

/* The ids are in the folder; what made them is named, and not asked for again. */
Test(train_command, ids_are_made_of_a_sentence_encoder) {
  static const char *const kinds[] = {"p5", "p5-head", "lite-beam"};
  struct l4r_dataset *dataset = test_dataset("data", 0);
  const char *folder = test_bert_folder("sentences", "F16", NULL);
  setenv("XDG_CACHE_HOME", test_path("cache"), 1);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    char line[512];
    struct l4r_model *model;
    snprintf(line, sizeof line,
             "%s --data @D --out @O --ids semantic --init-item %s --size tiny --text-length 20 "
             "--semantic-levels 2 --semantic-codes 8 --epochs 0 --force",
             kinds[i], folder);
    cr_assert_eq(train(line), 0, "%s: %s", line, l4r_error_message());
    cr_assert_eq(l4r_model_open(test_path("model"), dataset, &model), 0, "%s: %s", line,
                 l4r_error_message());
    cr_expect_eq(model->config.id_scheme, L4R_IDS_SEMANTIC);
    cr_expect_eq(model->config.id_form, L4R_IDS_TOKENS);
    cr_expect_eq(model->config.max_id_tokens, 4);
    cr_expect_eq(model->config.adapter, L4R_ADAPTER_NONE);
    cr_expect_str_eq(model->config.ids_from, "sentences");
    cr_expect_str_eq(model->config.init, "random");
    cr_expect_eq(strncmp(test_read("model/id_map.tsv"), "item\tcodes\n", 11), 0);
    l4r_model_close(model);
  }
  l4r_dataset_close(dataset);
}

/* Stopped and resumed, a run ends as if it had not been; another folder is other settings. */
Test(train_command, init_item_resumes) {
  struct l4r_dataset *dataset = test_dataset("data", 0);
  char line[512], whole[65], again[65];
  setenv("XDG_CACHE_HOME", test_path("cache"), 1);
  for (int tuned = 0; tuned < 2; tuned++) {
    const char *format = "lite --data @D --out @O --init-item %s --size tiny --text-length 20 "
                         "--minutes 0 --schedule constant --threads 1 --item-llm %s %s --epochs %d";
    const char *how = tuned ? "tuned --item-share .4" : "frozen";
    const char *folder = test_bert_folder("sentences", "F32", NULL);
    snprintf(line, sizeof line, format, folder, how, "--force", 3);
    cr_assert_eq(train(line), 0, "%s", l4r_error_message());
    cr_assert_eq(l4r_sha256_file(test_path("model/model.safetensors"), whole), 0);
    snprintf(line, sizeof line, format, folder, how, "--force", 1);
    cr_assert_eq(train(line), 0, "%s", l4r_error_message());
    snprintf(line, sizeof line, format, folder, how, "--resume", 3);
    cr_assert_eq(train(line), 0, "%s", l4r_error_message());
    cr_assert_eq(l4r_sha256_file(test_path("model/model.safetensors"), again), 0);
    cr_expect_str_eq(again, whole, "%s", how);
    snprintf(line, sizeof line, format, test_bert_folder("sentences", "BF16", NULL), how,
             "--resume", 4);
    cr_assert_eq(train(line), L4R_INPUT);
    cr_expect_not_null(strstr(l4r_error_message(), "other settings"), "%s", l4r_error_message());
  }
  l4r_dataset_close(dataset);
}

/* What the folder holds of no use is told before anything is trained. */
Test(train_command, init_item_refuses) {
  l4r_dataset_close(test_dataset("data", 0));
  char line[512];
  const char *folder = test_bert_folder("sentences", "F32", NULL);
  snprintf(line, sizeof line, "lite --data @D --out @O --init-item %s --size tiny", folder);
  cr_assert_eq(train(line), L4R_INPUT); /* texts of 64 tokens */
  cr_expect_not_null(strstr(l4r_error_message(), "23 positions"), "%s", l4r_error_message());
  cr_expect_eq(test_entries("model"), -1, "nothing is half written");
  snprintf(line, sizeof line,
           "lite --data @D --out @O --size tiny --text-length 20 --item-share .5 --init-item %s",
           folder);
  cr_assert_eq(train(line), L4R_USAGE);
  cr_expect_not_null(strstr(l4r_error_message(), "--item-llm tuned"), "%s", l4r_error_message());
  snprintf(line, sizeof line, "lite --data @D --out @O --size tiny --text-length 20 --init-item %s",
           test_bert_folder("nan", "F16 NaN", NULL));
  cr_assert_eq(train(line), L4R_INPUT);
  cr_expect_not_null(strstr(l4r_error_message(), "NaN or infinite"), "%s", l4r_error_message());
}

/* Each kind trains in bf16 and says so; a checkpoint is not continued in another precision. */
Test(train_command, trains_in_bf16) {
  static const char *const kinds[] = {"lite", "sasrec", "p5"};
  if (!l4r_layers_have_bf16(NULL)) {
    l4r_dataset_close(test_dataset("data", 0));
    cr_assert_eq(train("lite --data @D --out @O --size tiny --precision bf16"), L4R_ENVIRONMENT);
    cr_assert_not_null(strstr(l4r_error_message(), "AVX512-BF16"), "%s", l4r_error_message());
    cr_assert_eq(train("lite --data @D --out @O --size tiny --epochs 1 --precision auto"), 0);
    cr_assert_null(strstr(test_read("model/config.json"), "precision=bf16"));
    return;
  }
  l4r_dataset_close(test_dataset("data", 0));
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    char line[160];
    snprintf(line, sizeof line,
             "%s --data @D --out @O --size tiny --epochs 1 --threads 1 --precision bf16 --force",
             kinds[i]);
    cr_assert_eq(train(line), 0, "%s: %s", kinds[i], l4r_error_message());
    cr_assert_not_null(strstr(test_read("model/config.json"), "precision=bf16"), "%s", kinds[i]);
  }
  cr_assert_neq(train("p5 --data @D --out @O --size tiny --epochs 2 --threads 1 --resume"), 0);
  cr_assert_not_null(strstr(l4r_error_message(), "other settings"), "%s", l4r_error_message());
  cr_assert_eq(train("p5 --data @D --out @O --size tiny --epochs 2 --threads 1 --resume "
                     "--precision auto"),
               0, "%s", l4r_error_message());
}

/* --precision auto asks the checkpoint, which is there without a model too, as after an
 * interruption. */
Test(train_command, a_resumed_training_keeps_its_precision) {
  static const char *const precisions[] = {"fp32", "bf16"};
  if (!l4r_layers_have_bf16(NULL)) cr_skip_test("this processor multiplies no bf16");
  l4r_dataset_close(test_dataset("data", 0));
  for (size_t i = 0; i < 2; i++) {
    char line[160];
    snprintf(line, sizeof line,
             "lite --data @D --out @O --size tiny --epochs 1 --threads 1 --precision %s --force",
             precisions[i]);
    cr_assert_eq(train(line), 0, "%s", l4r_error_message());
    cr_assert_eq(unlink(test_path("model/config.json")), 0);
    cr_assert_eq(train("lite --data @D --out @O --size tiny --epochs 2 --threads 1 --resume "
                       "--precision auto"),
                 0, "%s: %s", precisions[i], l4r_error_message());
    cr_expect_eq(strstr(test_read("model/config.json"), "precision=bf16") != NULL, i == 1, "%s",
                 precisions[i]);
  }
}

Test(train_command, trains_lite_and_goes_on) {
  l4r_dataset_close(test_dataset("data", 0));
  const char *line = "lite --data @D --out @O --size tiny --epochs 1 --threads 1 --patience 0";
  cr_assert_eq(train(line), 0, "%s", l4r_error_message());
  cr_assert_not_null(strstr(test_read("model/training.jsonl"), "\"epoch\": 1"));
  line = "lite --data @D --out @O --size tiny --epochs 3 --threads 1 --patience 0 --resume";
  cr_assert_eq(train(line), 0, "%s", l4r_error_message());
  cr_assert_not_null(strstr(test_read("model/training.jsonl"), "\"epoch\": 3"));
}

/* --- the folder in --out
 * ------------------------------------------------------------------------*/

static void hash_of(const char *name, char hex[65]) {
  cr_assert_eq(l4r_sha256_file(test_path(name), hex), 0, "%s", l4r_error_message());
}

static void assert_same(const char *name, const char *before) {
  char now[65];
  hash_of(name, now);
  cr_assert_str_eq(now, before, "%s changed", name);
}

/* The set that is asked for computes the same as a processor that has no more. */
Test(train_command, trains_by_the_set_of_instructions_that_is_asked_for) {
  const char *line =
      "lite --data @D --out @O --size tiny --items id --epochs 1 --threads 1 --force "
      "--isa portable";
  char forced[65];
  l4r_dataset_close(test_dataset("data", 0));
  cr_assert_eq(train("lite --data @D --out @O --size tiny --epochs 1 --isa sse9"), L4R_USAGE);
  cr_assert_not_null(strstr(l4r_error_message(), "isa=sse9: no such instruction set"), "%s",
                     l4r_error_message());
  cr_assert_eq(train(line), 0, "%s", l4r_error_message());
  hash_of("model/model.safetensors", forced);
  cr_assert_not_null(strstr(test_read("model/config.json"), "isa=portable"));
  l4r_cpu_lower(L4R_ISA_PORTABLE);
  cr_assert_eq(
      train("lite --data @D --out @O --size tiny --items id --epochs 1 --threads 1 --force"), 0,
      "%s", l4r_error_message());
  assert_same("model/model.safetensors", forced);
  cr_assert_null(strstr(test_read("model/config.json"), "isa="));
}

static const char *const of_lite[] = {"model/config.json", "model/model.safetensors",
                                      "model/tokenizer.model", "model/training.jsonl",
                                      "model/training.state"};
enum { OF_LITE = sizeof of_lite / sizeof *of_lite };

static void hash_lite(char hash[OF_LITE][65]) {
  for (int i = 0; i < OF_LITE; i++) hash_of(of_lite[i], hash[i]);
}

static void assert_lite_stands(char hash[OF_LITE][65]) {
  for (int i = 0; i < OF_LITE; i++) assert_same(of_lite[i], hash[i]);
}

Test(train_command, a_model_in_out_wants_force_and_a_refusal_writes_nothing) {
  static const char *const line[] = {
      "lite --data @D --out @O --size tiny --epochs 1 --threads 1",
      "lite --data @D --out @O --size tiny --epochs 0 --seed 4",
      "p5 --data @D --out @O --size tiny --epochs 1 --threads 1",
      "pop --data @D --out @O",
      "itemknn --data @D --out @O",
  };
  char hash[OF_LITE][65];
  l4r_dataset_close(test_dataset("data", 0));
  cr_assert_eq(train(line[0]), 0, "%s", l4r_error_message());
  hash_lite(hash);
  const int files = test_entries("model"), beside = test_entries(".");
  for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
    test_fails(train(line[i]), L4R_USAGE, "--force");
    assert_lite_stands(hash);
    cr_assert_eq(test_entries("model"), files, "%s", line[i]);
    cr_assert_eq(test_entries("."), beside, "%s", line[i]);
  }
  cr_assert_eq(train("pop --data @D --out @O --force"), 0, "%s", l4r_error_message());
  cr_assert_eq(test_entries("model"), 2, "files of the former model are among the new one's");
  cr_assert_eq(test_entries("."), beside);
}

/* Other settings, another tokenizer, another data set, no checkpoint: whatever is refused, the
 * folder is as it was to the byte. */
Test(train_command, a_refused_resume_writes_nothing) {
  static const char *const line[] = {
      "lite --data @D --out @O --size tiny --epochs 2 --threads 1 --resume --lr 0.01",
      "lite --data @D --out @O --size tiny --epochs 2 --threads 1 --resume --seed 5",
      "lite --data @D --out @O --size mini --epochs 2 --threads 1 --resume",
      "p5 --data @D --out @O --size tiny --epochs 2 --threads 1 --resume",
      "p5 --data @D --out @O --size tiny --epochs 2 --threads 1 --resume --ids random",
  };
  char hash[OF_LITE][65], other[512];
  l4r_dataset_close(test_dataset("data", 0));
  cr_assert_eq(train("lite --data @D --out @O --size tiny --epochs 1 --threads 1"), 0, "%s",
               l4r_error_message());
  test_tokenizer(test_path("other.model"));
  snprintf(other, sizeof other, "%s --tokenizer %s", line[0], test_path("other.model"));
  hash_lite(hash);
  const int files = test_entries("model"), beside = test_entries(".");
  for (size_t i = 0; i <= sizeof line / sizeof *line; i++) {
    const char *now = i < sizeof line / sizeof *line ? line[i] : other;
    cr_assert_eq(train(now), L4R_INPUT, "%s: %s", now, l4r_error_message());
    assert_lite_stands(hash);
    cr_assert_eq(test_entries("model"), files, "%s", now);
    cr_assert_eq(test_entries("."), beside, "%s", now);
  }
  /* The same where the training is unfinished, which is resumed where it is. */
  cr_assert_eq(unlink(test_path("model/config.json")), 0);
  for (size_t i = 0; i <= sizeof line / sizeof *line; i++) {
    const char *now = i < sizeof line / sizeof *line ? line[i] : other;
    cr_assert_eq(train(now), L4R_INPUT, "%s: %s", now, l4r_error_message());
    for (int f = 1; f < OF_LITE; f++) assert_same(of_lite[f], hash[f]);
    cr_assert_eq(test_entries("model"), files - 1, "%s", now);
  }
  cr_assert_eq(train("sasrec --data @D --out @O/none --size tiny --resume"), L4R_INPUT);
  cr_assert_eq(test_entries("."), beside);
}

/* While a new training goes on, and after it was stopped, the finished model is the old one whole;
 * what goes on from its checkpoint ends with the bits of a training that nobody stopped. */
Test(train_command, a_new_training_leaves_the_finished_model_alone_until_it_is_finished) {
  static const char begin[] =
      "lite --data @D --out @O --size tiny --epochs 200 --patience 0 --threads 1 --force --seed 2";
  char hash[OF_LITE][65], line[512], whole[65];
  struct l4r_dataset *dataset = test_dataset("data", 0);
  cr_assert_eq(train("lite --data @D --out @O --size tiny --epochs 1 --threads 1"), 0);
  hash_lite(hash);
  const pid_t child = fork();
  if (!child) {
    snprintf(line, sizeof line, "%s --schedule constant", begin);
    _exit(train(line) == L4R_ENVIRONMENT ? 0 : 1);
  }
  for (int i = 0; i < 3000 && access(test_path("model.training/training.state"), F_OK); i++)
    usleep(10000);
  struct l4r_model *model; /* in the midst of it */
  cr_assert_eq(l4r_model_open(test_path("model"), dataset, &model), 0, "%s", l4r_error_message());
  l4r_model_close(model);
  test_fails(train("lite --data @D --out @O --size tiny --epochs 1 --threads 1 --force"),
             L4R_ENVIRONMENT, "another process");
  cr_assert_eq(kill(child, SIGTERM), 0);
  int state;
  cr_assert_eq(waitpid(child, &state, 0), child);
  cr_assert(WIFEXITED(state) && !WEXITSTATUS(state), "it was over before it could be stopped");
  assert_lite_stands(hash);
  test_fails(train("lite --data @D --out @O --size tiny --epochs 1 --threads 1"), L4R_USAGE,
             "--resume to go on with the training that was interrupted");
  test_file("model/notes", "mine");
  int done = 0; /* epochs */
  char *at = access(test_path("model.training/training.jsonl"), F_OK)
                 ? NULL
                 : test_read("model.training/training.jsonl");
  for (; at && (at = strstr(at, "\"epoch\":")); at++) done++;
  snprintf(line, sizeof line,
           "lite --data @D --out @O --size tiny --epochs %d --patience 0 --threads 1 --resume "
           "--seed 2 --schedule constant",
           done + 2);
  cr_assert_eq(train(line), 0, "%s", l4r_error_message());
  cr_assert_eq(access(test_path("model.training"), F_OK), -1);
  cr_assert_str_eq(test_read("model/notes"), "mine");
  cr_assert_eq(l4r_model_open(test_path("model"), dataset, &model), 0, "%s", l4r_error_message());
  l4r_model_close(model);
  hash_of("model/model.safetensors", whole);
  snprintf(line, sizeof line,
           "lite --data @D --out @O --size tiny --epochs %d --patience 0 --threads 1 --force "
           "--seed 2 --schedule constant",
           done + 2);
  cr_assert_eq(train(line), 0, "%s", l4r_error_message());
  assert_same("model/model.safetensors", whole);
  l4r_dataset_close(dataset);
}

Test(train_command, leaked_data_are_refused_unless_one_insists_and_then_said) {
  struct l4r_dataset *dataset = test_dataset("data", 0);
  const int64_t start[] = {0, 4, 8, 12};
  l4r_item item[] = {1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 1, 3};
  struct l4r_item_text text[6] = {{0}};
  for (int i = 1; i < 6; i++) text[i] = (struct l4r_item_text){"x", "a fox and a train", "", ""};
  const struct test_interactions of = {3, 5, start, item};
  const struct l4r_dataset_source source = test_source("leaky", &of, text);
  l4r_dataset_close(dataset);
  for (int held = 0; held < 3; held++) { /* test in training, validation in training, both equal */
    static const char *const lines[] = {
        "sasrec --data @D --out @O --size tiny --epochs 1 --batch 2",
        "sasrec --data @D --out @O --size tiny --epochs 0", "pop --data @D --out @O"};
    item[11] = held == 0 ? 3 : held == 1 ? 5 : 2;
    item[10] = held == 0 ? 1 : held == 1 ? 4 : 2;
    test_dataset_write("data", &source);
    const int beside = test_entries(".");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
      char line[256];
      test_fails(train(lines[i]), L4R_CHECK, "--leaky");
      cr_assert_eq(test_entries("."), beside, "a refused training has written");
      snprintf(line, sizeof line, "%s --leaky", lines[i]);
      cr_assert_eq(train(line), 0, "%s: %s", line, l4r_error_message());
      cr_assert_not_null(strstr(test_read("model/config.json"), "\"leaky\": true"));
      l4r_remove_tree(test_path("model"));
    }
  }
}

Test(train_command, honest_data_are_not_called_leaky) {
  l4r_dataset_close(test_dataset("data", 0));
  cr_assert_eq(train("pop --data @D --out @O --leaky"), 0, "%s", l4r_error_message());
  cr_assert_null(strstr(test_read("model/config.json"), "leaky"));
}
