/* SPDX-License-Identifier: BSD-3-Clause */
/* The one case list of the parity suite: shapes of T5s, and ragged batches. */
#ifndef L4R_TESTS_STACK_SHAPES_H
#define L4R_TESTS_STACK_SHAPES_H

#include "tests/support/t5.h"

/* One case: a stack under test, a team, a shape. Inline values only (Criterion copies them). */
struct test_case {
  int stack, workers, shape;
};
enum { TEST_SHAPES = 13 }; /* the last three, with swiglu or gates, are for encoders alone */
extern struct test_case test_cases[];
extern const int test_case_count;

const char *test_shape_name(int shape);
/* A random T5 of a shape: encoder and decoder, 97 tokens. */
void test_shape_make(int shape, struct test_t5 *t5);
int test_shape_is_large(int shape); /* too large for long batches on the reference */

/* What the test computes with: the oracle, alone, and the stack under test with its team. */
struct test_pair {
  struct test_t5 t5;
  const struct l4r_stack_ops *ops, *oracle;
  struct l4r_team *team;
  struct l4r_stack *stack, *oracle_stack;
  int exact; /* the stack under test is the oracle itself: bits must agree */
};
void test_pair_open(const struct test_case *one, struct test_pair *pair);
void test_pair_close(struct test_pair *pair);
/* test_t5_close, or test_t5_same_bits where the pair is exact. */
void test_pair_compare(const struct test_pair *pair, const char *what, const float *got,
                       const float *want, int64_t rows, int64_t columns);

/* Batches by number: start[count + 1]; returns 0 when there is none. Starts live in static memory.
 */
int test_batch(int number, int64_t *count, const int64_t **start);

#endif
