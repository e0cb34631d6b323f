/* SPDX-License-Identifier: BSD-3-Clause */
/* Outputs that must not change unnoticed: texts in tests/golden/tables. */
#ifndef L4R_TESTS_SUPPORT_GOLDEN_H
#define L4R_TESTS_SUPPORT_GOLDEN_H

/* Asserts that `text` is that of tests/golden/tables/NAME, or says in which line they part. With
 * L4R_GOLDEN=write in the environment it is written there instead. */
void test_golden(const char *name, const char *text);

#endif
