/* SPDX-License-Identifier: BSD-3-Clause */
/* `lite4rec train` inside a test. */
#ifndef L4R_TESTS_SUPPORT_TRAIN_H
#define L4R_TESTS_SUPPORT_TRAIN_H

enum { TEST_TRAIN_WORDS = 32 };

/* Divides `line` into argv behind "train" and returns argc; @D becomes the scratch folder's "data",
 * @O its "model". The words stay until the next call. */
int test_train_words(const char *line, char *argv[TEST_TRAIN_WORDS]);

/* Runs `lite4rec train LINE` quietly and returns its status. */
int test_train(const char *line);

#endif
