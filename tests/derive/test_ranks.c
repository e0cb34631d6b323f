/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranks user by user. Differences and intervals are those of Python's statistics module (mean and
 * stdev of the users' differences, 1.959964 standard errors), worked out aside. */
#include "bench/derive/ranks.h"
#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <string.h>

enum { USERS = 12 };

static const int64_t one[USERS] = {1, 0, 10, 11, 3, 3, 25, 2, 20, 21, 10, 9};
static const int64_t other[USERS] = {1, 4, 11, 10, 3, 2, 26, 2, 21, 20, 0, 9};

static void fill(struct l4r_bundle *bundle, const int64_t *keep, int users, int64_t first) {
  cr_assert_eq(l4r_bundle_init(bundle), 0);
  int64_t *user = l4r_bundle_add(bundle, "user", users);
  int64_t *a = l4r_bundle_add(bundle, "keep", users), *b = l4r_bundle_add(bundle, "mask", users);
  for (int u = 0; u < users; u++) {
    user[u] = first + 2 * u;
    a[u] = keep[u];
    b[u] = one[u];
  }
}

Test(ranks, who_differs_and_what_it_does_to_the_metrics) {
  struct l4r_bundle a, b;
  struct l4r_apart apart[L4R_APARTS];
  char first[512];
  fill(&a, one, USERS, 0);
  fill(&b, other, USERS, 0);
  cr_assert_eq(l4r_ranks_apart(&a, &b, apart), 0, "%s", l4r_error_message());
  const struct l4r_apart *keep = &apart[L4R_APART_KEEP];
  cr_expect_eq(keep->users, 12);
  cr_expect_eq(keep->differ, 8);
  cr_expect_eq(keep->counted, 7, "25 and 26 are beyond every metric");
  cr_expect_eq(keep->only[0], 2);
  cr_expect_eq(keep->only[1], 2);
  cr_expect_float_eq(keep->hr10.value, 0, 1e-12, "equal means of different users");
  cr_expect_float_eq(keep->hr10.lo, -0.3411859388775534, 1e-9);
  cr_expect_float_eq(keep->hr10.hi, 0.3411859388775534, 1e-9);
  cr_expect_float_eq(keep->ndcg10.value, 0.022711790443913558, 1e-9);
  cr_expect_float_eq(keep->ndcg10.lo, -0.09135744266191184, 1e-9);
  cr_expect_float_eq(keep->ndcg10.hi, 0.13678102354973895, 1e-9);
  l4r_apart_first(keep, " in A, in B ", first, sizeof first);
  cr_expect_str_eq(first,
                   "user 3: not ranked in A, in B 4; user 5: 10 in A, in B 11; user 7: 11 in "
                   "A, in B 10; user 11: 3 in A, in B 2; user 13: 25 in A, in B 26");
  cr_expect_eq(apart[L4R_APART_MASK].differ, 0);
  cr_expect_eq(apart[L4R_APART_MASK].firsts, 0);
  cr_expect_float_eq(apart[L4R_APART_MASK].hr10.hi, 0, 1e-12);
  l4r_bundle_free(&a);
  l4r_bundle_free(&b);
}

Test(ranks, only_ranks_of_the_same_users_are_compared) {
  struct l4r_bundle a, b;
  struct l4r_apart apart[L4R_APARTS];
  fill(&a, one, USERS, 0);
  fill(&b, other, USERS - 1, 0);
  cr_expect_eq(l4r_ranks_apart(&a, &b, apart), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "(12 and 11): user 23 is in one alone"), "%s",
            l4r_error_message());
  l4r_bundle_free(&b);
  fill(&b, other, USERS, 1);
  cr_expect_eq(l4r_ranks_apart(&a, &b, apart), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "user 1 is in one alone"), "%s", l4r_error_message());
  l4r_bundle_free(&b);
  fill(&b, other, USERS, 0);
  b.array[1].count--;
  cr_expect_eq(l4r_ranks_apart(&a, &b, apart), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "11 ranks (keep) of 12 users"), "%s", l4r_error_message());
  b.array[1].count++;
  l4r_bundle_free(&a);
  l4r_bundle_free(&b);
}
