/* SPDX-License-Identifier: BSD-3-Clause */
/* Small models and data sets for tests; scratch folders as in files.h. Every function asserts. */
#ifndef L4R_TESTS_SUPPORT_MODELS_H
#define L4R_TESTS_SUPPORT_MODELS_H

#include "impl/data/dataset.h"
#include "impl/model/config.h"
#include "impl/model/tensors.h"

#include <stdint.h>

/* Writes a data set of six users over nine items into the scratch folder's `name` and opens all its
 * parts; `variant` changes one interaction, so that variants have other hashes. */
struct l4r_dataset *test_dataset(const char *name, int variant);

/* Trains a tokenizer of at most 160 pieces on tests/golden/tokenizer_lines.txt into `path`; returns
 * its size. */
int64_t test_tokenizer(const char *path);

/* The defaults of kind and size with items and vocabularies filled in (tokenizer `pieces`). */
struct l4r_model_config test_config(enum l4r_kind kind, const char *size, int64_t items,
                                    int64_t pieces);

/* Writes a model folder with initial weights of `seed`; the tokenizer too when it needs one.
 * Returns its path. */
const char *test_model(const char *name, struct l4r_model_config *config, uint64_t seed);

/* Asserts the status and that the message holds `part`. */
void test_fails(int status, int code, const char *part);

#endif
