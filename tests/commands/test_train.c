/* SPDX-License-Identifier: BSD-3-Clause */
/* `lite4rec train` from its command line: what it refuses, by name and exit code, and what it
 * trains. */
#include "bench/commands/train_settings.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/model/model.h"
#include "impl/train/layers/matmul.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"
#include "tests/support/train.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
      {"lite --data @D --out @O --preset plain --items id --shard-items", L4R_USAGE,
       "--items id --tied"},
      {"sasrec --data @D --out @O --preset plain --shard-items", L4R_USAGE,
       "--loss sampled-softmax"},
      {"sasrec --data @D --out @O --preset plain --loss gbce --sample position --shard-items",
       L4R_USAGE, "--sample piece"},
      {"sasrec --data @D --out @O --preset plain --loss gbce --update dense --shard-items",
       L4R_USAGE, "--update rows"},
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
    test_fails(test_train(row[i].line), row[i].status, row[i].part);
    cr_assert_neq(access(test_path("model/config.json"), F_OK), 0, "%s: wrote a model",
                  row[i].line);
  }
}

Test(train_command, options_reach_the_configuration) {
  const char *line = "lite --data d --out o --history 7 --attention bidirectional --items text+id "
                     "--tied --pooling=last --seed 9 --dropout 0.3 --minutes 2";
  char *argv[TEST_TRAIN_WORDS];
  struct l4r_train_settings settings;
  struct l4r_model_config config;
  struct l4r_train_options options;
  int helped, argc = test_train_words(line, argv);
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
    cr_assert_eq(test_train(line), 0, "%s: %s", line, l4r_error_message());
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
    cr_assert_eq(test_train(line), L4R_USAGE, "%s", line);
    cr_expect_not_null(strstr(l4r_error_message(), "too small for --batch 1000000"), "%s",
                       l4r_error_message());
  }
}

Test(train_command, trains_in_bf16) {
  static const char *const kinds[] = {"lite", "sasrec", "p5"};
  if (!l4r_layers_have_bf16(NULL)) {
    l4r_dataset_close(test_dataset("data", 0));
    cr_assert_eq(test_train("lite --data @D --out @O --size tiny --precision bf16"),
                 L4R_ENVIRONMENT);
    cr_assert_not_null(strstr(l4r_error_message(), "AVX512-BF16"), "%s", l4r_error_message());
    cr_assert_eq(test_train("lite --data @D --out @O --size tiny --epochs 1 --precision auto"), 0);
    cr_assert_null(strstr(test_read("model/config.json"), "precision=bf16"));
    return;
  }
  l4r_dataset_close(test_dataset("data", 0));
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    char line[160];
    snprintf(line, sizeof line,
             "%s --data @D --out @O --size tiny --epochs 1 --threads 1 --precision bf16 --force",
             kinds[i]);
    cr_assert_eq(test_train(line), 0, "%s: %s", kinds[i], l4r_error_message());
    cr_assert_not_null(strstr(test_read("model/config.json"), "precision=bf16"), "%s", kinds[i]);
  }
  cr_assert_neq(test_train("p5 --data @D --out @O --size tiny --epochs 2 --threads 1 --resume"), 0);
  cr_assert_not_null(strstr(l4r_error_message(), "other settings"), "%s", l4r_error_message());
  cr_assert_eq(test_train("p5 --data @D --out @O --size tiny --epochs 2 --threads 1 --resume "
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
    cr_assert_eq(test_train(line), 0, "%s", l4r_error_message());
    cr_assert_eq(unlink(test_path("model/config.json")), 0);
    cr_assert_eq(test_train("lite --data @D --out @O --size tiny --epochs 2 --threads 1 --resume "
                            "--precision auto"),
                 0, "%s: %s", precisions[i], l4r_error_message());
    cr_expect_eq(strstr(test_read("model/config.json"), "precision=bf16") != NULL, i == 1, "%s",
                 precisions[i]);
  }
}

/* Trains in a process of its own, since a process has one BLIS. set: NULL: whichever is measured.
 * Returns 1 where it ran by `want`. */
static int trained_by(const char *line, const char *set, const char *want) {
  int status;
  fflush(NULL);
  const pid_t child = fork();
  if (!child) {
    unsetenv(L4R_BLAS_VARIABLE);
    if (set) setenv(L4R_BLAS_VARIABLE, set, 1);
    const int failed = test_train(line);
    if (failed) fprintf(stderr, "%s\n", l4r_error_message());
    _exit(!failed && !strcmp(l4r_blas_open(), want));
  }
  cr_assert_eq(waitpid(child, &status, 0), child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/* Which of two sets is faster is measured anew in each process, and may come out otherwise. */
Test(train_command, a_resumed_training_keeps_its_blis) {
  const char *name, *first = l4r_blas_set(0);
  if (!first) cr_skip_test("BLIS has no set of kernels to choose from on this processor");
  l4r_dataset_close(test_dataset("data", 0));
  for (int i = 0; (name = l4r_blas_set(i)); i++) {
    const char *line = "lite --data @D --out @O --size tiny --epochs 1 --threads 1 --force";
    cr_assert(trained_by(line, name, name), "%s", name);
    line = "lite --data @D --out @O --size tiny --epochs 2 --threads 1 --resume";
    cr_assert(trained_by(line, NULL, name), "%s", name);
    cr_assert(trained_by(line, first, first), "a user's word stands");
  }
}

Test(train_command, trains_lite_and_goes_on) {
  l4r_dataset_close(test_dataset("data", 0));
  const char *line = "lite --data @D --out @O --size tiny --epochs 1 --threads 1 --patience 0";
  cr_assert_eq(test_train(line), 0, "%s", l4r_error_message());
  cr_assert_not_null(strstr(test_read("model/training.jsonl"), "\"epoch\": 1"));
  line = "lite --data @D --out @O --size tiny --epochs 3 --threads 1 --patience 0 --resume";
  cr_assert_eq(test_train(line), 0, "%s", l4r_error_message());
  cr_assert_not_null(strstr(test_read("model/training.jsonl"), "\"epoch\": 3"));
}

/* --- the folder in --out
 * ------------------------------------------------------------------------*/

Test(train_command, trains_by_the_set_of_instructions_that_is_asked_for) {
  const char *line =
      "lite --data @D --out @O --size tiny --items id --epochs 1 --threads 1 --force "
      "--isa portable";
  char forced[65];
  l4r_dataset_close(test_dataset("data", 0));
  cr_assert_eq(test_train("lite --data @D --out @O --size tiny --epochs 1 --isa sse9"), L4R_USAGE);
  cr_assert_not_null(strstr(l4r_error_message(), "isa=sse9: no such instruction set"), "%s",
                     l4r_error_message());
  cr_assert_eq(test_train(line), 0, "%s", l4r_error_message());
  test_hash("model/model.safetensors", forced);
  cr_assert_not_null(strstr(test_read("model/config.json"), "isa=portable"));
  l4r_cpu_lower(L4R_ISA_PORTABLE);
  cr_assert_eq(
      test_train("lite --data @D --out @O --size tiny --items id --epochs 1 --threads 1 --force"),
      0, "%s", l4r_error_message());
  test_assert_unchanged("model/model.safetensors", forced);
  cr_assert_null(strstr(test_read("model/config.json"), "isa="));
}
