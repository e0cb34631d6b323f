/* SPDX-License-Identifier: BSD-3-Clause */
/* A processor that plays what this machine cannot. Event Kn counts n for every unit of work; the
 * calibration loop is a unit. A thread runs one set at a time, as PAPI has it. Everything asserts.
 */
#ifndef L4R_TESTS_COUNTERS_FAKE_PMU_H
#define L4R_TESTS_COUNTERS_FAKE_PMU_H

#include "bench/counters/pmu.h"

/* What it answers where it does not start, or is not read. */
enum { TEST_FAKE_REFUSED = -9 };

extern struct test_fake_pmu {
  const char *component;
  int open_fails, registers, silent; /* event `silent` reads 0 */
  int starts_left, stops_left;       /* until they fail; 0: never */
  int wraps;                         /* event whose count comes back negative */
  int calibrating, dead;             /* event `dead` reads 0 once calibration is over */
  long long work;
} test_fake;

/* The text of a group with events a to e, of which e stands in for one that nobody knows, and two
 * metrics. */
extern const char test_fake_five[];

/* Opens a session of up to four groups' texts on a processor with that many registers. */
struct l4r_pmu_session *test_fake_session(const char *const *text, int groups, int registers,
                                          struct l4r_team *team);
/* Counts while so many units of work are done, the sets taking turns between them. */
void test_fake_serve(struct l4r_pmu_session *session, int units);
/* A counter by name, until the next call. */
const struct l4r_pmu_value *test_fake_find(const struct l4r_pmu_session *session, int group,
                                           const char *name);
/* The first group's counter of that name counted this much, or is absent with those words. */
void test_fake_counts(const struct l4r_pmu_session *session, const char *name, double want);
void test_fake_absent(const struct l4r_pmu_session *session, const char *name, const char *why);

#endif
