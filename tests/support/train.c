/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/train.h"

#include "bench/commands/commands.h"
#include "impl/base/log.h"
#include "tests/support/files.h"

#include <stdio.h>
#include <string.h>

int test_train_words(const char *line, char *argv[TEST_TRAIN_WORDS]) {
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

int test_train(const char *line) {
  char *argv[TEST_TRAIN_WORDS];
  int argc = test_train_words(line, argv);
  l4r_log_quiet(1);
  return l4r_command_train(argc, argv);
}
