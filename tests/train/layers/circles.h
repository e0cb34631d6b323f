/* SPDX-License-Identifier: BSD-3-Clause */
/* A made-up catalogue whose users walk it in circles, and options small enough to train on it in
 * milliseconds. */
#ifndef L4R_TESTS_TRAIN_LAYERS_CIRCLES_H
#define L4R_TESTS_TRAIN_LAYERS_CIRCLES_H

#include "impl/train/lite/train.h"

enum { USERS = 30, ITEMS = 24, LONGEST = 20 };

/* Written to test_path("circles") and opened; close it. All assert. */
struct l4r_dataset *circles_dataset(void);
/* Lite with texts, tiny, three epochs, into test_path(out); the log falls silent. */
struct l4r_lite_train_options circles_options(const struct l4r_dataset *dataset, const char *out);
/* Makes that SASRec. */
void circles_sasrec(struct l4r_model_config *config);

#endif
