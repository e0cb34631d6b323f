/* SPDX-License-Identifier: BSD-3-Clause */
/* Tests of exported models: the command itself, models worth exporting, other programs' answers.
 * Everything asserts. */
#ifndef L4R_TESTS_CONVERT_EXPORTED_H
#define L4R_TESTS_CONVERT_EXPORTED_H

#include "impl/model/config.h"

#include <jansson.h>
#include <stdint.h>

/* Runs `lite4rec export WORD...` (ended by NULL) in this process; its status. */
int test_export(const char *word, ...);

/* Writes a model folder of random weights, none of which has a neutral value; with a tokenizer
 * where it needs one. Returns its path. */
const char *test_export_model(const char *name, const struct l4r_model_config *config);

/* Runs a script of tests/convert with the Python of `make peers`, `argument` and `input` (lines);
 * returns the array of the JSON lines it answers. Skips the test where there is no such Python, or
 * where the script says that a package is missing (exit code 77). */
json_t *test_python(const char *script, const char *argument, const char *input);

/* Fails unless `got`, an array of `count` numbers, is `want` within `tolerance` times the largest
 * |want|, and the ten largest are the same ones in the same order. */
void test_same_scores(const char *what, const json_t *got, const float *want, int64_t count,
                      double tolerance);

/* While on, no file of this process grows beyond `bytes`: as writing on a full disk fails. */
void test_full_disk(int64_t bytes);
void test_full_disk_ends(void);

#endif
