/* SPDX-License-Identifier: BSD-3-Clause */
/* Who gains: how much more often arm A hits than arm B, by group of users, because a mean over all
 * users hides who is served well. */
#ifndef L4R_BENCH_REPORT_USERS_H
#define L4R_BENCH_REPORT_USERS_H

#include "bench/report/inner.h"

/* Puts the section on the page. B is the most accurate simple recommender, or the least accurate
 * arm where there is none. A gain is the mean over a group's users of (A hits - B hits) at depth 10
 * with seen items masked, in percentage points, with the 95 % interval of a mean of paired
 * differences (normal). Groups are those of bench/derive/user_groups.h; arms whose samples lack
 * them are left out. L4R_ENVIRONMENT without memory, L4R_INPUT for damaged samples. */
int l4r_report_users(struct l4r_report *report);

/* The gain of A over B for the users whose place[] is `group`; all users with group -1. Ranks above
 * 10 and below 1 are misses. NaN without users; no interval with fewer than 30. Also used by tests.
 */
struct l4r_shown l4r_gain_of(const int64_t *a, const int64_t *b, const int64_t *place,
                             int64_t users, int64_t group);

#endif
