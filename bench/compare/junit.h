/* SPDX-License-Identifier: BSD-3-Clause */
/* A gate's verdicts for those who run it: as a file of test results, and as GitHub shows them. */
#ifndef L4R_BENCH_COMPARE_JUNIT_H
#define L4R_BENCH_COMPARE_JUNIT_H

#include "bench/compare/gate.h"

/* Writes the rows as JUnit XML, a test case each: a failure where the gate fails, skipped where it
 * is UNDECIDED. `noisy` (NULL: the gate could tell) stands as an error of a case "gate", beside
 * rows that are skipped then. What XML 1.0 cannot hold of a name, such as control characters,
 * becomes '?'. The file replaces an older one as a whole. */
int l4r_compare_junit(const struct l4r_compare_table *table, int strict, const char *noisy,
                      const char *path);

/* Prints GitHub's workflow commands, which become annotations: an error for each row that fails and
 * for `noisy`, a warning for each that is UNDECIDED, a notice where all is well. Appends the table
 * in Markdown to the file that the environment names in GITHUB_STEP_SUMMARY, where it does. */
int l4r_compare_github(const struct l4r_compare_table *table, const struct l4r_gate *gate,
                       int strict, const char *noisy, FILE *stream);

#endif
