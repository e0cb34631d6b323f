/* SPDX-License-Identifier: BSD-3-Clause */
/* The folders that `lite4rec train` leaves, and leaves alone. */
#include "impl/base/error.h"
#include "impl/base/tidy.h"
#include "impl/model/model.h"
#include "tests/support/datasets.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"
#include "tests/support/train.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const of_lite[] = {"model/config.json", "model/model.safetensors",
                                      "model/tokenizer.model", "model/training.jsonl",
                                      "model/training.state"};
enum { OF_LITE = sizeof of_lite / sizeof *of_lite };

static void hash_lite(char hash[OF_LITE][65]) {
  for (int i = 0; i < OF_LITE; i++) test_hash(of_lite[i], hash[i]);
}

static void assert_lite_stands(char hash[OF_LITE][65]) {
  for (int i = 0; i < OF_LITE; i++) test_assert_unchanged(of_lite[i], hash[i]);
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
  cr_assert_eq(test_train(line[0]), 0, "%s", l4r_error_message());
  hash_lite(hash);
  const int files = test_entries("model"), beside = test_entries(".");
  for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
    test_fails(test_train(line[i]), L4R_USAGE, "--force");
    assert_lite_stands(hash);
    cr_assert_eq(test_entries("model"), files, "%s", line[i]);
    cr_assert_eq(test_entries("."), beside, "%s", line[i]);
  }
  cr_assert_eq(test_train("pop --data @D --out @O --force"), 0, "%s", l4r_error_message());
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
  cr_assert_eq(test_train("lite --data @D --out @O --size tiny --epochs 1 --threads 1"), 0, "%s",
               l4r_error_message());
  test_tokenizer(test_path("other.model"));
  snprintf(other, sizeof other, "%s --tokenizer %s", line[0], test_path("other.model"));
  hash_lite(hash);
  const int files = test_entries("model"), beside = test_entries(".");
  for (size_t i = 0; i <= sizeof line / sizeof *line; i++) {
    const char *now = i < sizeof line / sizeof *line ? line[i] : other;
    cr_assert_eq(test_train(now), L4R_INPUT, "%s: %s", now, l4r_error_message());
    assert_lite_stands(hash);
    cr_assert_eq(test_entries("model"), files, "%s", now);
    cr_assert_eq(test_entries("."), beside, "%s", now);
  }
  /* The same where the training is unfinished, which is resumed where it is. */
  cr_assert_eq(unlink(test_path("model/config.json")), 0);
  for (size_t i = 0; i <= sizeof line / sizeof *line; i++) {
    const char *now = i < sizeof line / sizeof *line ? line[i] : other;
    cr_assert_eq(test_train(now), L4R_INPUT, "%s: %s", now, l4r_error_message());
    for (int f = 1; f < OF_LITE; f++) test_assert_unchanged(of_lite[f], hash[f]);
    cr_assert_eq(test_entries("model"), files - 1, "%s", now);
  }
  cr_assert_eq(test_train("sasrec --data @D --out @O/none --size tiny --resume"), L4R_INPUT);
  cr_assert_eq(test_entries("."), beside);
}

/* While a new training goes on, and after it was stopped, the finished model is the old one whole;
 * what goes on from its checkpoint ends with the bits of a training that nobody stopped. */
Test(train_command, a_new_training_leaves_the_finished_model_alone_until_it_is_finished) {
  static const char begin[] =
      "lite --data @D --out @O --size tiny --epochs 200 --patience 0 --threads 1 --force --seed 2";
  char hash[OF_LITE][65], line[512], whole[65];
  struct l4r_dataset *dataset = test_dataset("data", 0);
  cr_assert_eq(test_train("lite --data @D --out @O --size tiny --epochs 1 --threads 1"), 0);
  hash_lite(hash);
  const pid_t child = fork();
  if (!child) {
    snprintf(line, sizeof line, "%s --schedule constant", begin);
    _exit(test_train(line) == L4R_ENVIRONMENT ? 0 : 1);
  }
  for (int i = 0; i < 3000 && access(test_path("model.training/training.state"), F_OK); i++)
    usleep(10000);
  struct l4r_model *model; /* in the midst of it */
  cr_assert_eq(l4r_model_open(test_path("model"), dataset, &model), 0, "%s", l4r_error_message());
  l4r_model_close(model);
  test_fails(test_train("lite --data @D --out @O --size tiny --epochs 1 --threads 1 --force"),
             L4R_ENVIRONMENT, "another process");
  cr_assert_eq(kill(child, SIGTERM), 0);
  int state;
  cr_assert_eq(waitpid(child, &state, 0), child);
  cr_assert(WIFEXITED(state) && !WEXITSTATUS(state), "it was over before it could be stopped");
  assert_lite_stands(hash);
  test_fails(test_train("lite --data @D --out @O --size tiny --epochs 1 --threads 1"), L4R_USAGE,
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
  cr_assert_eq(test_train(line), 0, "%s", l4r_error_message());
  cr_assert_eq(access(test_path("model.training"), F_OK), -1);
  cr_assert_str_eq(test_read("model/notes"), "mine");
  cr_assert_eq(l4r_model_open(test_path("model"), dataset, &model), 0, "%s", l4r_error_message());
  l4r_model_close(model);
  test_hash("model/model.safetensors", whole);
  snprintf(line, sizeof line,
           "lite --data @D --out @O --size tiny --epochs %d --patience 0 --threads 1 --force "
           "--seed 2 --schedule constant",
           done + 2);
  cr_assert_eq(test_train(line), 0, "%s", l4r_error_message());
  test_assert_unchanged("model/model.safetensors", whole);
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
      test_fails(test_train(lines[i]), L4R_CHECK, "--leaky");
      cr_assert_eq(test_entries("."), beside, "a refused training has written");
      snprintf(line, sizeof line, "%s --leaky", lines[i]);
      cr_assert_eq(test_train(line), 0, "%s: %s", line, l4r_error_message());
      cr_assert_not_null(strstr(test_read("model/config.json"), "\"leaky\": true"));
      l4r_remove_tree(test_path("model"));
    }
  }
}

Test(train_command, honest_data_are_not_called_leaky) {
  l4r_dataset_close(test_dataset("data", 0));
  cr_assert_eq(test_train("pop --data @D --out @O --leaky"), 0, "%s", l4r_error_message());
  cr_assert_null(strstr(test_read("model/config.json"), "leaky"));
}
