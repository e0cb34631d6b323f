/* SPDX-License-Identifier: BSD-3-Clause */
/* Errors, memory and random numbers. */
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Test(error, context_stands_before_message_and_code_is_kept) {
  l4r_fail(L4R_INPUT, "value %d", 7);
  cr_assert_eq(l4r_fail_context(L4R_INPUT, "file.txt:%d", 3), L4R_INPUT);
  cr_assert_str_eq(l4r_error_message(), "file.txt:3: value 7");
  cr_assert_eq(l4r_exit_code(L4R_OK), 0);
  cr_assert_eq(l4r_exit_code(L4R_CHECK), 1);
  cr_assert_eq(l4r_exit_code(L4R_ENVIRONMENT), 4);
}

Test(memory, overflowing_product_is_refused_with_its_name) {
  cr_assert_null(l4r_alloc(SIZE_MAX / 2, 16, "the logits"));
  cr_assert_not_null(strstr(l4r_error_message(), "the logits"));
}

Test(memory, allocations_are_aligned_zeroed_and_counted) {
  const uint64_t before = l4r_alloc_count();
  unsigned char *p = l4r_alloc(100, 3, "p");
  cr_assert_eq((uintptr_t)p % 64, 0u);
  for (int i = 0; i < 300; ++i) cr_assert_eq(p[i], 0);
  cr_assert_eq(l4r_alloc_count(), before + 1);
  l4r_free(p);
}

Test(memory, full_arena_fails_and_rewinds) {
  struct l4r_arena arena;
  cr_assert_eq(l4r_arena_init(&arena, 256, "arena"), 0);
  const size_t mark = l4r_arena_mark(&arena);
  cr_assert_not_null(l4r_arena_take(&arena, 4, 64));
  cr_assert_null(l4r_arena_take(&arena, 1, 1));
  l4r_arena_rewind(&arena, mark);
  cr_assert_not_null(l4r_arena_take(&arena, 1, 1));
  l4r_arena_free(&arena);
}

Test(random, same_seed_same_numbers_and_streams_differ) {
  struct l4r_random a, b, c;
  l4r_random_stream(&a, 1, 2, 3);
  l4r_random_stream(&b, 1, 2, 3);
  l4r_random_stream(&c, 1, 2, 4);
  int equal = 0;
  for (int i = 0; i < 100; ++i) {
    const uint64_t x = l4r_random_next(&a);
    cr_assert_eq(x, l4r_random_next(&b));
    equal += x == l4r_random_next(&c);
  }
  cr_assert_eq(equal, 0);
}

Test(random, moments_of_the_distributions) {
  struct l4r_random r;
  l4r_random_seed(&r, 42);
  double sum = 0, squares = 0, uniform = 0, exponential = 0;
  const int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double z = l4r_random_normal(&r);
    sum += z;
    squares += z * z;
    uniform += l4r_random_uniform(&r);
    exponential += l4r_random_exponential(&r);
  }
  cr_assert_float_eq(sum / n, 0.0, 0.01);
  cr_assert_float_eq(squares / n, 1.0, 0.02);
  cr_assert_float_eq(uniform / n, 0.5, 0.005);
  cr_assert_float_eq(exponential / n, 1.0, 0.01);
  int counts[3] = {0};
  for (int i = 0; i < 30000; ++i) ++counts[l4r_random_below(&r, 3)];
  for (int i = 0; i < 3; ++i) cr_assert(abs(counts[i] - 10000) < 400);
}
