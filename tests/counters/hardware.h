/* SPDX-License-Identifier: BSD-3-Clause */
/* Sessions on the machine's own counters, around work whose counts are known. Everything asserts.
 */
#ifndef L4R_TESTS_COUNTERS_HARDWARE_H
#define L4R_TESTS_COUNTERS_HARDWARE_H

#include "bench/counters/pmu.h"

/* Skips the test where the kernel shows no counters of a processor, or not to this user. */
void test_needs_pmu(void);

/* Runs two instructions a turn, and no memory. */
enum { A_TURN = 2 };
void test_pmu_turn(uint64_t turns);

/* A session of up to L4R_PMU_GROUPS groups' texts, on the calling thread. */
struct l4r_pmu_session *test_pmu_session(const char *const *text, int groups);
/* A counter by name, until the next call; the second its value, which must be of that source. */
const struct l4r_pmu_value *test_pmu_find(const struct l4r_pmu_session *session, int group,
                                          const char *name);
double test_pmu_counted(const struct l4r_pmu_session *session, int group, const char *name,
                        enum l4r_pmu_source source);

/* Prints what was counted, which must be within the share of what is wanted. */
void test_pmu_near(const char *what, double got, double want, double share);

#endif
