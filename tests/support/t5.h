/* SPDX-License-Identifier: BSD-3-Clause */
/* Small T5s for tests: random ones, and the golden ones of tests/oracle. Everything asserts. */
#ifndef L4R_TESTS_SUPPORT_T5_H
#define L4R_TESTS_SUPPORT_T5_H

#include "impl/model/safetensors.h"
#include "impl/model/tensors.h"
#include "impl/model/weights.h"
#include "impl/stack.h"

#include <jansson.h>
#include <stdint.h>

/* A random T5 of a shape, prefix "". Gains, biases and position bias are no neutral values. */
struct test_t5 {
  struct l4r_t5_shape shape;
  struct l4r_tensors tensors;
  float *values;
  struct l4r_weights weights;
};
void test_t5_make(const struct l4r_t5_shape *shape, uint64_t seed, struct test_t5 *t5);
void test_t5_free(struct test_t5 *t5);

/* A Hugging Face folder of random weights in the scratch folder; `encoder_only` leaves the decoder
 * out of model.safetensors. The second writes config.json alone, `more` put in as it is. Both
 * return the folder's path. */
const char *test_t5_folder(const char *folder, const struct l4r_t5_shape *shape, int encoder_only);
const char *test_t5_config(const char *folder, const struct l4r_t5_shape *shape, const char *more);

/* A golden model: NAME.json, its weights and its results. */
struct test_golden {
  json_t *document;
  struct l4r_t5_shape shape;
  struct l4r_safetensors *model, *results;
  struct l4r_weights weights;
};
void test_golden_open(const char *name, struct test_golden *golden);
void test_golden_close(struct test_golden *golden);
/* Borrowed until close. rows x columns; columns 0: a vector. */
const float *test_golden_tensor(const struct test_golden *golden, const char *name, int64_t rows,
                                int64_t columns);
/* A JSON array of integers, in memory of l4r_alloc. */
int32_t *test_integers(const json_t *array, int64_t *count);

/* Random numbers of a seed: normal, deviation `scale`; tokens 0..vocabulary-1. Memory of l4r_alloc.
 */
float *test_t5_normals(uint64_t seed, int64_t count, double scale);
int32_t *test_t5_tokens(uint64_t seed, int64_t count, int64_t vocabulary);

float test_bf16_value(uint32_t bf16); /* what its bits stand for */
/* The nearest of the two bf16 around x, the even one of two as near: by arithmetic, not by bits, so
 * that it is no copy of what it checks. Finite numbers only. */
float test_bf16(float x);
void test_round_to_bf16(float *values, int64_t count);

/* got[rows][columns] equals want within 1e-5 + 1e-4 * max|want| (model.md's rule), else fails
 * naming the largest error and its place. NaN never equals. */
void test_t5_close(const char *what, const float *got, const float *want, int64_t rows,
                   int64_t columns);
void test_t5_same_bits(const char *what, const float *got, const float *want, int64_t rows,
                       int64_t columns);

/* The stacks under test, by number: 0 reference, 1 blis, 2 blis in bf16x3, which is as exact. */
enum { TEST_STACKS = 3 };
const struct l4r_stack_ops *test_stack(int number);
/* Opens it in its precision, by the instructions of a set, NULL: of any. Asserts. */
void test_stack_open(int number, struct l4r_team *team, const char *isa, struct l4r_stack **stack);

/* Asserts that a call returned 0, else fails with its message. */
#define test_ok(call) test_status((call), #call)
void test_status(int status, const char *call);

#endif
